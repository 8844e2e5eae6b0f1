#include "clv/population/purchases_read.hpp"

#include <fmt/format.h>

#include <map>
#include <set>
#include <string_view>
#include <utility>

#include "clv/core/errors.hpp"
#include "clv/data/filters/filter.hpp"
#include "clv/data/readers/csv_reader.hpp"
#include "clv/data/readers/summary_reader.hpp"

namespace clv {

namespace {

FeatureColumn numeric(std::string name, const std::vector<double>& values) {
    FeatureColumn column;
    column.name = std::move(name);
    column.numbers = values;
    return column;
}

/// Names of columns in the actions' filters.
std::set<std::string> filtered_columns(const std::vector<Action>& actions) {
    std::set<std::string> names;
    for (const Action& action : actions) {
        try {
            for (std::string& name : Filter::parse(action.eligible).columns()) {
                names.insert(std::move(name));
            }
        } catch (const ConfigError&) {
            continue;  // eligible_actions() says what is wrong with it
        }
    }
    return names;
}

/// What the rules did, as notes.
void note_rules(ValidationReport& report) {
    const std::map<std::string_view, std::string_view> what{{"missing_customer", "without a customer"},
                                                            {"cancellations", "of cancelled invoices"},
                                                            {"returns", "of negative revenue"},
                                                            {"zero_revenue", "without revenue"},
                                                            {"duplicates", "that repeat another"}};
    for (const RuleCount& rule : report.rules) {
        if (rule.rows > 0) {
            report.notes.push_back(fmt::format("{} row{} {} {}{}", rule.rows, rule.rows == 1 ? "" : "s",
                                               what.at(rule.rule), rule.left_out ? "left out" : "kept",
                                               rule.key.empty() ? "" : fmt::format(" ({})", rule.key)));
        }
    }
}

/// Says what was paid back on days that are no purchase; warns where it is much.
void note_refunds(const PurchaseHistory& history, const TransactionSettings& settings, ValidationReport& report) {
    constexpr double much = 0.05;
    const double share = history.paid_back / history.purchased;
    if (!(history.paid_back > 0.0 && history.purchased > 0.0)) {
        return;
    }
    std::string text = fmt::format(
        "{:.2f} was paid back on days without a purchase, {:.3g}% of what purchases brought ({}): features.csv and "
        "cohorts.csv are net of it; values, forecasts and what is held out are not",
        history.paid_back, 100.0 * share, settings.keep_returns ? "input.keep_returns" : "input.keep_cancellations");
    if (share > much) {
        text += "; a margin lower by that share (input.defaults.margin) takes it off values";
        report.warnings.push_back(std::move(text));
    } else {
        report.notes.push_back(std::move(text));
    }
}

}  // namespace

void require_one_input(const InputSettings& input) {
    const int named =
        (input.customers.empty() ? 0 : 1) + (input.summary.empty() ? 0 : 1) + (input.transactions.empty() ? 0 : 1);
    if (named > 1) {
        throw ConfigError("more than one of input.customers, input.transactions and input.summary is given: name one");
    }
    if (named == 0) {
        throw ConfigError(
            "no input is named: give input.transactions or input.summary in the configuration or by --set");
    }
}

PurchasesRead read_purchases(const PurchaseSources& sources, Progress& progress, const RejectSink& reject) {
    const InputSettings& input = sources.input;
    require_one_input(input);
    PurchasesRead read;
    if (!input.summary.empty()) {
        if (sources.observation.holdout) {
            throw ConfigError(
                "fit.holdout needs transactions, and a summary does not have them: name input.transactions");
        }
        CsvReader reader = open_csv(input.summary, input.tables);
        SummaryRead of_file = read_purchase_summary(reader, input.columns, sources.observation.time_unit, reject,
                                                    sources.covariates, sources.time);
        read.report = std::move(of_file.report);
        read.history.summary = std::move(of_file.summary);
    } else {
        if (!sources.covariates.empty()) {
            throw ConfigError(
                "covariates are columns of a summary, and transactions do not have them: make summary.csv with `clv "
                "fit`, add the columns, and name it in input.summary");
        }
        const std::vector<std::filesystem::path> files(input.transactions.begin(), input.transactions.end());
        PurchaseFeatureBuilder features(sources.observation.time_unit);
        TransactionSettings settings = sources.transactions;
        settings.tables = input.tables;
        settings.rejects_far_dates = input.on_fault == OnFault::reject_rows;
        TransactionsRead of_files = read_transactions(files, settings, sources.observation, progress, reject,
                                                      sources.with_features ? &features : nullptr);
        read.report = std::move(of_files.report);
        read.history = std::move(of_files.history);
        if (sources.with_features && read.history.summary.size() > 0) {
            read.features = std::move(features).finish();
        }
        note_rules(read.report);
        note_refunds(read.history, settings, read.report);
        if (const std::uint64_t refunded = read.history.refunded_only; refunded > 0) {
            read.report.notes.push_back(
                fmt::format("{} of the file never bought anything and {} paid back (input.keep_returns): no customer{}",
                            refunded == 1 ? "1 id" : fmt::format("{} ids", refunded), refunded == 1 ? "was" : "were",
                            refunded == 1 ? "" : "s"));
        }
    }
    return read;
}

void require_purchases(const PurchasesRead& read, const InputSettings& input, HistoryTime time) {
    require_accepted(read.report, input.fault_rule(), input.max_rejected);
    if (read.history.summary.size() == 0) {
        throw InputError(fmt::format("the rules leave no purchase of {} rows ({}): see input.schema and input.keep_..",
                                     read.report.rows_read, read.report.file));
    }
    check_histories(read.history.summary, time, read.report.file);
}

bool have_filters(const std::vector<Action>& actions) {
    return !filtered_columns(actions).empty();
}

CustomerTable customers_of(const PurchaseSummary& summary, const std::optional<PurchaseFeatures>& features,
                           const std::vector<Action>& actions) {
    CustomerTable customers;
    customers.customer_id = summary.customer_id;
    customers.segment = summary.segment;
    customers.segments = summary.segments;
    customers.content_hash = summary.content_hash;
    customers.features = {numeric("frequency", summary.frequency), numeric("recency", summary.recency),
                          numeric("T", summary.age)};
    if (!summary.monetary_value.empty()) {
        customers.features.push_back(numeric("monetary_value", summary.monetary_value));
    }
    customers.features.insert(customers.features.end(), summary.features.begin(), summary.features.end());
    if (!features) {
        return customers;
    }
    const std::set<std::string> wanted = filtered_columns(actions);
    for (const PurchaseFeature& feature : purchase_features()) {
        FeatureColumn& column = customers.features.emplace_back();
        column.name = feature.name;
        for (std::size_t i = 0; wanted.contains(feature.name) && i < features->size(); ++i) {
            column.numbers.push_back(feature(*features, i));
        }
    }
    FeatureColumn& cohort = customers.features.emplace_back();
    cohort.name = "cohort";
    cohort.categories = cohort_names(features->cohorts);
    for (std::size_t i = 0; i < features->size(); ++i) {
        cohort.codes.push_back(features->cohort(i));
    }
    return customers;
}

}  // namespace clv
