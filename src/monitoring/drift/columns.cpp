#include "clv/monitoring/drift/columns.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "clv/core/errors.hpp"
#include "clv/core/parallel.hpp"
#include "clv/core/progress.hpp"
#include "clv/monitoring/drift/effect_size.hpp"
#include "clv/monitoring/drift/ks.hpp"
#include "monitoring/drift/parted.hpp"
#include "monitoring/drift/sort_numbers.hpp"

namespace clv {

namespace {

/// What a thread keeps from one column to the next.
struct ColumnSpace {
    std::vector<double> baseline;
    std::vector<double> current;
    SortSpace sort;
    std::array<std::vector<std::uint64_t>, 2> counts;
};

void check_size(const std::string& name, std::size_t baseline, std::size_t current) {
    if (std::min(baseline, current) == 0 || std::max(baseline, current) > most_customers) {
        throw InputError(
            fmt::format("column {} has {} rows in the baseline and {} in the current sample: either needs "
                        "1 to {}",
                        name, baseline, current, most_customers));
    }
}

/// Takes the numbers that are not missing, in ascending order.
void take_numbers(const std::string& name, std::span<const double> sample, std::vector<double>& numbers,
                  SortSpace& space) {
    numbers.resize(sample.size());
    std::size_t count = 0;
    bool finite = true;
    for (const double value : sample) {
        numbers[count] = value;
        count += value == value ? 1 : 0;
        finite = finite && !(std::abs(value) > std::numeric_limits<double>::max());
    }
    if (!finite) {
        const auto at = std::ranges::find_if(sample, [](double value) { return std::isinf(value); });
        throw InputError(fmt::format("column {} has the value {} in row {}: numbers have to be finite, or missing",
                                     name, *at, at - sample.begin() + 1));
    }
    numbers.resize(count);
    sort_numbers(numbers, space);
}

void compare_numbers(const NumberSamples& samples, const DriftSettings& settings, ColumnSpace& space,
                     ColumnDrift& drift) {
    check_size(drift.name, samples.baseline.size(), samples.current.size());
    take_numbers(drift.name, samples.baseline, space.baseline, space.sort);
    take_numbers(drift.name, samples.current, space.current, space.sort);
    drift.missing_baseline = samples.baseline.size() - space.baseline.size();
    drift.missing_current = samples.current.size() - space.current.size();
    drift.difference = standardised_difference(space.baseline, space.current);
    const bool has_numbers = !space.baseline.empty() && !space.current.empty();
    if (has_numbers) {
        const KsTest test = ks_test(space.baseline, space.current);
        drift.statistic = test.statistic;
        drift.p_value = test.p_value;
        drift.psi = psi_of_numbers(space.baseline, space.current,
                                   {.bins = settings.bins, .level = settings.level, .seed = settings.seed});
    }
    if (drift.missing_baseline + drift.missing_current > 0) {
        const std::array<std::uint64_t, 2> before{space.baseline.size(), drift.missing_baseline};
        const std::array<std::uint64_t, 2> now{space.current.size(), drift.missing_current};
        const double p_missing = compare_categories(before, now, {.seed = settings.seed}).p_value;
        drift.p_value = has_numbers ? std::min(1.0, 2.0 * std::min(drift.p_value, p_missing)) : p_missing;
    }
}

void compare_codes(const CategorySamples& samples, const DriftSettings& settings, ColumnSpace& space,
                   ColumnDrift& drift) {
    check_size(drift.name, samples.baseline.size(), samples.current.size());
    const auto count = [&](std::span<const std::uint32_t> codes, std::vector<std::uint64_t>& counts) {
        counts.assign(samples.categories, 0);
        for (const std::uint32_t code : codes) {
            if (code >= samples.categories) {
                throw InputError(fmt::format("column {} has code {} and {} categories: codes are below their number",
                                             drift.name, code, samples.categories));
            }
            ++counts[code];
        }
    };
    count(samples.baseline, space.counts[0]);
    count(samples.current, space.counts[1]);
    const CategoryTest test = compare_categories(space.counts[0], space.counts[1], {.seed = settings.seed});
    drift.is_number = false;
    drift.statistic = test.cramers_v;
    drift.p_value = test.p_value;
    drift.psi = psi_of_categories(space.counts[0], space.counts[1], {.level = settings.level, .seed = settings.seed});
    constexpr double not_defined = std::numeric_limits<double>::quiet_NaN();
    drift.difference = {"standardised_difference", "sd", not_defined, not_defined, not_defined, not_defined, ""};
}

}  // namespace

std::vector<ColumnDrift> compare_columns(std::span<const SampledColumn> columns, const DriftSettings& settings) {
    if (!(settings.level > 0.0 && settings.level < 1.0)) {
        throw ConfigError(fmt::format("drift has level {}: give one between 0 and 1 (level)", settings.level));
    }
    std::vector<ColumnDrift> drifts(columns.size());
    std::vector<ColumnSpace> spaces(static_cast<std::size_t>(thread_count(settings.threads)));
    for_each_block(settings.threads, columns.size(), [&](std::size_t slot, std::size_t k) {
        throw_if_interrupted();
        drifts[k].name = columns[k].name;
        if (const auto* numbers = std::get_if<NumberSamples>(&columns[k].samples)) {
            compare_numbers(*numbers, settings, spaces[slot], drifts[k]);
        } else {
            compare_codes(std::get<CategorySamples>(columns[k].samples), settings, spaces[slot], drifts[k]);
        }
    });
    std::vector<double> p_values(drifts.size());
    std::ranges::transform(drifts, p_values.begin(), &ColumnDrift::p_value);
    const std::vector<double> adjusted = adjusted_p_values(p_values, settings.method);
    for (std::size_t k = 0; k < drifts.size(); ++k) {
        drifts[k].adjusted_p_value = adjusted[k];
        drifts[k].drifts = adjusted[k] <= settings.level;
    }
    return drifts;
}

}  // namespace clv
