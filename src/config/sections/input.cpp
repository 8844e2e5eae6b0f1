// Keys of [input].

#include <algorithm>
#include <array>
#include <string_view>

#include "clv/config/config.hpp"
#include "clv/data/tables/customer_columns.hpp"
#include "config/key_kinds.hpp"
#include "sections.hpp"

namespace clv {

namespace {

constexpr std::array summary_columns{"frequency", "recency",   "T",      "monetary_value",
                                     "weight",    "customers", "cohort", "period"};

constexpr std::string_view what_returns_do =
    "take negative revenue too, as money paid back: features.csv and cohorts.csv are net of it; values and "
    "forecasts stay those of purchases before refunds, but for refunds of the same day";

bool is_customer_column(std::string_view name) {
    if (std::ranges::find(summary_columns, name) != summary_columns.end()) {
        return true;
    }
    const std::vector<std::string> names = customer_column_names();
    return survival_month(name) > 0 || std::ranges::find(names, name) != names.end();
}

/// Shown and suggested; one name stands for the months of the curve.
std::vector<std::string> mappable_columns() {
    std::vector<std::string> names = customer_column_names();
    names.emplace_back("survival_1");
    names.insert(names.end(), summary_columns.begin(), summary_columns.end());
    return names;
}

}  // namespace

Section<RunConfig> input_section() {
    using namespace kinds;
    using C = RunConfig;
    return {
        "input",
        "Where the customers come from, and how the file's columns become ours.",
        {
            path({.name = "input.customers", .meaning = "customers file (CSV)"},
                 at<&C::input, &InputSettings::customers>),
            path({.name = "input.summary",
                  .meaning =
                      "purchase histories (CSV) of customers without a contract, instead of customers: frequency, "
                      "recency, T[, customer_id, monetary_value, weight, segment]; for clv fit of sbg or bdw renewals: "
                      "period, customers[, cohort, segment], or recency, T[, segment, weight]"},
                 at<&C::input, &InputSettings::summary>),
            paths({.name = "input.transactions",
                   .meaning = "transactions files (CSV, or CDNOW's fixed width) of customers without a contract"},
                  at<&C::input, &InputSettings::transactions>),
            choice({.name = "input.schema", .meaning = "what the columns of transactions are called"},
                   at<&C::transactions, &TransactionSettings::schema>,
                   {{"generic", TransactionSchema::generic},
                    {"online_retail", TransactionSchema::online_retail},
                    {"cdnow", TransactionSchema::cdnow}}),
            choice(
                {.name = "input.date_format",
                 .meaning = "order of days in transactions: 2011-12-09 or 20111209, 12/9/2011, 9/12/2011; a time and "
                            "an offset behind them are left out"},
                at<&C::transactions, &TransactionSettings::date_format>,
                {{"iso", DateFormat::iso},
                 {"month_first", DateFormat::month_first},
                 {"day_first", DateFormat::day_first}}),
            day_range(
                {.name = "input.dates_between",
                 .meaning =
                     "first and last day of purchases; rows outside have a fault. Absent: 1900-01-01 to 2099-12-31, "
                     "and a file with days outside, or decades away from all others, is refused unless input.on_fault "
                     "is \"reject_rows\" and rejects the rows outside"},
                at<&C::transactions, &TransactionSettings::dates_between>),
            boolean({.name = "input.keep_cancellations",
                     .meaning = "online_retail: take invoices that begin with C too, at their negative revenue"},
                    at<&C::transactions, &TransactionSettings::keep_cancellations>),
            boolean({.name = "input.keep_returns", .meaning = what_returns_do},
                    at<&C::transactions, &TransactionSettings::keep_returns>),
            boolean({.name = "input.keep_zero_revenue",
                     .meaning = "take transactions without revenue; absent: yes, but not of online_retail"},
                    at<&C::transactions, &TransactionSettings::keep_zero_revenue>),
            boolean({.name = "input.keep_duplicates",
                     .meaning = "take rows that repeat another byte for byte; false where files overlap"},
                    at<&C::transactions, &TransactionSettings::keep_duplicates>),
            integer({.name = "input.memory_mb",
                     .meaning = "buffer in which transactions are sorted; what does not fit is set aside on disk",
                     .unit = "MiB",
                     .statistical = false},
                    at<&C::transactions, &TransactionSettings::memory_mb>, 1, 1 << 20),
            path({.name = "input.model",
                  .meaning = "fitted models of purchases and spend, or of contracts (model.json)"},
                 at<&C::input, &InputSettings::model>),
            path({.name = "input.learner", .meaning = "what clv learn has learned of churn (learner.json)"},
                 at<&C::input, &InputSettings::learner>),
            texts_by_name({.name = "input.columns", .meaning = "the file's name of our column NAME"},
                          at<&C::input, &InputSettings::columns>, mappable_columns(), is_customer_column, true),
            texts_by_name(
                {.name = "input.defaults", .meaning = "value of column NAME where the file does not have the column"},
                at<&C::input, &InputSettings::defaults>, mappable_columns(), is_customer_column, false),
            texts({.name = "input.segment_by",
                   .meaning =
                       "columns combined with \" | \" into the segment; absent: the column segment, if there is one"},
                  at<&C::input, &InputSettings::segment_by>),
            choice({.name = "input.on_fault",
                    .meaning =
                        "what a row with a fault does: refuse the file (exit 3, nothing is written; if absent, for "
                        "customers and summaries), or be rejected alone (rejects.csv; if absent, for transactions)"},
                   at<&C::input, &InputSettings::on_fault>,
                   {{"refuse", OnFault::refuse}, {"reject_rows", OnFault::reject_rows}}),
            number({.name = "input.max_rejected",
                    .meaning = "share of the rows read that may have a fault, whatever input.on_fault says",
                    .statistical = false},
                   at<&C::input, &InputSettings::max_rejected>, Range{.low = 0.0, .high = 1.0}),
        }};
}

}  // namespace clv
