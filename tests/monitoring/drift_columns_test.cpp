#include "clv/monitoring/drift/columns.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include "clv/core/errors.hpp"
#include "clv/monitoring/drift/effect_size.hpp"
#include "clv/monitoring/drift/ks.hpp"

namespace clv {
namespace {

constexpr double missing = std::numeric_limits<double>::quiet_NaN();

/// Two samples of features that are independent and normal, the first of which moves.
class Features {
  public:
    Features(std::size_t features, std::size_t size) : samples_(2 * features, std::vector<double>(size)) {}

    std::vector<ColumnDrift> compare(std::mt19937_64& engine, double shift) {
        std::vector<SampledColumn> columns;
        for (std::size_t k = 0; k < samples_.size(); k += 2) {
            std::normal_distribution<double> before;
            std::normal_distribution<double> now(k == 0 ? shift : 0.0, 1.0);
            std::ranges::generate(samples_[k], [&] { return before(engine); });
            std::ranges::generate(samples_[k + 1], [&] { return now(engine); });
            columns.push_back({"f" + std::to_string(k / 2), NumberSamples{samples_[k], samples_[k + 1]}});
        }
        return compare_columns(columns, {});
    }

  private:
    std::vector<std::vector<double>> samples_;
};

TEST(DriftOfColumns, FalseDiscoveriesAreAtTheirLevel) {
    std::mt19937_64 engine(41);
    Features features(20, 1'000);
    constexpr int repetitions = 500;
    int flagged = 0;  // runs with a finding, all of which are false
    for (int repetition = 0; repetition < repetitions; ++repetition) {
        flagged += std::ranges::any_of(features.compare(engine, 0.0), &ColumnDrift::drifts) ? 1 : 0;
    }
    const double share = flagged / double{repetitions};
    const double error = std::sqrt(0.05 * 0.95 / repetitions);
    EXPECT_LE(share, 0.05 + 3.0 * error);
    EXPECT_GE(share, 0.05 - 3.0 * error);
}

TEST(DriftOfColumns, OneThatMovedIsFoundAndHardlyAnyOther) {
    std::mt19937_64 engine(42);
    Features features(20, 2'000);
    constexpr int repetitions = 500;
    int found = 0;
    int others = 0;
    for (int repetition = 0; repetition < repetitions; ++repetition) {
        const std::vector<ColumnDrift> drifts = features.compare(engine, 0.5);
        found += drifts[0].drifts ? 1 : 0;
        others +=
            std::any_of(drifts.begin() + 1, drifts.end(), [](const ColumnDrift& of) { return of.drifts; }) ? 1 : 0;
    }
    EXPECT_EQ(found, repetitions);
    EXPECT_LE(others, repetitions * 12 / 100);
}

/// Samples that a sort by digits may get wrong.
std::vector<std::vector<double>> awkward_samples() {
    std::mt19937_64 engine(43);
    std::vector<std::vector<double>> samples;
    const auto add = [&](auto draw) {
        for (const std::size_t size : {5'000, 3'001}) {
            std::vector<double> values(size);
            std::ranges::generate(values, draw);
            samples.push_back(std::move(values));
        }
    };
    add([&] { return std::normal_distribution<double>(0.0, 1e3)(engine); });
    add([&] { return std::exp(std::normal_distribution<double>(0.0, 100.0)(engine)) * (engine() % 2 == 0 ? 1 : -1); });
    add([&] { return 1e9 + 1e-6 * static_cast<double>(engine() % 100'000); });
    add([&] { return engine() % 50 == 0 ? 1e100 : 1.0 + 1e-15 * static_cast<double>(engine() % 1'000); });
    add([&] { return engine() % 3 == 0 ? -0.0 : 0.0; });
    add([&] { return static_cast<double>(engine() % 4) - 2.0; });
    add([&] { return 7.5; });
    return samples;
}

TEST(DriftOfColumns, IsThatOfEachColumnSorted) {
    const std::vector<std::vector<double>> samples = awkward_samples();
    std::vector<SampledColumn> columns;
    for (std::size_t k = 0; k < samples.size(); k += 2) {
        columns.push_back({"c" + std::to_string(k), NumberSamples{samples[k], samples[k + 1]}});
    }
    const std::vector<ColumnDrift> drifts = compare_columns(columns, {});
    for (std::size_t k = 0; k < columns.size(); ++k) {
        std::vector<double> before = samples[2 * k];
        std::vector<double> now = samples[2 * k + 1];
        std::ranges::sort(before);
        std::ranges::sort(now);
        const KsTest test = ks_test(before, now);
        EXPECT_EQ(drifts[k].statistic, test.statistic) << k;
        EXPECT_EQ(drifts[k].p_value, test.p_value) << k;
        EXPECT_EQ(drifts[k].psi.value, psi_of_numbers(before, now).value) << k;
        EXPECT_GE(drifts[k].adjusted_p_value, drifts[k].p_value);
    }
}

TEST(DriftOfColumns, NeitherThreadsNorRowsShow) {
    std::vector<std::vector<double>> samples = awkward_samples();
    const auto compare = [&](int threads) {
        std::vector<SampledColumn> columns;
        for (std::size_t k = 0; k < samples.size(); k += 2) {
            columns.push_back({"c", NumberSamples{samples[k], samples[k + 1]}});
        }
        return compare_columns(columns, {.threads = threads});
    };
    const std::vector<ColumnDrift> one = compare(1);
    for (std::vector<double>& sample : samples) {
        std::ranges::reverse(sample);
    }
    const std::vector<ColumnDrift> three = compare(3);
    for (std::size_t k = 0; k < one.size(); ++k) {
        EXPECT_EQ(one[k].p_value, three[k].p_value);
        EXPECT_EQ(one[k].psi.p_value, three[k].psi.p_value);
        EXPECT_EQ(std::isnan(one[k].difference.se), std::isnan(three[k].difference.se));
        EXPECT_TRUE(one[k].difference.se == three[k].difference.se || std::isnan(one[k].difference.se)) << k;
    }
}

TEST(DriftOfColumns, CategoriesAndWhatIsMissing) {
    std::vector<double> before(1'000);
    std::vector<double> now(1'000);
    for (std::size_t i = 0; i < before.size(); ++i) {
        before[i] = static_cast<double>(i * 7 % 1'000);
        now[i] = i % 10 == 0 ? missing : static_cast<double>(i * 3 % 1'000);
    }
    std::vector<std::uint32_t> codes(1'000);
    std::vector<std::uint32_t> codes_now(1'000);
    for (std::size_t i = 0; i < codes.size(); ++i) {
        codes[i] = i % 3 == 0 ? 1 : 0;
        codes_now[i] = i % 2 == 0 ? 1 : 0;
    }
    const std::vector<double> blank(1'000, missing);
    const std::vector<SampledColumn> columns{{"missing", NumberSamples{before, now}},
                                             {"plan", CategorySamples{codes, codes_now, 2}},
                                             {"same", CategorySamples{codes, codes, 2}},
                                             {"blank", NumberSamples{blank, blank}},
                                             {"filled", NumberSamples{blank, before}}};
    const std::vector<ColumnDrift> drifts = compare_columns(columns, {});
    EXPECT_LT(drifts[0].statistic, 0.02);  // what is there has not moved, but a tenth is missing
    EXPECT_EQ(drifts[0].missing_current, 100U);
    EXPECT_EQ(
        drifts[0].p_value,
        2.0 * compare_categories(std::vector<std::uint64_t>{1'000, 0}, std::vector<std::uint64_t>{900, 100}).p_value);
    EXPECT_TRUE(drifts[0].drifts);
    EXPECT_TRUE(drifts[1].drifts);
    EXPECT_FALSE(drifts[1].is_number);
    EXPECT_NEAR(drifts[1].psi.value, (0.5 - 0.334) * std::log(0.5 / 0.334) + (0.5 - 0.666) * std::log(0.5 / 0.666),
                1e-12);
    EXPECT_EQ(drifts[2].p_value, 1.0);
    EXPECT_EQ(drifts[3].p_value, 1.0);
    EXPECT_TRUE(drifts[4].drifts);
    EXPECT_TRUE(std::isnan(drifts[4].difference.value));
}

TEST(DriftOfColumns, RefusesWhatCannotBeCompared) {
    const std::vector<double> some{1.0, 2.0};
    const std::vector<double> infinite{1.0, std::numeric_limits<double>::infinity()};
    const std::vector<std::uint32_t> codes{0, 2};
    const auto compare = [](const SampledColumn& column) {
        return compare_columns(std::vector<SampledColumn>{column}, {});
    };
    EXPECT_THROW((void)compare({"a", NumberSamples{some, {}}}), InputError);
    EXPECT_THROW((void)compare({"a", NumberSamples{some, infinite}}), InputError);
    EXPECT_THROW((void)compare({"a", CategorySamples{codes, codes, 2}}), InputError);
    EXPECT_THROW((void)compare_columns({}, {.level = 0.0}), ConfigError);
    EXPECT_TRUE(compare_columns({}, {}).empty());
}

}  // namespace
}  // namespace clv
