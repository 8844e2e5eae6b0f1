#include "clv/output/tables/holdout_writer.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "clv/output/files.hpp"
#include "clv/output/tables/csv_table.hpp"

namespace clv {

namespace {

using nlohmann::ordered_json;

constexpr std::size_t pit_bins = 20;
constexpr int largest_group = 7;

std::vector<double> gather(const std::vector<ForecastScore>& scores, double ForecastScore::*member) {
    std::vector<double> values;
    values.reserve(scores.size());
    std::ranges::transform(scores, std::back_inserter(values), [member](const auto& score) { return score.*member; });
    return values;
}

/// The columns of one quantity, which must outlive the table.
struct Columns {
    const CustomerForecasts& of;
    std::string name;
    std::vector<double> actual = gather(of.scores, &ForecastScore::actual);
    std::vector<double> mean = gather(of.scores, &ForecastScore::mean);
    std::vector<double> low = gather(of.scores, &ForecastScore::low);
    std::vector<double> high = gather(of.scores, &ForecastScore::high);
    std::vector<double> pit = gather(of.scores, &ForecastScore::pit);
    std::vector<double> crps = gather(of.scores, &ForecastScore::crps);

    void add_to(std::vector<CsvColumn>& columns) const {
        columns.push_back({"actual_" + name, actual});
        columns.push_back({name + "_mean", mean});
        columns.push_back({name + "_q05", low});
        columns.push_back({name + "_q95", high});
        columns.push_back({name + "_pit", pit});
        columns.push_back({name + "_crps", crps});
        columns.push_back({"expected_" + name, of.closed_form});
        columns.push_back({"naive_" + name, of.naive});
    }
};

std::string quantile_name(double level) {
    return "q" + level_suffix(level);
}

ordered_json total_record(const TotalForecast& total, double actual) {
    ordered_json record{{"actual", actual}, {"mean", total.mean}, {"sd", total.sd}};
    for (std::size_t level = 0; level < holdout_quantiles.size(); ++level) {
        record[quantile_name(holdout_quantiles[level])] = total.quantiles[level];
    }
    record["pit"] = total.pit;
    record["crps"] = total.crps;
    return record;
}

double sum(const std::vector<double>& values) {
    double total = 0.0;
    for (const double value : values) {
        total += value;
    }
    return total;
}

/// total, total_without_calendar, coverage, crps.., pit of one quantity.
ordered_json quantity_record(const CustomerForecasts& of) {
    ordered_json record;
    record["total"] = total_record(of.total, of.actual);
    record["total"]["closed_form"] = sum(of.closed_form);
    record["total"]["naive"] = sum(of.naive);
    record["total_without_calendar"] =
        of.total_without_calendar ? total_record(*of.total_without_calendar, of.actual) : ordered_json();
    for (const double band : holdout_bands) {
        record["coverage"][fmt::format("{}", band)] = band_coverage(of.scores, band);
    }
    record["crps"] = mean_crps(of.scores);
    record["crps_closed_form"] = sum(of.closed_form_crps) / static_cast<double>(of.closed_form_crps.size());
    record["crps_naive"] = mean_absolute_error(of.naive, of.scores);
    record["mean_absolute_error"] = {
        {"forecast", mean_absolute_error(gather(of.scores, &ForecastScore::mean), of.scores)},
        {"closed_form", mean_absolute_error(of.closed_form, of.scores)},
        {"naive", mean_absolute_error(of.naive, of.scores)}};
    record["pit"] = pit_histogram(of.scores, pit_bins);
    return record;
}

}  // namespace

std::vector<FrequencyGroup> frequency_groups(const PurchaseSummary& summary, const CustomerForecasts& purchases) {
    std::vector<FrequencyGroup> groups(largest_group + 1);
    for (std::size_t i = 0; i < summary.size(); ++i) {
        const int frequency = static_cast<int>(std::min<double>(summary.frequency[i], largest_group));
        FrequencyGroup& group = groups[static_cast<std::size_t>(frequency)];
        ++group.customers;
        group.actual += purchases.scores[i].actual;
        group.mean += purchases.scores[i].mean;
        group.closed_form += purchases.closed_form[i];
        group.naive += purchases.naive[i];
    }
    for (int frequency = 0; frequency <= largest_group; ++frequency) {
        FrequencyGroup& group = groups[static_cast<std::size_t>(frequency)];
        group.frequency = frequency;
        group.and_more = frequency == largest_group;
        for (double* total : {&group.actual, &group.mean, &group.closed_form, &group.naive}) {
            *total /= static_cast<double>(group.customers);
        }
    }
    std::erase_if(groups, [](const FrequencyGroup& group) { return group.customers == 0; });
    return groups;
}

void write_holdout_csv(const std::filesystem::path& path, const HoldoutReport& report) {
    const PurchaseSummary& summary = report.summary;
    std::vector<CsvColumn> columns{{"customer_id", IdRange{summary.customer_id, 0, summary.size()}},
                                   {"frequency", summary.frequency},
                                   {"recency", summary.recency},
                                   {"T", summary.age}};
    const Columns purchases{report.comparison.purchases, "purchases"};
    purchases.add_to(columns);
    std::optional<Columns> spend;
    if (report.comparison.spend) {
        spend.emplace(Columns{*report.comparison.spend, "spend"});
        spend->add_to(columns);
    }
    write_csv_table(path, "holdout.csv", summary.size(), columns);
}

ordered_json holdout_record(const HoldoutReport& report) {
    const HoldoutComparison& comparison = report.comparison;
    ordered_json record;
    if (report.summary.observation_end) {
        record["calibration_end"] = fmt::format("{:%F}", *report.summary.observation_end);
    }
    record["holdout_end"] = fmt::format("{:%F}", report.last_day);
    record["weeks"] = comparison.weeks;
    record["customers"] = report.summary.size();
    record["paths"] = report.paths;
    record.update(quantity_record(comparison.purchases));
    record["seasonal_naive"] = nullptr;
    if (report.seasonal_naive) {
        ordered_json naive{{"median", report.seasonal_naive->median}};
        for (const double level : holdout_quantiles) {
            naive[quantile_name(level)] = report.seasonal_naive->quantile(level);
        }
        record["seasonal_naive"] = naive;
    }
    record["spend"] = comparison.spend ? quantity_record(*comparison.spend) : ordered_json();
    record["tracking"] = ordered_json::array();
    for (std::size_t week = 0; week < comparison.tracking.size(); ++week) {
        const TrackedWeek& tracked = comparison.tracking[week];
        ordered_json row{{"week", week + 1},
                         {"actual", tracked.actual},
                         {"mean", tracked.mean},
                         {"q05", tracked.low},
                         {"q95", tracked.high}};
        row["mean_without_calendar"] =
            tracked.mean_without_calendar ? ordered_json(*tracked.mean_without_calendar) : ordered_json();
        record["tracking"].push_back(row);
    }
    record["calibration"] = ordered_json::array();
    for (const FrequencyGroup& group : frequency_groups(report.summary, comparison.purchases)) {
        record["calibration"].push_back({{"frequency", group.frequency},
                                         {"and_more", group.and_more},
                                         {"customers", group.customers},
                                         {"actual", group.actual},
                                         {"mean", group.mean},
                                         {"closed_form", group.closed_form},
                                         {"naive", group.naive}});
    }
    ordered_json checked;  // every member is one of the file table
    for (const auto& [name, value] : record.items()) {
        checked[std::string(column_spec(file_spec("holdout.json"), name).name)] = value;
    }
    return checked;
}

}  // namespace clv
