#include "clv/output/files.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <utility>

#include "clv/core/json_text.hpp"
#include "clv/output/documents/formats.hpp"

namespace clv {

namespace {

constexpr bool optional = true;

/// Columns of one table after those of another.
template <std::size_t... Sizes>
constexpr auto joined(const ColumnSpec (&... parts)[Sizes]) {
    std::array<ColumnSpec, (Sizes + ...)> columns{};
    std::size_t next = 0;
    (std::ranges::for_each(parts, [&](const ColumnSpec& column) { columns[next++] = column; }), ...);
    return columns;
}

constexpr std::string_view rows_of_totals =
    "portfolio (everybody, or all who have not left), then every segment, then churned: who has left, where "
    "customers.churned keeps them out of the others";
constexpr std::string_view scale_of_totals =
    "scale: portfolio (everybody, or all who have not left), then every segment, then churned where that row is in "
    "portfolio.csv";

constexpr ColumnSpec customers[] = {
    {"customer_id", "text", "", "unique, without the blanks around it; the address of the customer's random numbers"},
    {"monthly_revenue", "number", "currency a month", "revenue of a month while a customer, >= 0"},
    {"churn_probability", "number", "a month",
     "probability of leaving within a month, in [0, 1]; or the survival columns", optional},
    {"survival_{month}", "number", "probability",
     "P(still a customer after the month), never increasing; months 1, 2, .. without a gap", optional},
    {"margin", "number", "share of revenue", "what is left of revenue after its own cost; 1 if absent", optional},
    {"retention_cost", "number", "currency a month", "cost of a month while a customer; 0 if absent", optional},
    {"acquisition_cost", "number", "currency",
     "paid today to win the customer; 0 if absent. Leave it out for customers already won: it is sunk", optional},
    {"revenue_growth", "number", "a year", "expected growth of revenue as a fraction; 0 if absent", optional},
    {"revenue_volatility", "number", "per square root of a year",
     "log standard deviation of the customer's own revenue; 0 if absent", optional},
    {"market_beta", "number", "", "loading of revenue on the market factor; 1 if absent", optional},
    {"tenure_months", "number", "months", "time as a customer so far, in [0, 12000]; absent: everybody is new",
     optional},
    {"observed_from_months", "number", "months",
     "tenure when observation began, in [0, tenure_months]: who had left by then would not be in the file; 0 if absent",
     optional},
    {"churned", "0 or 1", "",
     "1 (yes, true): has left; is fitted on, and valued as if still there: see customers.churned; 0 (no, false) "
     "otherwise",
     optional},
    {"segment", "text", "", "group that is reported on its own", optional},
    {"contract", "text", "", "generated worlds: Month-to-month, One year or Two year", optional},
    {"support_calls", "integer", "calls", "generated worlds: before the window of generate.window_months", optional},
    {"monthly_charges", "number", "currency a month", "generated worlds: list price", optional},
    {"{feature}", "text", "", "every other column is kept as a feature, for segments and filters", optional},
};

constexpr ColumnSpec transactions[] = {
    {"customer_id", "text", "", "kept byte for byte; the address of the customer's random numbers"},
    {"order_date", "date", "", "in the order of input.date_format; a time of day may follow"},
    {"revenue", "number", "currency", "of the transaction"},
};

constexpr ColumnSpec truth[] = {
    {"customer_id", "text", "", "as in customers.csv or transactions.csv"},
    {"segment", "text", "", "subscription: as in customers.csv", optional},
    {"hazard_month_1", "number", "a month", "subscription: true churn hazard of the first month", optional},
    {"churn_probability", "number", "probability",
     "subscription: planted probability of having churned in the window of generate.window_months", optional},
    {"clv_mean", "number", "currency", "subscription: true expected customer lifetime value without any action",
     optional},
    {"uplift_{action}", "number", "currency", "subscription: true expected profit of the action against doing nothing",
     optional},
    {"first_purchase", "date", "", "retail: day of the first purchase", optional},
    {"rate", "number", "purchases a week", "retail: while a customer, at calendar factor 1", optional},
    {"dropout", "number", "probability", "retail: of leaving after a repeat purchase", optional},
    {"mean_spend", "number", "currency", "retail: expected spend of a purchase", optional},
    {"alive", "0 or 1", "", "retail: whether still a customer after the last day", optional},
    {"expected_purchases", "number", "purchases",
     "retail: expected within simulation.horizon_months after the last day, at calendar factor 1", optional},
};

constexpr ColumnSpec rejects[] = {
    {"line", "integer", "", "physical line of the input at which the row begins; the first is 1"},
    {"reason", "text", "", "every fault of the row, with its column"},
    {"row", "text", "", "the row as it stands in the file"},
};

constexpr ColumnSpec validation[] = {
    {"file", "text", "", "the file that was read"},
    {"rows_read", "integer", "rows", "rows below the header"},
    {"rows_accepted", "integer", "rows", "rows without a fault"},
    {"rows_rejected", "integer", "rows", "rows with a fault"},
    {"fault_counts", "object", "faults", "number of faults by kind; kinds that do not occur are left out"},
    {"faults", "list", "",
     "the first faults of rows: kind, line, column_number, column, customer_id, value, problem, remedy"},
    {"structural_fault", "object", "", "a fault of the whole file, at which reading stopped; null if there is none"},
    {"hint", "text", "", "what would read the rows with a fault, as far as that can be told from them"},
    {"warnings", "list", "", "what is probably wrong, and taken as it is"},
    {"notes", "list", "", "what is worth knowing but not wrong"},
    {"rules", "list", "",
     "of transactions: rows without a fault by the first rule that they fall under (missing_customer, cancellations, "
     "returns, zero_revenue, duplicates), whether they are left out, and the key that decides",
     optional},
};

constexpr ColumnSpec clv_id[] = {
    {"customer_id", "text", "", "as in the input, in the order of the input"},
};

constexpr ColumnSpec clv_figures[] = {
    {"clv_mean", "number", "currency", "expected net present value of margin minus costs over the horizon"},
    {"clv_se", "number", "currency", "standard error of clv_mean from the number of paths"},
    {"clv_sd", "number", "currency", "standard deviation of value over paths"},
    {"clv_q{level}", "number", "currency", "quantile of value; the low end is the bad end"},
    {"clv_cvar{level}", "number", "currency", "mean of the worst share of values"},
    {"prob_loss", "number", "probability", "P(value < 0)"},
    {"rank", "integer", "",
     "1 is the highest clv_mean; ties by customer_id; empty for who has left, with customers.churned = separate"},
    {"expected_lifetime_months", "number", "months", "mean number of paid months within the horizon"},
    {"segment", "text", "", "segment of the customer", optional},
    {"churned", "0 or 1", "", "1: has left already; the figures are those of a customer who had not", optional},
    {"paths_used", "integer", "paths",
     "paths behind the customer's figures: simulation.paths, or more to meet simulation.target_se"},
};

constexpr auto clv = joined(clv_id, clv_figures);

constexpr ColumnSpec purchase_history[] = {
    {"customer_id", "text", "", "as in the input, or the number of the row where the input has none"},
    {"frequency", "number", "purchases", "purchase days after the first"},
    {"recency", "number", "fit.time_unit", "from the first to the last purchase"},
    {"T", "number", "fit.time_unit", "from the first purchase to the end of observation"},
    {"monetary_value", "number", "currency", "mean spend of the repeat purchases; 0 without any", optional},
};

constexpr ColumnSpec summary_features[] = {
    {"{feature}", "number", "", "covariates of the fit", optional},
};

constexpr auto summary = joined(purchase_history, summary_features);

constexpr ColumnSpec feature_columns[] = {
    {"cohort", "text", "", "month of the first purchase, as 2011-03"},
    {"since_last", "number", "fit.time_unit", "from the last purchase to the end of observation"},
    {"tenure_months", "number", "months of 365.25/12 days", "from the first purchase to the end of observation"},
    {"revenue", "number", "currency", "of all purchases, the first too, less what was paid back"},
    {"gap_mean", "number", "fit.time_unit", "mean time between purchase days; blank without two of them"},
    {"gap_sd", "number", "fit.time_unit", "its standard deviation (n - 1); blank without three purchase days"},
    {"gap_cv", "number", "",
     "coefficient of variation, gap_sd / gap_mean: 0 for a clockwork, about 1 for purchases at random, above 1 for "
     "bursts"},
    {"purchases_{days}d", "number", "purchases",
     "purchase days in the last 30, 90, 180 days, the last day of observation being one of them"},
    {"purchases_before_{days}d", "number", "purchases", "the same in as many days before these"},
    {"purchases_trend_{days}d", "number", "",
     "(now - before) / (now + before), from -1 to 1; blank without a purchase in both windows, or for customers who "
     "are younger than both"},
    {"revenue_{days}d", "number", "currency", "revenue of the same days"},
    {"revenue_before_{days}d", "number", "currency", "revenue of as many days before these"},
    {"revenue_trend_{days}d", "number", "", "as purchases_trend; blank too where a window is negative"},
};

constexpr auto features = joined(purchase_history, feature_columns);

constexpr ColumnSpec cohorts[] = {
    {"cohort", "text", "", "month of the first purchase, as 2011-03"},
    {"month", "integer", "months", "calendar months after it: 0 is that month itself"},
    {"customers", "integer", "customers", "of the cohort"},
    {"active", "integer", "customers", "those of them who bought in the month"},
    {"retention", "number", "share of the cohort", "active / customers"},
    {"revenue", "number", "currency", "of the cohort in the month, less what was paid back"},
    {"purchases", "integer", "purchases", "purchase days of the cohort in the month"},
    {"complete", "0 or 1", "", "0: observation ends before the month does"},
};

constexpr ColumnSpec predicted[] = {
    {"p_alive", "number", "probability", "P(still a customer), at the fitted parameters"},
    {"expected_purchases", "number", "purchases",
     "expected purchases within the horizon, in closed form at the fitted parameters, in weeks like the average of "
     "those fitted on (the figures of value have the calendar in them)"},
    {"expected_spend", "number", "currency", "mean spend of a future purchase; 1 without a spend model"},
};

constexpr auto predictions = joined(purchase_history, predicted, clv_figures);

constexpr ColumnSpec holdout[] = {
    {"customer_id", "text", "", "as in the input"},
    {"frequency", "number", "purchases", "purchase days after the first, up to the end of calibration"},
    {"recency", "number", "fit.time_unit", "from the first to the last purchase of calibration"},
    {"T", "number", "fit.time_unit", "from the first purchase to the end of calibration"},
    {"actual_purchases", "number", "purchases", "purchase days held out"},
    {"purchases_mean", "number", "purchases", "forecast: mean over paths"},
    {"purchases_q05", "number", "purchases", "forecast: 5% quantile"},
    {"purchases_q95", "number", "purchases", "forecast: 95% quantile"},
    {"purchases_pit", "number", "probability",
     "where the truth lies in the forecast, drawn between P(X < truth) and P(X <= truth): uniform if forecasts are "
     "right"},
    {"purchases_crps", "number", "purchases", "continuous ranked probability score; 0 is best"},
    {"expected_purchases", "number", "purchases", "closed form at the fitted parameters, without the calendar"},
    {"naive_purchases", "number", "purchases", "frequency / T, continued"},
    {"actual_spend", "number", "currency", "spend held out", optional},
    {"spend_mean", "number", "currency", "forecast: mean over paths", optional},
    {"spend_q05", "number", "currency", "forecast: 5% quantile", optional},
    {"spend_q95", "number", "currency", "forecast: 95% quantile", optional},
    {"spend_pit", "number", "probability", "as purchases_pit", optional},
    {"spend_crps", "number", "currency", "as purchases_crps", optional},
    {"expected_spend", "number", "currency", "expected_purchases x mean spend of a future purchase", optional},
    {"naive_spend", "number", "currency", "naive_purchases x monetary_value", optional},
};

constexpr ColumnSpec retention_results[] = {
    {"customer_id", "text", "", "as in the input, in the order of the input"},
    {"segment", "text", "", "segment of the customer; all where there are none"},
    {"churn_probability", "number", "a month", "learned probability of leaving within the next month"},
    {"clv_mean", "number", "currency", "expected value without any action"},
    {"clv_q{level}", "number", "currency", "its 5% and 95% quantile; the lowest and highest of others"},
    {"ev_{action}", "number", "currency",
     "expected value under none, then under every action, costs included (expected_value of uplift.csv); empty where "
     "the customer may not get it"},
    {"recommended_action", "text", "", "what the plan does with the customer: none, or the name of an action"},
    {"reason", "text", "", "of the plan (plan.csv), and the columns that move the customer's churn most"},
};

constexpr ColumnSpec scores[] = {
    {"customer_id", "text", "", "as in the input, in the order of the input"},
    {"probability", "number", "probability",
     "of the outcome, by a model that has not seen the customer; by all of them where nobody knows the outcome",
     optional},
    {"value", "number", "currency",
     "learn.target = value: spend in the window after the snapshot, by a model that has not seen the customer; of "
     "others, who are scored by a learner.json, in the window after their transactions",
     optional},
    {"value_q05", "number", "currency",
     "5% of customers spend at most so much, by how far predictions like this were from what came, out of fold",
     optional},
    {"value_q95", "number", "currency", "95% spend at most so much", optional},
    {"rank", "integer", "", "1 is the highest probability or value; ties by customer_id"},
    {"fold", "integer", "", "part of the customers that it was learned in; empty for who was not learned from"},
    {"outcome", "number", "1, or currency",
     "what came: 1 where learn.target_column says yes, 0 where no; or the spend in the window; empty where not known"},
    {"driver_1", "text", "",
     "column and value that move the score most, and by how much in log odds (of value: in its logarithm)"},
    {"driver_2", "text", "", "the next"},
    {"driver_3", "text", "", "the next"},
};

constexpr ColumnSpec ranked_predictions[] = {
    {"rank", "integer", "", "1 is the highest prediction; ties by customer_id"},
    {"customer_id", "text", "", "as in the transactions, the highest prediction first"},
    {"predicted_value", "number", "currency",
     "spend in a window as long as the one learned from, after the last day of the transactions"},
    {"value_q05", "number", "currency",
     "5% of customers spend at most so much, by how far predictions like this were from what came, out of fold"},
    {"value_q95", "number", "currency", "95% spend at most so much"},
    {"revenue", "number", "currency", "of all purchases so far, less what was paid back"},
    {"purchases", "integer", "days", "with a purchase so far"},
    {"since_last", "number", "time units", "since the last purchase, in fit.time_unit"},
    {"p_alive", "number", "probability",
     "that the customer has not left for good, by the purchase model of the learner", optional},
};

constexpr ColumnSpec clustered_customers[] = {
    {"customer_id", "text", "", "as in the transactions"},
    {"predicted_value", "number", "currency", "as in clv_ranked_predictions.csv"},
    {"cluster_rank", "integer", "", "of its cluster; 1 has the highest median prediction"},
    {"cluster", "text", "", "name of the cluster"},
};

constexpr ColumnSpec segments[] = {
    {"customer_id", "text", "", "as in the input; without customers who have left, where they are apart"},
    {"segment", "text", "", "VIP, At-Risk High-Value, Steady or Low-Value Transient, the second of a kind with a 2"},
    {"segment_rank", "integer", "", "1 has the highest median value"},
    {"value", "number", "currency", "that segments are ranked by: clv_mean of a run, or segment.value"},
    {"churn", "number", "probability",
     "of leaving within the next month, or without a contract of having left; or segment.churn", optional},
    {"cvar", "number", "currency", "mean of the worst cases of the customer's own value", optional},
    {"cvar_contribution", "number", "currency",
     "mean of the customer's value in the portfolio's worst cases: sums to the portfolio's CVaR", optional},
    {"risk_share", "number", "share",
     "of what the portfolio falls short of its mean in its worst cases; sums to 1, and can be negative", optional},
    {"risk_class", "text", "",
     "Core, Value at Stake, Steady Small or Marginal: value at or above the median or below it; worst cases that leave "
     "more of it than the median customer's do, or less, or nothing",
     optional},
    {"recency_score", "integer", "", "1 to 5, 5 bought last: quintile of the time since the last purchase", optional},
    {"frequency_score", "integer", "", "1 to 5: quintile of purchases", optional},
    {"money_score", "integer", "", "1 to 5: quintile of revenue", optional},
    {"rfm_segment", "text", "", "Champions, Loyal, .., by these scores", optional},
};

constexpr ColumnSpec segment_rankings[] = {
    {"rank", "integer", "", "1 has the highest median value"},
    {"segment", "text", "", "as in segments.csv"},
    {"customers", "integer", "customers", "in it"},
    {"share_of_customers", "number", "share", "of all"},
    {"median_value", "number", "currency", "of the segment's customers"},
    {"mean_value", "number", "currency", "of the segment's customers"},
    {"total_value", "number", "currency", "of the segment's customers"},
    {"share_of_value", "number", "share", "of all; empty unless the total is positive"},
    {"median_churn", "number", "probability", "of the segment's customers", optional},
    {"cvar_contribution", "number", "currency", "sum over the segment's customers", optional},
    {"risk_share", "number", "share", "sum over the segment's customers", optional},
    {"{feature}_median", "number", "", "median of each column that customers were grouped by", optional},
};

constexpr ColumnSpec lifecycle[] = {
    {"customer_id", "text", "", "as in the input"},
    {"stage", "text", "", "the stage whose condition holds", optional},
    {"tier", "text", "", "by the customer's percentile of tier_column", optional},
    {"score", "number", "0 to 100", "weighted mean of the signals; empty where all of them are missing", optional},
    {"level", "text", "", "by the score; empty without one", optional},
    {"signal_{signal}", "number", "0 to 1", "strength of a signal; empty where its column is missing", optional},
    {"action", "text", "",
     "of those whose condition holds, the one with the largest benefit less cost; none without any"},
    {"cost", "number", "currency", "of the action"},
    {"benefit", "number", "currency", "of the action, as its rule has it"},
    {"roi", "number", "", "(benefit - cost) / cost; empty without a cost"},
    {"reason", "text", "", "the two strongest signals and the action, in the rules' own sentences"},
};

constexpr ColumnSpec migration[] = {
    {"from", "text", "", "stage on rules.before"},
    {"to", "text", "", "stage now"},
    {"customers", "integer", "customers", "who went this way, of those who are in both"},
    {"share", "number", "share", "of those who came from there"},
};

constexpr ColumnSpec contributions[] = {
    {"customer_id", "text", "", "as in the input, in the order of the input"},
    {"{feature}", "number", "log odds", "what the column adds to the customer's score, beyond what everybody has"},
};

constexpr ColumnSpec importance[] = {
    {"column", "text", "", "column of the input, the most important first; then those that are not learned from"},
    {"kind", "text", "", "number or category"},
    {"importance", "number", "log odds", "mean over customers of how far the column moves the score, either way"},
    {"importance_se", "number", "log odds", "standard error of that mean over customers"},
    {"importance_low", "number", "log odds", "lower end of its 95% interval"},
    {"importance_high", "number", "log odds", "upper end"},
    {"left_out", "text", "", "why it is not learned from; empty where it is"},
};

constexpr ColumnSpec quality_json[] = {
    {"auc", "object", "probability",
     "area under the ROC curve, out of fold like all that follow: estimate, se, low, high, unit, method", optional},
    {"average_precision", "object", "share", "of the ranking", optional},
    {"brier", "object", "squared probability", "mean squared error of the probability", optional},
    {"log_loss", "object", "nats", "mean of -ln(probability of what came)", optional},
    {"calibration_slope", "object", "", "1 where probabilities are neither too sure nor too timid", optional},
    {"calibration_intercept", "object", "log odds", "0 where they are neither too high nor too low", optional},
    {"mean_predicted", "object", "share", "mean probability", optional},
    {"share_observed", "object", "share", "of customers with the outcome", optional},
    {"hazard_expected_over_observed", "object", "ratio", "outcomes that hazards by tenure expect over those that came",
     optional},
    {"r2", "object", "", "of values: 1 - squared errors over squares about the mean", optional},
    {"rmse", "object", "currency", "of values: root mean squared error", optional},
    {"mae", "object", "currency", "of values: mean absolute error", optional},
    {"spearman", "object", "", "of values: correlation of ranks", optional},
    {"gini", "object", "", "of values: Gini coefficient in the predicted order over that in the true one", optional},
    {"top_decile_capture", "object", "share", "of values: of the spend, held by the tenth predicted highest", optional},
    {"total_ratio", "object", "ratio", "of values: predicted total over the true one", optional},
    {"algorithm", "text", "",
     "what is used: boosting or logistic; of values naive_rate, purchase_model, regression, boosting or stack"},
    {"customers", "integer", "customers", "whose outcome is known"},
    {"events", "integer", "customers", "of whom have it", optional},
    {"folds", "integer", "", "learn.folds"},
    {"window_days", "integer", "days", "of values: from the snapshot to the end of the transactions", optional},
    {"calibration", "list", "",
     "groups of similar probability, the lowest first: customers, mean_predicted, share_observed, low, high", optional},
    {"gain", "list", "",
     "tenths of the customers, the highest score first: customers, mean_predicted, share_observed (of values "
     "mean_spent), lift, gain"},
    {"compared_with", "object", "", "the same scores of the models that are not used, by their names"},
};

constexpr ColumnSpec learner_json[] = {
    {"format", "text", "", "clvsim learner 2; a reader refuses others but 1, whose trees are not packed"},
    {"kind", "text", "", "churn or value"},
    {"xgboost", "text", "", "version of XGBoost that made the trees, and has to read them"},
    {"target_column", "text", "", "learn.target_column", optional},
    {"positive", "text", "", "learn.positive", optional},
    {"time_column", "text", "", "learn.time_column", optional},
    {"window_months", "integer", "months", "learn.window_months", optional},
    {"hazard", "text", "", "window or tenure", optional},
    {"left_out", "list", "", "columns that are not learned from: column, why", optional},
    {"used", "text", "", "of value: naive_rate, purchase_model, regression, boosting or stack", optional},
    {"time_unit", "text", "", "of value: fit.time_unit", optional},
    {"window_days", "integer", "days", "of value: that was learned, and is predicted", optional},
    {"first_cohort", "text", "", "of value: day from which cohorts are counted (YYYY-MM-DD)", optional},
    {"trained", "object", "",
     "customers, folds, seed, and id_hashes: 64-bit hashes of the ids learned from, in ascending order, as base64"},
    {"churn", "object", "",
     "models of the outcome: algorithm, columns (name, kind, levels), calibration, calibrations, folds, resamples; a "
     "model is XGBoost's binary JSON, packed by zlib, as base64, or intercept and terms",
     optional},
    {"rate", "object", "", "the same for rates over the hazard by tenure", optional},
    {"baseline", "object", "a month", "months: hazard of each month of life at rate 1; tail: of later ones", optional},
    {"bands", "list", "",
     "of value, by ascending prediction: from, low and high (what was spent over the prediction, 5% and 95%)",
     optional},
    {"alone", "object", "", "of value: regression and boosting, each as churn, on features of transactions", optional},
    {"stacked", "object", "", "of value: the same with the expectations of model among the features", optional},
    {"purchase_model_factors", "list", "", "of value: of each fold, on the expectations of model", optional},
    {"model", "object", "", "of value: a model.json fitted up to the snapshot", optional},
    {"sha256", "text", "", "of what scores customers; a reader refuses another"},
};

constexpr ColumnSpec holdout_json[] = {
    {"calibration_end", "text", "", "last day fitted on (YYYY-MM-DD)"},
    {"holdout_end", "text", "", "last day compared"},
    {"weeks", "number", "weeks", "held out"},
    {"customers", "integer", "customers", "who bought up to calibration_end; later ones are not forecast"},
    {"paths", "integer", "paths", "of every customer"},
    {"total", "object", "purchases",
     "purchases of all customers: actual; mean, sd and quantiles (q05, q02_5, ..) over paths; pit, crps; closed_form "
     "and naive: sums of the customers' (holdout.csv)"},
    {"total_without_calendar", "object", "purchases",
     "the same band as if every week were as usual; null where there is no calendar"},
    {"coverage", "object", "share", "by level of a central band: share of customers whose pit is within it"},
    {"crps", "number", "purchases", "of the forecast distributions, mean over customers"},
    {"crps_closed_form", "number", "purchases",
     "of the distributions behind the closed forms: the law at the fitted parameters, without their uncertainty and "
     "without the calendar, on as many paths"},
    {"crps_naive", "number", "purchases",
     "of frequency / T, continued: a single number, whose CRPS is its absolute error, so that crps is lower by nature"},
    {"mean_absolute_error", "object", "purchases", "of single numbers: mean of the forecast, closed_form and naive"},
    {"pit", "list", "share", "share of customers' pits in each of 20 equal bins"},
    {"seasonal_naive", "object", "purchases",
     "of the total, by its own past alone: the same weeks of last year where a year is known, else the last weeks, "
     "with a band of the errors of that rule so far; null where there are fewer than 4 of them"},
    {"spend", "object", "currency", "total to pit of spend; null without a spend model"},
    {"tracking", "list", "purchases",
     "week by week, purchases since calibration_end: week, actual, mean, q05, q95, mean_without_calendar"},
    {"calibration", "list", "purchases",
     "by frequency (the last with and_more): customers, and means of actual, mean, closed_form, naive"},
};

constexpr ColumnSpec model[] = {
    {"format", "text", "",
     "clvsim model 1, of contracts with covariates clvsim model 2; files of another format are refused"},
    {"purchase", "object", "",
     "model, parameters, standard_errors, log_likelihood, aic, status, time_unit, covariance of the logarithms, "
     "warnings; with covariates also their effects on the rate and on dropout, and the covariance of the logarithms of "
     "the parameters and of all effects; draws from the likelihood where no normal distribution is near it: "
     "parameters, "
     "then effects on the rate and on dropout",
     optional},
    {"spend", "object", "", "the same of the spend model", optional},
    {"calendar", "object", "",
     "persistence, cycle_sd and level_step_sd of the weeks that all customers share (posterior mean, sd, 95% "
     "interval), status, warnings; actual and expected repeat purchases of every week up to the end of observation. "
     "Where the days of purchases lie on a grid or seasons stay empty, rhythm says on which (found), how long the "
     "cells "
     "are that purchases are counted in (cell_weeks) and what a forecast cannot know of it (warning); then all of a "
     "cell "
     "stand in its last week",
     optional},
    {"bootstrap", "list", "", "parameters of the models fitted to customers drawn anew, one entry a sample", optional},
    {"contract", "object", "",
     "instead of purchase, of `clv fit` of sbg or bdw: model, period_months (between renewals), and for every segment "
     "parameters, standard_errors, log_likelihood, aic, status, customers, at_risk and churned by period, warnings. "
     "With covariates, of all segments together: parameters are those at 0 of all covariates; covariates (name, its "
     "effects on ln alpha and ln beta per unit, their standard_error), columns (name; the levels of a text, of which "
     "the first has no effect), log_likelihood_without covariates, covariance of the logarithms of the parameters, "
     "effects on alpha and effects on beta, and, where no normal distribution is near the likelihood, draws of these",
     optional},
};

constexpr ColumnSpec portfolio[] = {
    {"segment", "text", "", rows_of_totals},
    {"plan", "text", "", "none: no action; chosen: with the actions of the plan"},
    {"clv_mean", "number", "currency", "expected value of all customers of the segment together"},
    {"clv_se", "number", "currency", "standard error of clv_mean from the number of paths"},
    {"clv_sd", "number", "currency", "standard deviation of the total over paths"},
    {"clv_q{level}", "number", "currency", "quantile of the total; the low end is the bad end"},
    {"clv_cvar{level}", "number", "currency", "mean of the worst share of totals"},
    {"prob_loss", "number", "probability", "P(total < 0)"},
    {"customers", "integer", "customers", "number of customers"},
    {"clv_var{level}", "number", "currency", "value at risk: clv_mean minus that quantile of the total"},
    {"expected_lifetime_months", "number", "months",
     "mean over the customers of the paid months to be expected within the horizon: under none those of clv.csv, "
     "under chosen with what the actions add. Empty under chosen for customers without a contract, whose end nobody "
     "sees, and in a sweep without actions, which does not count months"},
};

constexpr ColumnSpec scenario_name[] = {
    {"scenario", "text", "", "base (the run as it is), then every scenario of the configuration"},
};

constexpr ColumnSpec scenario_difference[] = {
    {"difference_to_base", "number", "currency", "clv_mean of the scenario minus that of base, path by path"},
    {"difference_se", "number", "currency", "standard error of difference_to_base; scenarios share random numbers"},
};

constexpr auto sweep = joined(scenario_name, portfolio, scenario_difference);

constexpr ColumnSpec cashflow[] = {
    {"segment", "text", "", rows_of_totals},
    {"month", "integer", "months", "1 is the first month from today"},
    {"mean", "number", "currency a month", "expected undiscounted cash of the month, without any action"},
    {"q{level}", "number", "currency a month", "quantile of the month's cash"},
};

constexpr ColumnSpec uplift[] = {
    {"customer_id", "text", "", "as in the input"},
    {"action", "text", "", "none, then every action open to the customer"},
    {"expected_profit", "number", "currency",
     "mean of value with the action minus value without, on the same random numbers, net of every cost"},
    {"cost", "number", "currency", "expected present value of the action's costs: what it takes from the budget"},
    {"expected_profit_se", "number", "currency", "standard error of expected_profit"},
    {"expected_value", "number", "currency", "mean value with the action"},
    {"clv_q{level}", "number", "currency",
     "quantile of value with the action: the 5% one, or the lowest level of the run if it has no 5%"},
    {"clv_cvar{level}", "number", "currency", "mean of the worst share of values with the action"},
    {"roi", "number", "", "expected_profit over cost; empty where the action costs nothing"},
    {"added_months", "number", "months",
     "mean number of paid months within the horizon that the action adds to expected_lifetime_months; below 0 where "
     "customers leave sooner. Not of customers without a contract, whose end nobody sees",
     optional},
    {"profit_q{level}", "number", "currency",
     "quantile of the profit: of value with the action minus value without, path by path; one for each level of "
     "simulation.quantiles. This and the following with simulation.uplift_distribution",
     optional},
    {"profit_cvar{level}", "number", "currency", "mean of the worst share of profits", optional},
    {"prob_gain", "number", "probability", "P(profit > 0)", optional},
    {"payback_months", "integer", "months",
     "first month from which on the expected discounted cash that the action has added so far, every cost included, is "
     "at least 0 until the horizon; 1 at the earliest, empty: there is none",
     optional},
    {"paths", "integer", "paths",
     "behind expected_profit, its error, cost and roi; the other figures are those of simulation.paths. With "
     "optimizer.added_paths",
     optional},
};

constexpr ColumnSpec plan[] = {
    {"customer_id", "text", "", "as in the input, in the order of the input"},
    {"action", "text", "", "the chosen action; none: do nothing"},
    {"cost", "number", "currency", "what it takes from the budget"},
    {"expected_profit", "number", "currency", "against doing nothing, net of every cost"},
    {"expected_profit_se", "number", "currency",
     "standard error of expected_profit; empty where an uplift CSV does not say"},
    {"recommended_action", "text", "", "Invest if an action is chosen, else Ignore"},
    {"reason", "text", "", "why, in one line"},
};

constexpr ColumnSpec frontier[] = {
    {"budget", "number", "currency", "what the plan of this row spends; rows rise in it"},
    {"profit", "number", "currency", "the most that the budget can earn, without optimizer.limits"},
    {"profit_eval", "number", "currency",
     "the same plan on fresh paths; empty for an uplift table from elsewhere, and for some rows where paths are so "
     "many that not all can be valued"},
    {"profit_eval_se", "number", "currency", "standard error of profit_eval from the number of paths"},
    {"marginal_roi", "number", "", "profit of the last unit of budget"},
    {"difference", "number", "currency",
     "profit_eval - profit: below 0 by what choosing has made look good, but for chance; empty where profit_eval is"},
    {"difference_se", "number", "currency",
     "standard error of difference: the root of 2 times profit_eval_se, since profit is of as many other paths"},
};

constexpr auto sweep_plan = joined(scenario_name, plan);
constexpr auto sweep_frontier = joined(scenario_name, frontier);

constexpr ColumnSpec certificate[] = {
    {"format", "text", "", "clvsim certificate 2"},
    {"status", "text", "", "optimal: proven the best plan; bounded: within relative_gap of it"},
    {"profit", "number", "currency", "expected profit of the plan on the paths it was chosen on"},
    {"cost", "number", "currency", "what it takes from the budget"},
    {"objective_kind", "text", "", "profit or mean_cvar"},
    {"risk_weight", "number", "", "optimizer.risk_weight; with mean_cvar", optional},
    {"objective", "number", "currency", "what was maximised"},
    {"objective_without", "number", "currency",
     "what is maximised, of doing nothing; where that is not open to a customer, of their cheapest action"},
    {"upper_bound", "number", "currency", "no plan within the limits has a higher objective"},
    {"relaxed_bound", "number", "currency",
     "Lagrange's dual at the multipliers, which --verify recomputes; upper_bound is below it only where a search has "
     "shown it"},
    {"relative_gap", "number", "",
     "share of what can be gained that the plan may lack: (upper_bound - objective) / |upper_bound - "
     "objective_without|, or / |objective - objective_without| where that is more"},
    {"multipliers", "object", "objective a unit of the limit",
     "by name of the limit (budget: optimizer.budget): what one more unit of room would add; below 0 where min binds"},
    {"budget", "number", "currency", "optimizer.budget; null: no cap"},
    {"limits", "list", "",
     "optimizer.limits as set (name, column, action, segment, min, max, min_roi) with what the plan has used; of "
     "min_roi that is profit - min_roi x cost"},
    {"exact", "boolean", "", "optimizer.exact"},
    {"require_choice", "boolean", "", "optimizer.require_choice"},
    {"customers", "integer", "customers", "of the uplift table"},
    {"actions", "list", "", "of the uplift table"},
    {"uplift", "object", "", "the uplift table: file (as seen from here) and sha256"},
    {"plan", "object", "", "plan.csv: file and sha256"},
    {"frontier", "object", "", "frontier.csv: file and sha256"},
    {"frontier_points", "integer", "", "optimizer.frontier_points"},
    {"customer_risk_weight", "number", "",
     "optimizer.customer_risk_weight, of the customer's CVaR in the objective of every action"},
    {"cvar_level", "number", "", "of that CVaR: column clv_cvar of the uplift table; with customer_risk_weight above 0",
     optional},
    {"robustness", "number", "standard errors", "optimizer.robustness, taken off the objective of every action"},
    {"switching_penalty", "number", "currency", "optimizer.switching_penalty, charged in the objective"},
    {"current", "object", "", "optimizer.current, where it is set: file and sha256", optional},
    {"fresh", "object", "currency",
     "the plan on paths that it was not chosen on: profit with se, sd and the 5% and 95% quantiles over paths; "
     "in_sample_se; difference (fresh - in-sample) with difference_se; at_medians: the same without the spread of "
     "effects that all customers share, and effect_share, what that spread brings of the variance; null for an uplift "
     "table from elsewhere"},
    {"policies", "list", "currency",
     "the plan beside do_nothing, current (optimizer.current) and best_single_action (for everybody it is open to, by "
     "profit per cost until the budget is spent): customers with an action, cost, expected_profit, added_months (of "
     "all customers together; null: unknown), and fresh"},
    {"expected_lifetime_months", "object", "months",
     "mean over the customers of the paid months to be expected within the horizon: none, without any action, and "
     "chosen, under the plan, on the paths it was chosen on; null where the uplift table does not say"},
    {"digest", "text", "", "SHA-256 of all other members, as JSON without white space"},
};

constexpr ColumnSpec sources[] = {
    {"source", "text", "",
     "parameters (what was fitted), customers (their own rates given their histories), process (chance in what they "
     "do), market (the calendar they share)"},
    {"first_order", "number", "share of variance",
     "of the total of all customers, that knowing this source would take away"},
    {"first_order_se", "number", "share of variance", "standard error of first_order from the number of paths"},
    {"total", "number", "share of variance",
     "that is left when all others are known; more than first_order where sources act together"},
    {"total_se", "number", "share of variance", "standard error of total"},
};

constexpr ColumnSpec survival[] = {
    {"segment", "text", "", "portfolio where there are no segments"},
    {"month", "integer", "months", "month of a customer's life"},
    {"at_risk", "number", "customers",
     "customers who could churn in the month; of tenures that are no whole months as many as give the month's hazard. "
     "0 "
     "only where later months have some"},
    {"churned", "integer", "customers", "customers who did"},
    {"survival", "number", "probability", "Kaplan-Meier estimate of P(still a customer after the month)"},
    {"survival_se", "number", "probability", "Greenwood's standard error; empty where survival is 0"},
    {"survival_low", "number", "probability", "lower end of the 95% interval, on the log(-log) scale"},
    {"survival_high", "number", "probability", "upper end of the same interval"},
    {"fitted_survival", "number", "probability",
     "the same under the fitted model (sbg, bdw), with covariates the mean over customers; `clv fit` goes on with it "
     "to the horizon, beyond what was observed",
     optional},
    {"hazard", "number", "probability",
     "churned / at_risk: P(leaves in the month | was there); of contracts that are renewed every so many months, in "
     "the month of the renewal; empty where nobody was at risk"},
    {"hazard_se", "number", "probability",
     "standard error of hazard, sqrt(hazard (1 - hazard) / at_risk); 0 where nobody or everybody left"},
    {"hazard_low", "number", "probability", "lower end of Wilson's 95% interval"},
    {"hazard_high", "number", "probability", "upper end of the same interval"},
    {"fitted_hazard", "number", "probability", "the same under the fitted model, as far as fitted_survival", optional},
};

constexpr ColumnSpec totals[] = {
    {"segment", "text", "",
     "scale: the segments, or portfolio where there are none, then churned where results.h5 has it", false, "segment"},
    {"path", "integer", "", "scale: paths, as in results.h5", false, "path"},
    {"unit", "number", "currency", "scale of one entry: what a unit is worth, a power of two", false, "unit"},
    {"total_units", "integer", "units", "value of a segment's customers in a path, without any action", false,
     "segment, path"},
};

constexpr ColumnSpec results[] = {
    {"action", "text", "", "scale: none, then the actions of the run", false, "action"},
    {"customer_id", "text", "", "scale: customers in the order of the input", false, "customer_id"},
    {"level", "number", "", "scale: levels of the quantiles", false, "level"},
    {"segment", "text", "", scale_of_totals, false, "segment"},
    {"plan", "text", "", "scale: none, and with a plan also chosen", false, "plan"},
    {"path", "integer", "", "scale: path indices", false, "path"},
    {"month", "integer", "months", "scale: months from today, the first is 1", optional, "month"},
    {"customer_segment", "integer", "", "index of the customer's segment in the scale segment; 0 without segments",
     false, "customer_id"},
    {"churned", "0 or 1", "", "where segment has churned: 1 for the customers whom that row sums up, and no other",
     optional, "customer_id"},
    {"clv_mean", "number", "currency", "expected net present value of margin minus costs over the horizon", false,
     "action, customer_id"},
    {"clv_se", "number", "currency", "standard error of clv_mean", false, "action, customer_id"},
    {"clv_sd", "number", "currency", "standard deviation of value over paths", false, "action, customer_id"},
    {"clv_quantile", "number", "currency", "quantiles of value", false, "action, level, customer_id"},
    {"clv_quantile_se", "number", "currency", "standard errors of clv_quantile", false, "action, level, customer_id"},
    {"clv_cvar", "number", "currency", "mean of the worst share of values, the root attribute cvar_level", false,
     "action, customer_id"},
    {"clv_cvar_se", "number", "currency", "standard error of clv_cvar", false, "action, customer_id"},
    {"prob_loss", "number", "probability", "P(value < 0)", false, "action, customer_id"},
    {"expected_lifetime_months", "number", "months",
     "mean number of paid months within the horizon, without any action", false, "customer_id"},
    {"paths_used", "integer", "paths",
     "paths behind the customer's figures: simulation.paths, or more to meet simulation.target_se", false,
     "customer_id"},
    {"expected_profit", "number", "currency",
     "value with the action minus value without; NaN: not open to the customer", optional, "action, customer_id"},
    {"expected_profit_se", "number", "currency", "standard error of expected_profit", optional, "action, customer_id"},
    {"cost", "number", "currency", "expected present value of the action's costs", optional, "action, customer_id"},
    {"added_months", "number", "months", "as in uplift.csv; NaN: not open to the customer", optional,
     "action, customer_id"},
    {"refined_expected_profit", "number", "currency",
     "with optimizer.added_paths, as are the next three: expected_profit of all paths of the customer, which the plan "
     "was made from",
     optional, "action, customer_id"},
    {"refined_expected_profit_se", "number", "currency", "its standard error", optional, "action, customer_id"},
    {"refined_cost", "number", "currency", "cost, of the same paths", optional, "action, customer_id"},
    {"refined_paths", "integer", "paths", "how many these are", optional, "customer_id"},
    {"profit_quantile", "number", "currency",
     "quantiles of value with the action minus value without, path by path; with simulation.uplift_distribution, as "
     "are profit_cvar, prob_gain and payback_months",
     optional, "action, level, customer_id"},
    {"profit_cvar", "number", "currency", "mean of the worst share of these differences", optional,
     "action, customer_id"},
    {"prob_gain", "number", "probability", "P(difference > 0)", optional, "action, customer_id"},
    {"payback_months", "number", "months", "as in uplift.csv; NaN where it is empty there", optional,
     "action, customer_id"},
    {"portfolio_customers", "integer", "customers", "number of customers", false, "segment"},
    {"portfolio_mean", "number", "currency", "expected value of all customers of the segment together", false,
     "plan, segment"},
    {"portfolio_se", "number", "currency", "standard error of portfolio_mean", false, "plan, segment"},
    {"portfolio_sd", "number", "currency", "standard deviation of the total over paths", false, "plan, segment"},
    {"portfolio_quantile", "number", "currency", "quantiles of the total", false, "plan, segment, level"},
    {"portfolio_quantile_se", "number", "currency", "standard errors of portfolio_quantile", false,
     "plan, segment, level"},
    {"portfolio_cvar", "number", "currency", "mean of the worst share of totals", false, "plan, segment"},
    {"portfolio_cvar_se", "number", "currency", "standard error of portfolio_cvar", false, "plan, segment"},
    {"portfolio_prob_loss", "number", "probability", "P(total < 0)", false, "plan, segment"},
    {"portfolio_var", "number", "currency", "value at risk of the total at cvar_level", false, "plan, segment"},
    {"portfolio_months", "number", "months",
     "mean over the customers of the paid months to be expected within the horizon, as in portfolio.csv; NaN: unknown",
     false, "plan, segment"},
    {"path_total", "number", "currency", "value of all customers of the segment in every path", false,
     "plan, segment, path"},
    {"cashflow_mean", "number", "currency a month", "expected undiscounted cash, without any action", optional,
     "segment, month"},
    {"cashflow_quantile", "number", "currency a month", "quantiles of the month's cash", optional,
     "segment, month, level"},
    {"scenario", "text", "", "scale: base (the run as it is), then every scenario", optional, "scenario"},
    {"scenario_hazard_multiplier", "number", "factor", "factor on every churn hazard", optional, "scenario"},
    {"scenario_revenue_multiplier", "number", "factor", "factor on volume", optional, "scenario"},
    {"scenario_price_multiplier", "number", "factor", "factor on the price alone", optional, "scenario"},
    {"scenario_discount_rate", "number", "a year", "annual discount rate", optional, "scenario"},
    {"scenario_market_shift", "number", "standard deviations of a year", "shift of the market factor in every month",
     optional, "scenario"},
    {"scenario_mean", "number", "currency", "expected value of all customers of the segment together", optional,
     "scenario, segment"},
    {"scenario_se", "number", "currency", "standard error of scenario_mean", optional, "scenario, segment"},
    {"scenario_sd", "number", "currency", "standard deviation of the total over paths", optional, "scenario, segment"},
    {"scenario_quantile", "number", "currency", "quantiles of the total", optional, "scenario, segment, level"},
    {"scenario_cvar", "number", "currency", "mean of the worst share of totals", optional, "scenario, segment"},
    {"scenario_prob_loss", "number", "probability", "P(total < 0)", optional, "scenario, segment"},
    {"scenario_var", "number", "currency", "value at risk of the total at cvar_level", optional, "scenario, segment"},
    {"scenario_difference", "number", "currency", "scenario_mean minus that of base, path by path", optional,
     "scenario, segment"},
    {"scenario_difference_se", "number", "currency", "standard error of scenario_difference", optional,
     "scenario, segment"},
    {"scenario_path_total", "number", "currency", "value of all customers of the segment in every path", optional,
     "scenario, segment, path"},
};

constexpr ColumnSpec run[] = {
    {"format", "integer", "", "1; a record in another format is refused"},
    {"program", "object", "", "what made the results"},
    {"program.name", "text", "", "clv"},
    {"program.version", "text", "", "as 0.1.0"},
    {"program.commit", "text", "", "of the sources; unknown outside a repository"},
    {"command", "text", "", "generate, validate, fit, learn, segment, simulate, sweep, run or optimize"},
    {"config", "object", "",
     "every key that is set, sections inside, paths absolute: `clv run run.json` repeats the run"},
    {"config_hash", "text", "", "SHA-256 over the keys that can change a result"},
    {"execution", "object", "", "how it was computed; nothing of it changes a result"},
    {"execution.host", "text", "", "name of the machine"},
    {"execution.started", "text", "", "day and time, UTC"},
    {"execution.seconds", "number", "seconds", "from the start until run.json was written"},
    {"execution.peak_memory_mib", "number", "MiB", "largest resident memory of the process"},
    {"execution.backend", "text", "", "cpu or cuda; where something was simulated", optional},
    {"execution.device", "text", "", "what the backend ran on", optional},
    {"input", "object", "", "what was read; absent where nothing was", optional},
    {"input.file", "text", "", "as it was named; of a generated world, its file in the set", optional},
    {"input.hash", "text", "",
     "of the rows, in any order; then, after dashes, the SHA-256 of a file of curves and of model.json. Of an uplift "
     "table its SHA-256",
     optional},
    {"input.rows_read", "integer", "rows", "rows below the header; this and the following not of an uplift table",
     optional},
    {"input.rows_accepted", "integer", "rows", "rows without a fault", optional},
    {"input.rows_rejected", "integer", "rows", "rows with a fault", optional},
    {"observation", "object", "", "of `clv fit` on transactions: the days that they cover", optional},
    {"observation.first_day", "text", "", "of the first purchase (YYYY-MM-DD)", optional},
    {"observation.last_day", "text", "", "end of observation", optional},
    {"tail_share", "number", "share of value", "from months beyond the survival data; where customers were simulated",
     optional},
    {"warnings", "list", "", "about the hazards; where customers were simulated", optional},
    {"churned", "object", "", "customers marked as churned; where there are some", optional},
    {"churned.customers", "integer", "customers", "how many", optional},
    {"churned.treatment", "text", "", "customers.churned: separate, include or exclude", optional},
    {"churned.clv_mean", "number", "currency",
     "of separate: what they would be expected to bring had they stayed, which is in no other sum", optional},
    {"model", "object", "", "of customers without a contract: as in model.json", optional},
    {"survival", "list", "", "sBG models that were fitted on the way", optional},
    {"survival[].segment", "text", "", "portfolio where there are no segments", optional},
    {"survival[].model", "text", "", "sbg", optional},
    {"survival[].parameters", "object", "", "alpha and beta", optional},
    {"survival[].standard_errors", "object", "", "of alpha and beta", optional},
    {"survival[].log_likelihood", "number", "", "at the fitted parameters", optional},
    {"survival[].status", "text", "", "whether the fit converged", optional},
    {"plan", "object", "", "the plan, where one was made", optional},
    {"plan.status", "text", "", "as in certificate.json", optional},
    {"plan.profit", "number", "currency", "as in certificate.json", optional},
    {"plan.cost", "number", "currency", "as in certificate.json", optional},
    {"plan.upper_bound", "number", "currency", "as in certificate.json", optional},
    {"plan.relative_gap", "number", "", "as in certificate.json", optional},
    {"plan.multipliers", "object", "objective a unit of the limit", "as in certificate.json", optional},
    {"plan.budget", "number", "currency", "as in certificate.json", optional},
    {"plan.limits", "list", "", "as in certificate.json", optional},
    {"plan.fresh", "object", "currency", "as in certificate.json", optional},
    {"plan.policies", "list", "currency", "as in certificate.json", optional},
    {"plan.expected_lifetime_months", "object", "months", "as in certificate.json", optional},
    {"plan.customers_invested", "integer", "customers", "with an action", optional},
    {"plan.customers_with_added_paths", "integer", "customers", "who were simulated on more paths to decide", optional},
    {"plan.profit_fresh", "number", "currency", "profit on paths that the plan was not chosen on", optional},
    {"plan.profit_fresh_se", "number", "currency", "its standard error", optional},
    {"plan.objective", "number", "currency",
     "what was maximised, where optimizer.customer_risk_weight, robustness or switching_penalty make it another than "
     "profit",
     optional},
    {"plan.risk", "object", "currency", "with optimizer.objective mean_cvar", optional},
    {"plan.risk.objective", "number", "currency", "mean and CVaR of the portfolio, weighed by optimizer.risk_weight",
     optional},
    {"plan.risk.objective_without", "number", "currency", "the same without any action", optional},
    {"plan.risk.mean", "number", "currency", "expected value of the portfolio under the plan", optional},
    {"plan.risk.cvar", "number", "currency", "its CVaR at simulation.cvar_level", optional},
    {"plan.risk.relaxed_bound", "number", "currency", "no plan, and no mixture of plans, has a higher objective",
     optional},
    {"plan.risk.converged", "boolean", "", "whether the search ended because nothing better was left", optional},
    {"plan.risk.evaluations", "integer", "", "plans that were simulated in the search", optional},
    {"plans", "list", "", "of `clv sweep` with actions: the plan for every scenario", optional},
    {"plans[].scenario", "text", "", "as in sweep.csv", optional},
    {"plans[].customers_invested", "integer", "customers", "with an action", optional},
    {"plans[].cost", "number", "currency", "what the plan takes from the budget", optional},
    {"plans[].profit", "number", "currency", "on the paths it was chosen on", optional},
    {"plans[].profit_fresh", "number", "currency", "on paths that it was not chosen on", optional},
    {"plans[].profit_fresh_se", "number", "currency", "standard error of profit_fresh", optional},
    {"plans[].relative_gap", "number", "", "as in certificate.json", optional},
    {"plans[].customers_with_added_paths", "integer", "customers", "who were simulated on more paths to decide",
     optional},
    {"plans[].multiplier", "number", "profit a unit of the budget", "what one more unit of budget would add", optional},
    {"sources", "list", "", "with simulation.attribution: rows of sources.csv", optional},
    {"sources[].source", "text", "", "as in sources.csv", optional},
    {"sources[].first_order", "number", "share of variance", "as in sources.csv", optional},
    {"sources[].first_order_se", "number", "share of variance", "as in sources.csv", optional},
    {"sources[].total", "number", "share of variance", "as in sources.csv", optional},
    {"sources[].total_se", "number", "share of variance", "as in sources.csv", optional},
    {"truth", "object", "", "of `clv generate --kind retail`: what is true beside truth.csv", optional},
    {"truth.transactions", "integer", "rows", "of transactions.csv", optional},
    {"truth.calendar_log_factors", "list", "",
     "logarithm of the calendar's factor in every week from generate.first_day", optional},
    {"validation", "object", "",
     "of `clv validate` in a folder with results, whose record the rest goes on to be: its own members, but for steps, "
     "inputs and files",
     optional},
    {"steps", "list", "", "what the command did, in this order"},
    {"steps[].name", "text", "", "generate, fit, learn, rank, validate, value, segment, rules, sweep, plan or report",
     optional},
    {"steps[].hash", "text", "",
     "SHA-256 over all that decides what the step writes: the program's sources, the keys and files that it reads, the "
     "steps before it",
     optional},
    {"steps[].inputs", "list", "", "what it read", optional},
    {"steps[].inputs[].name", "text", "", "the key of a file, or a step before", optional},
    {"steps[].inputs[].file", "text", "", "path of the file; absent of a step", optional},
    {"steps[].inputs[].hash", "text", "", "SHA-256 of the file, or the step's hash; empty for a table in memory",
     optional},
    {"steps[].outputs", "list", "", "names of the files that it wrote", optional},
    {"steps[].reused", "boolean", "", "taken over from an earlier run in the folder", optional},
    {"inputs", "list", "",
     "files in the folder that keys name: they were read, stay as they are and are no files of the set"},
    {"inputs[].key", "text", "", "as input.model; config: the configuration; actions.file: an action's", optional},
    {"inputs[].file", "text", "", "name in the folder", optional},
    {"inputs[].sha256", "text", "", "of the file", optional},
    {"inputs[].bytes", "integer", "bytes", "its size", optional},
    {"inputs[].result", "boolean", "", "true: a run in the folder has written it, and a later one may make it again",
     optional},
    {"files", "object", "", "of every other file of the set, by its name"},
    {"files.{file}.sha256", "text", "", "of the file", optional},
    {"files.{file}.bytes", "integer", "bytes", "its size", optional},
};

constexpr ColumnSpec report_sheets[] = {
    {"Summary", "cells", "",
     "value of the portfolio, who gets what (formulas over Plan), the plan, and its frontier drawn"},
    {"Customers", "table", "", "clv.csv", optional},
    {"Plan", "table", "", "plan.csv", optional},
    {"Frontier", "table", "", "frontier.csv", optional},
    {"Scenarios", "table", "", "sweep.csv", optional},
    {"Scenario plans", "table", "", "sweep_plan.csv", optional},
    {"Portfolio", "table", "", "portfolio.csv", optional},
    {"Assumptions", "table", "", "every setting of the run that can change a result"},
    {"Columns", "table", "", "what the columns of the other sheets mean"},
};

constexpr FileSpec files[] = {
    {"customers.csv", "Subscription customers: what `clv simulate` reads and `clv generate` writes.", customers},
    {"transactions.csv",
     "Transactions of customers without a contract: what `clv fit` reads and `clv generate` writes.", transactions},
    {"truth.csv", "What is true of a generated world, beside its customers.", truth},
    {"validation.json", "What was read and what was wrong with it.", validation},
    {"rejects.csv", "Rows that were not accepted.", rejects},
    {"survival.csv", "Kaplan-Meier estimates behind the hazards, where survival is estimated from tenures or cohorts.",
     survival},
    {"clv.csv", "The distribution of every customer's lifetime value, without any action.", clv},
    {"summary.csv", "What purchase models know of customers without a contract.", summary},
    {"features.csv",
     "Customers without a contract at the end of observation: their summary, cadence, trends and cohort. What comes "
     "after fit.holdout or fit.observation_end is not used.",
     features},
    {"cohorts.csv", "Retention and revenue of customers by the month of their first purchase, in long form.", cohorts},
    {"predictions.csv",
     "Customers without a contract: their history, what the models expect of them, and the "
     "distribution of their value.",
     predictions},
    {"model.json", "Fitted purchase and spend models. Numbers are printed to round-trip; infinity as a text.", model},
    {"learner.json",
     "What was learned of churn or of values, with the models themselves. The same input gives the same bytes for any "
     "number of "
     "threads, with the same version of XGBoost.",
     learner_json},
    {"scores.csv", "What the learner says of every customer, ranked.", scores},
    {"quality.json", "What the learner is worth, on customers that its models have not seen.", quality_json},
    {"retention_results.csv",
     "The prescriptive pipeline's result: churn, value, what every action would make of it and what is recommended.",
     retention_results},
    {"clv_ranked_predictions.csv", "What customers are expected to spend next, ranked (learn.target = value).",
     ranked_predictions},
    {"clv_clustered_customers.csv", "Customers in clusters of expected spend (learn.target = value).",
     clustered_customers},
    {"clv_cluster_rankings.csv", "Those clusters, ranked by their median.", segment_rankings},
    {"segments.csv", "Segments of customers, with each one's share of the portfolio's risk.", segments},
    {"segment_rankings.csv", "The segments, ranked by their median value.", segment_rankings},
    {"lifecycle.csv", "What rules say of every customer (rules.file).", lifecycle},
    {"migration.csv", "How customers went from stage to stage since an earlier day (rules.before).", migration},
    {"contributions.csv", "What every column adds to the score of every customer (learn.contributions).",
     contributions},
    {"importance.csv", "What moves the score, column by column.", importance},
    {"holdout.csv", "What customers were forecast to buy after fit.holdout, and what they bought.", holdout},
    {"holdout.json", "Truth after the fact: the forecast from fit.holdout on beside what came.", holdout_json},
    {"portfolio.csv", "The distribution of the value of all customers together.", portfolio},
    {"sources.csv",
     "Where the variance of the value of all customers comes from (simulation.attribution). Without a first-order "
     "share of their own, what is missing from 1 is what sources do together.",
     sources},
    {"sweep.csv",
     "The distribution of the value of all customers together in every scenario; with actions also under the plan for "
     "that scenario, which is compared with base's plan in base.",
     sweep},
    {"sweep_plan.csv", "The chosen action of every customer in every scenario, where there are actions.", sweep_plan},
    {"sweep_frontier.csv", "What every budget would earn in every scenario, where there are actions.", sweep_frontier},
    {"cashflow.csv", "The monthly cash of all customers together.", cashflow},
    {"uplift.csv", "What every action would earn and cost, customer by customer.", uplift},
    {"plan.csv", "The chosen action of every customer.", plan},
    {"frontier.csv", "What every budget would earn.", frontier},
    {"certificate.json",
     "What the plan claims, for anyone to check: `clv optimize --verify certificate.json` recomputes it.", certificate},
    {"results.h5",
     "All of it as arrays, for h5py and xarray (with netCDF4 or h5netcdf). Root attributes: format (clvsim results), "
     "format_version, program_version, seed, cvar_level, config_hash, input_hash; texts among them are bytes in h5py. "
     "Of `clv sweep` it holds the datasets whose names begin with scenario, portfolio_customers, and the scales "
     "segment, "
     "level and path.",
     results},
    {"totals.h5",
     "The exact sums behind path_total of results.h5, without any action, where there are actions: what a later run "
     "with "
     "another plan starts from. Root attributes: format (clvsim totals), format_version.",
     totals},
    {"report.html",
     "The results as a page that needs nothing else, by `clv report` and, where Python has the package clvsim, at the "
     "end of `clv run`: figures with what to read from them, tables, and where all of it comes from.",
     {}},
    {"report.xlsx",
     "The results as a workbook, by `clv report` and at the end of `clv run`. A sheet has room for 1,048,575 rows; "
     "Summary says where there are more.",
     report_sheets},
    {"run.json", "How the results were made. It is written last: a folder whose files do not match it is refused.",
     run},
};

/// The page breaks its lines where this text does.
constexpr std::string_view introduction =
    R"(# Data dictionary

<!-- Written by `clv docs`; change the table in the code, not this page. -->

Every file that the program writes. CSV files are UTF-8 with a header, `,` between cells, `.` as decimal point and the shortest
numbers that read back to the same double; an empty cell is a missing value. Texts are written as they are, also those that a
spreadsheet would run, unless `output.spreadsheet_safe` asks for an apostrophe before these.
Files of a run appear whole or not at all.

In names `{level}` is a level times 100 with two digits and `.` as `_` (`clv_q05`, `clv_q02_5`), `{month}` a number from 1,
`{action}` the name of an action, `{feature}` any other name, `{file}` that of a file. `plan.cost` is the member `cost` of the member `plan`, and
`steps[].name` a member of every entry of a list. A column marked with * is there where it applies.

What a run reads it never removes or overwrites: where a result has the name of a file that a key names, the command stops before it
begins (exit 2). Of an earlier run in the folder, what the new one does not write is removed, unless it was changed since, is an input of
the new one or was one of the earlier, or belongs to a generated world (customers.csv, transactions.csv, truth.csv) and no other world is
generated; the terminal says what went. A file that a run in the folder has written and another one read may be made again. `clv optimize`
of the results in its own folder, `clv validate` and `clv report` join the set that is there.
)";

std::string markdown_text(std::string_view text) {
    std::string escaped;
    for (const char character : text) {
        if (character == '|') {
            escaped += '\\';
        }
        escaped += character;
    }
    return escaped;
}

}  // namespace

