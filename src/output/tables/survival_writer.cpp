#include "clv/output/tables/survival_writer.hpp"

#include <algorithm>
#include <limits>

#include "clv/output/tables/csv_table.hpp"

namespace clv {

namespace {

constexpr double unknown = std::numeric_limits<double>::quiet_NaN();

/// hazard and its uncertainty, [period].
struct HazardColumns {
    std::vector<double> value;
    std::vector<double> se;
    std::vector<double> low;
    std::vector<double> high;

    HazardColumns(const KaplanMeier& estimate, std::size_t periods) {
        for (std::size_t period = 1; period <= estimate.months(); ++period) {
            const Estimate hazard = estimate.observed_hazard(period);
            value.push_back(hazard.value);
            se.push_back(hazard.se);
            low.push_back(hazard.low);
            high.push_back(hazard.high);
        }
        for (std::vector<double>* column : {&value, &se, &low, &high}) {
            column->resize(periods, unknown);
        }
    }
};

/// From survival: 1 - S(t) / S(t - 1).
std::vector<double> hazards_of(const std::vector<double>& survival) {
    std::vector<double> hazards;
    double before = 1.0;
    for (const double after : survival) {
        hazards.push_back(before > 0.0 ? 1.0 - after / before : unknown);
        before = after;
    }
    return hazards;
}

void append(CsvTable& table, const SurvivalRows& segment, bool has_model) {
    const KaplanMeier& estimate = *segment.estimate;
    const std::size_t periods = std::max(estimate.months(), segment.fitted.size());
    const auto filled = [&]<class T>(std::vector<T> column, T missing) {
        column.resize(periods, missing);
        return column;
    };
    const std::vector<std::string> name(periods, segment.segment);
    std::vector<std::uint64_t> month;
    for (std::size_t period = 1; period <= periods; ++period) {
        month.push_back(period * static_cast<std::uint64_t>(segment.period_months));
    }
    const auto at_risk = filled(estimate.at_risk, 0.0);
    const auto churned = filled(estimate.churned, std::uint64_t{0});
    const auto survival = filled(estimate.survival, unknown);
    const auto survival_se = filled(estimate.standard_error, unknown);
    const auto survival_low = filled(estimate.low, unknown);
    const auto survival_high = filled(estimate.high, unknown);
    const HazardColumns hazard(estimate, periods);
    const auto fitted_survival = filled(segment.fitted, unknown);
    const auto fitted_hazard = filled(hazards_of(segment.fitted), unknown);
    std::vector<CsvColumn> columns{{"segment", name},
                                   {"month", month},
                                   {"at_risk", at_risk},
                                   {"churned", churned},
                                   {"survival", survival},
                                   {"survival_se", survival_se},
                                   {"survival_low", survival_low},
                                   {"survival_high", survival_high},
                                   {"hazard", hazard.value},
                                   {"hazard_se", hazard.se},
                                   {"hazard_low", hazard.low},
                                   {"hazard_high", hazard.high}};
    if (has_model) {
        columns.push_back({"fitted_survival", fitted_survival});
        columns.push_back({"fitted_hazard", fitted_hazard});
    }
    table.append(periods, columns);
}

}  // namespace

void write_survival_csv(const std::filesystem::path& path, std::span<const SurvivalRows> segments) {
    const bool has_model = std::ranges::any_of(segments, [](const SurvivalRows& rows) { return !rows.fitted.empty(); });
    CsvTable table(path, "survival.csv");
    for (const SurvivalRows& segment : segments) {
        append(table, segment, has_model);
    }
    table.close();
}

}  // namespace clv