std::span<const FileSpec> file_table() {
    return files;
}

const FileSpec& file_spec(std::string_view file) {
    const auto found = std::ranges::find(file_table(), file, &FileSpec::name);
    if (found == file_table().end()) {
        throw std::logic_error(fmt::format("the file table has no {}", file));
    }
    return *found;
}

const ColumnSpec& column_spec(const FileSpec& file, std::string_view column) {
    const auto found = std::ranges::find(file.columns, column, &ColumnSpec::name);
    if (found == file.columns.end()) {
        throw std::logic_error(fmt::format("{} has no column {}", file.name, column));
    }
    return *found;
}

std::string data_dictionary_page() {
    std::string page(introduction);
    for (const FileSpec& file : file_table()) {
        const bool is_hdf5 = file.name.ends_with(".h5");
        const std::string_view kind = is_hdf5                        ? "dataset"
                                      : file.name.ends_with(".json") ? "member"
                                      : file.name.ends_with(".xlsx") ? "sheet"
                                                                     : "column";
        page += fmt::format("\n## {}\n\n{}\n", file.name, file.meaning);
        if (file.columns.empty()) {
            continue;
        }
        page += "\n";
        page += fmt::format("| {} | type | unit |{} meaning |\n", kind, is_hdf5 ? " dimensions |" : "");
        page += is_hdf5 ? "| --- | --- | --- | --- | --- |\n" : "| --- | --- | --- | --- |\n";
        for (const ColumnSpec& column : file.columns) {
            page += fmt::format("| `{}`{} | {} | {} |{} {} |\n", column.name, column.is_optional ? " *" : "",
                                column.type, column.unit, is_hdf5 ? fmt::format(" {} |", column.dimensions) : "",
                                markdown_text(column.meaning));
        }
    }
    return page;
}

std::string file_table_text() {
    using nlohmann::ordered_json;
    ordered_json table;
    table["note"] = "Written by `clv docs`; change the table in the code, not this file.";
    table["formats"] = {{"run.json", run_format},
                        {"model.json", {model_format, covariate_contract_format}},
                        {"certificate.json", certificate_format},
                        {"results.h5", {{"format", results_format}, {"format_version", results_format_version}}}};
    ordered_json all = ordered_json::array();
    for (const FileSpec& file : file_table()) {
        ordered_json columns = ordered_json::array();
        for (const ColumnSpec& column : file.columns) {
            ordered_json entry{{"name", column.name},
                               {"type", column.type},
                               {"unit", column.unit},
                               {"optional", column.is_optional},
                               {"meaning", column.meaning}};
            if (!column.dimensions.empty()) {
                entry["dimensions"] = column.dimensions;
            }
            columns.push_back(std::move(entry));
        }
        all.push_back({{"name", file.name}, {"meaning", file.meaning}, {"columns", std::move(columns)}});
    }
    table["files"] = std::move(all);
    return json_text(table, 1) + "\n";
}

}  // namespace clv
