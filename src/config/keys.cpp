// Every configuration key. To add one: a member in a settings struct, and an entry here.

#include "clv/config/keys.hpp"

#include <array>
#include <chrono>
#include <optional>
#include <string_view>

#include "clv/data/tables/customer_columns.hpp"
#include "clv/models/covariate_fit.hpp"
#include "key_binding.hpp"
#include "key_kinds.hpp"

namespace clv {

namespace {

using namespace kinds;

constexpr std::int64_t max_generated_customers = 100'000'000;
constexpr std::int64_t max_threads = 1024;
constexpr std::int64_t max_frontier_points = 65'535;
constexpr std::int64_t max_seed = std::numeric_limits<std::int64_t>::max();

/// The way to a member: at(&RunConfig::simulation, &SimulationSettings::paths).
template <class... Members>
auto at(Members... members) {
    return [=](auto& owner) -> auto& {
        return (owner.*....*members);
    };
}

constexpr std::array summary_columns{"frequency", "recency",   "T",      "monetary_value",
                                     "weight",    "customers", "cohort", "period"};

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

/// A key of the precision target, which is there once one of its keys is. Whether it is complete is checked at the end.
KeyBinding<RunConfig> in_target(const KeyBinding<PrecisionTarget>& inner) {
    KeyBinding<RunConfig> binding;
    binding.key = inner.key;
    binding.keeps_text = inner.keeps_text;
    binding.store = [store = inner.store](RunConfig& config, const nlohmann::json& value) {
        auto target = config.simulation.target.value_or(PrecisionTarget{});
        store(target, value);
        config.simulation.target = target;
    };
    binding.load = [load = inner.load](const RunConfig& config) {
        return config.simulation.target ? load(*config.simulation.target) : nlohmann::json();
    };
    return binding;
}

/// A day, as 2011-12-09; `get` says where it is, be it optional or not.
template <class Get>
KeyBinding<RunConfig> day(const Description& about, Get get) {
    KeyBinding<RunConfig> binding;
    binding.key = {about.name, "date", about.unit, "", "such as 1997-09-30", about.meaning, about.statistical};
    binding.keeps_text = true;
    binding.store = [=](RunConfig& config, const nlohmann::json& value) {
        const auto parsed = parse_date(checked_text(value), DateFormat::iso);
        if (!parsed) {
            throw ValueFault{"", fmt::format("is {}, which is no day", value.dump()), "give a day such as 1997-09-30"};
        }
        get(config) = *parsed;
    };
    binding.load = [=](const RunConfig& config) {
        const std::optional<std::chrono::sys_days> day = get(config);
        if (!day) {
            return nlohmann::json();
        }
        const std::chrono::year_month_day date(*day);
        return nlohmann::json(fmt::format("{:04}-{:02}-{:02}", static_cast<int>(date.year()),
                                          static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day())));
    };
    return binding;
}

/// One key for models of purchases and of contracts: the later word counts.
KeyBinding<RunConfig> fit_model() {
    const Description about{.name = "fit.model",
                            .meaning = "model of purchases, or of contracts (sbg, bdw: clv fit alone); absent: none"};
    Choices<PurchaseLaw> laws;
    for (const PurchaseLaw law : purchase_laws) {
        laws.emplace_back(law_name(law), law);
    }
    const auto purchase = choice<RunConfig>(about, at(&RunConfig::fit, &FitSettings::model), laws);
    const auto contract = choice<RunConfig>(about, at(&RunConfig::fit, &FitSettings::contract),
                                            Choices<ContractLaw>{{"sbg", ContractLaw::sbg}, {"bdw", ContractLaw::bdw}});
    KeyBinding<RunConfig> binding = purchase;
    binding.key.range += ", " + contract.key.range;
    binding.store = [=, range = binding.key.range](RunConfig& config, const nlohmann::json& value) {
        const bool is_contract = value == "sbg" || value == "bdw";
        config.fit.model.reset();
        config.fit.contract.reset();
        try {
            (is_contract ? contract : purchase).store(config, value);
        } catch (ValueFault& fault) {
            fault.remedy = "give one of " + range;
            throw;
        }
    };
    binding.load = [=](const RunConfig& config) {
        return config.fit.contract ? contract.load(config) : purchase.load(config);
    };
    return binding;
}

/// A choice; true and false are short for its usual two.
KeyBinding<RunConfig> parameter_uncertainty() {
    auto binding = choice<RunConfig>(
        {.name = "fit.parameter_uncertainty",
         .meaning = "whether all paths use the estimates, or share out 64 draws of the fitted parameters: normal ones, "
                    "or fits to customers drawn anew with replacement, which model.json keeps; true is laplace, "
                    "false none"},
        at(&RunConfig::fit, &FitSettings::parameter_uncertainty),
        Choices<ParameterUncertainty>{{"none", ParameterUncertainty::none},
                                      {"laplace", ParameterUncertainty::laplace},
                                      {"bootstrap", ParameterUncertainty::bootstrap}});
    binding.store = [store = binding.store](RunConfig& config, const nlohmann::json& value) {
        const bool is_word = value == "true" || value == "false";  // a word on the command line
        if (value.is_boolean() || is_word) {
            const bool wanted = is_word ? value == "true" : value.get<bool>();
            config.fit.parameter_uncertainty = wanted ? ParameterUncertainty::laplace : ParameterUncertainty::none;
        } else {
            store(config, value);
        }
    };
    return binding;
}

std::vector<KeyBinding<RunConfig>> bind_sections() {
    using C = RunConfig;
    const auto retailer = [](auto member) { return at(&C::generate, &GenerateSettings::retail, member); };
    return {
        choice<C>({.name = "generate.kind", .meaning = "world to generate; absent: none", .statistical = false},
                  at(&C::generate, &GenerateSettings::kind),
                  Choices<std::string>{{"subscription", "subscription"}, {"retail", "retail"}}),
        integer<C>({.name = "generate.customers",
                    .meaning = "how many customers the world has",
                    .unit = "customers",
                    .statistical = false},
                   at(&C::generate, &GenerateSettings::customers), 1, max_generated_customers),
        integer<C>({.name = "generate.seed",
                    .meaning = "seed of the world; the same seed gives the same files",
                    .statistical = false},
                   at(&C::generate, &GenerateSettings::seed), 0, max_seed),
        day({.name = "generate.first_day", .meaning = "retail: first day of the transactions", .statistical = false},
            retailer(&RetailWorldSettings::first_day)),
        day({.name = "generate.last_day", .meaning = "retail: last day of the transactions", .statistical = false},
            retailer(&RetailWorldSettings::last_day)),
        integer<C>({.name = "generate.acquisition_days",
                    .meaning = "retail: customers buy first on one of the first so many days",
                    .unit = "days",
                    .statistical = false},
                   retailer(&RetailWorldSettings::acquisition_days), 1, 36'525),
        number<C>(
            {.name = "generate.r", .meaning = "retail: rate of purchases ~ Gamma(r, alpha)", .statistical = false},
            retailer(&RetailWorldSettings::r), above_zero),
        number<C>({.name = "generate.alpha",
                   .meaning = "retail: its second parameter",
                   .unit = "weeks",
                   .statistical = false},
                  retailer(&RetailWorldSettings::alpha), above_zero),
        number<C>({.name = "generate.a",
                   .meaning = "retail: probability of dropping out after a repeat purchase ~ Beta(a, b)",
                   .statistical = false},
                  retailer(&RetailWorldSettings::a), above_zero),
        number<C>({.name = "generate.b", .meaning = "retail: its second parameter", .statistical = false},
                  retailer(&RetailWorldSettings::b), above_zero),
        number<C>({.name = "generate.p",
                   .meaning = "retail: spend of a purchase ~ Gamma(p, nu), nu ~ Gamma(q, v) over customers",
                   .statistical = false},
                  retailer(&RetailWorldSettings::p), above_zero),
        number<C>({.name = "generate.q", .meaning = "retail: shape of nu", .statistical = false},
                  retailer(&RetailWorldSettings::q), above_zero),
        number<C>({.name = "generate.v", .meaning = "retail: scale of nu", .unit = "currency", .statistical = false},
                  retailer(&RetailWorldSettings::v), above_zero),
        number<C>({.name = "generate.season_amplitude",
                   .meaning = "retail: amplitude of the yearly season in the logarithm of everybody's rate",
                   .statistical = false},
                  retailer(&RetailWorldSettings::season_amplitude), Range{.low = 0.0, .high = 3.0}),
        number<C>({.name = "generate.level_sd",
                   .meaning = "retail: standard deviation of weekly steps of that logarithm, a random walk",
                   .statistical = false},
                  retailer(&RetailWorldSettings::level_sd), Range{.low = 0.0, .high = 1.0}),

        path<C>({.name = "input.customers", .meaning = "customers file (CSV)"},
                at(&C::input, &InputSettings::customers)),
        path<C>({.name = "input.summary",
                 .meaning =
                     "purchase histories (CSV) of customers without a contract, instead of customers: frequency, "
                     "recency, T[, customer_id, monetary_value, weight, segment]; for clv fit of sbg or bdw renewals: "
                     "period, customers[, cohort, segment], or recency, T[, segment, weight]"},
                at(&C::input, &InputSettings::summary)),
        paths<C>({.name = "input.transactions",
                  .meaning = "transactions files (CSV, or CDNOW's fixed width) of customers without a contract"},
                 at(&C::input, &InputSettings::transactions)),
        choice<C>({.name = "input.schema", .meaning = "what the columns of transactions are called"},
                  at(&C::transactions, &TransactionSettings::schema),
                  Choices<TransactionSchema>{{"generic", TransactionSchema::generic},
                                             {"online_retail", TransactionSchema::online_retail},
                                             {"cdnow", TransactionSchema::cdnow}}),
        choice<C>({.name = "input.date_format",
                   .meaning = "order of days in transactions: 2011-12-09 or 20111209, 12/9/2011, 9/12/2011"},
                  at(&C::transactions, &TransactionSettings::date_format),
                  Choices<DateFormat>{{"iso", DateFormat::iso},
                                      {"month_first", DateFormat::month_first},
                                      {"day_first", DateFormat::day_first}}),
        boolean<C>({.name = "input.keep_cancellations",
                    .meaning = "online_retail: take invoices that begin with C too, at their negative revenue"},
                   at(&C::transactions, &TransactionSettings::keep_cancellations)),
        boolean<C>({.name = "input.keep_returns", .meaning = "take transactions of negative revenue too"},
                   at(&C::transactions, &TransactionSettings::keep_returns)),
        boolean<C>({.name = "input.keep_zero_revenue",
                    .meaning = "take transactions without revenue as purchases; absent: yes, but not of online_retail"},
                   at(&C::transactions, &TransactionSettings::keep_zero_revenue)),
        boolean<C>({.name = "input.keep_duplicates",
                    .meaning = "take rows that repeat another byte for byte; false where files overlap"},
                   at(&C::transactions, &TransactionSettings::keep_duplicates)),
        integer<C>({.name = "input.memory_mb",
                    .meaning = "buffer in which transactions are sorted; what does not fit is set aside on disk",
                    .unit = "MiB",
                    .statistical = false},
                   at(&C::transactions, &TransactionSettings::memory_mb), 1, 1 << 20),
        path<C>(
            {.name = "input.model", .meaning = "fitted purchase and spend models, or model of contracts (model.json)"},
            at(&C::input, &InputSettings::model)),
        texts_by_name<C>({.name = "input.columns", .meaning = "the file's name of our column NAME"},
                         at(&C::input, &InputSettings::columns), mappable_columns(), is_customer_column, true),
        texts_by_name<C>(
            {.name = "input.defaults", .meaning = "value of column NAME where the file does not have the column"},
            at(&C::input, &InputSettings::defaults), mappable_columns(), is_customer_column, false),
        texts<C>({.name = "input.segment_by",
                  .meaning = "columns of the file, combined with \" | \" into the segment; absent: the column segment, "
                             "if there is one"},
                 at(&C::input, &InputSettings::segment_by)),
        choice<C>(
            {.name = "input.on_fault",
             .meaning = "what a row with a fault does: refuse the file (exit 3, nothing is written; if absent, for "
                        "customers and summaries), or be rejected alone (rejects.csv; if absent, for transactions)"},
            at(&C::input, &InputSettings::on_fault),
            Choices<OnFault>{{"refuse", OnFault::refuse}, {"reject_rows", OnFault::reject_rows}}),

        fit_model(),
        choice<C>({.name = "fit.spend_model", .meaning = "model of the spend of a purchase; absent: none"},
                  at(&C::fit, &FitSettings::spend_model),
                  Choices<SpendModel>{{"gamma_gamma", SpendModel::gamma_gamma}}),

        day({.name = "fit.observation_end",
             .meaning = "last day of transactions that is used; absent: the last of the files"},
            at(&C::observation, &ObservationSettings::observation_end)),
        day({.name = "fit.holdout",
             .meaning = "last day that is fitted on; what comes after it is compared with the forecast"},
            at(&C::observation, &ObservationSettings::holdout)),
        choice<C>({.name = "fit.time_unit", .meaning = "what recency and T of a summary count"},
                  at(&C::observation, &ObservationSettings::time_unit),
                  Choices<TimeUnit>{{"day", TimeUnit::day},
                                    {"week", TimeUnit::week},
                                    {"month", TimeUnit::month},
                                    {"year", TimeUnit::year}}),
        texts<C>({.name = "fit.covariates",
                  .meaning = fmt::format("columns of input.summary, numbers that do not change in time: each moves the "
                                         "purchase rate and dropout by a factor exp(effect x column) ({})",
                                         laws_with_covariates())},
                 at(&C::fit, &FitSettings::covariates)),
        parameter_uncertainty(),
        boolean<C>(
            {.name = "fit.calendar",
             .meaning = "whether good and bad weeks that all customers share are estimated and simulated; it needs "
                        "transactions, or a model.json made from them"},
            at(&C::fit, &FitSettings::calendar)),
        boolean<C>(
            {.name = "fit.features",
             .meaning =
                 "whether features.csv and cohorts.csv of transactions are written beside a model fitted on them",
             .statistical = false},
            at(&C::fit, &FitSettings::features)),

        choice<C>(
            {.name = "survival.source",
             .meaning = "where churn hazards come from; absent: input.model (a model of contracts) if given, else "
                        "churn_probability or survival_1.., whichever the customers have"},
            at(&C::survival, &SurvivalSettings::source),
            Choices<SurvivalSource>{{"churn_probability", SurvivalSource::churn_probability},
                                    {"curve", SurvivalSource::curve},
                                    {"kaplan_meier", SurvivalSource::kaplan_meier},
                                    {"sbg", SurvivalSource::sbg},
                                    {"model", SurvivalSource::model}}),
        path<C>({.name = "survival.curves",
                 .meaning = "for source = \"curve\": file with segment, survival_1..survival_T; absent: the customers' "
                            "own columns"},
                at(&C::survival, &SurvivalSettings::curves)),
        number<C>({.name = "survival.alpha",
                   .meaning = "for source = \"sbg\": first parameter of the beta distribution of churn; absent: fitted "
                              "(give both or neither)"},
                  at(&C::survival, &SurvivalSettings::alpha), above_zero),
        number<C>({.name = "survival.beta", .meaning = "for source = \"sbg\": second parameter"},
                  at(&C::survival, &SurvivalSettings::beta), above_zero),
        integer<C>(
            {.name = "survival.period_months",
             .meaning = "for source = \"sbg\" and clv fit of sbg or bdw: time between renewals; churn happens in the "
                        "renewal month",
             .unit = "months"},
            at(&C::survival, &SurvivalSettings::period_months), 1, max_horizon_months),

        integer<C>({.name = "simulation.paths", .meaning = "Monte Carlo paths of every customer", .unit = "paths"},
                   at(&C::simulation, &SimulationSettings::paths), 1, max_paths),
        integer<C>(
            {.name = "simulation.horizon_months", .meaning = "how far into the future value counts", .unit = "months"},
            at(&C::simulation, &SimulationSettings::horizon_months), 1, max_horizon_months),
        integer<C>(
            {.name = "simulation.seed", .meaning = "seed of the random numbers; the same seed gives the same bytes"},
            at(&C::simulation, &SimulationSettings::seed), 0, max_seed),
        number<C>({.name = "simulation.discount_rate",
                   .meaning = "annual discount rate, 0.10 is ten percent",
                   .unit = "a year"},
                  at(&C::simulation, &SimulationSettings::discount_rate, &AnnualRate::value), Range{.low = -0.5}),
        choice<C>({.name = "simulation.discount_timing", .meaning = "when within its month cash is paid"},
                  at(&C::simulation, &SimulationSettings::discount_timing),
                  Choices<DiscountTiming>{
                      {"start", DiscountTiming::start}, {"mid", DiscountTiming::mid}, {"end", DiscountTiming::end}}),
        choice<C>(
            {.name = "simulation.churn_timing", .meaning = "end: who churns in a month has paid it; start: has not"},
            at(&C::simulation, &SimulationSettings::churn_timing),
            Choices<ChurnTiming>{{"start", ChurnTiming::start}, {"end", ChurnTiming::end}}),
        increasing_numbers<C>(
            {.name = "simulation.quantiles", .meaning = "levels of value to report; the low end is the bad end"},
            at(&C::simulation, &SimulationSettings::quantiles), inner_share),
        number<C>({.name = "simulation.cvar_level", .meaning = "CVaR is the mean of this worst share of value"},
                  at(&C::simulation, &SimulationSettings::cvar_level), inner_share),
        boolean<C>({.name = "simulation.uplift_distribution",
                    .meaning = "also report quantiles, CVaR and probability of gain of every action's profit and its "
                               "payback month (uplift.csv); costs time, and runs on the CPU"},
                   at(&C::simulation, &SimulationSettings::uplift_distribution)),
        boolean<C>({.name = "simulation.cashflow", .meaning = "also report the monthly cash flow (cashflow.csv)"},
                   at(&C::simulation, &SimulationSettings::cashflow)),
        boolean<C>(
            {.name = "simulation.attribution",
             .meaning = "customers without a contract: also split the variance of the total by source (sources.csv) "
                        "in six further simulations"},
            at(&C::simulation, &SimulationSettings::attribution)),
        choice<C>({.name = "simulation.sampler",
                   .meaning = "how paths are drawn: independent; churn in strata and revenue in antithetic pairs; or "
                              "scrambled Sobol points. With the last two simulation.paths is a multiple of 16"},
                  at(&C::simulation, &SimulationSettings::sampler),
                  Choices<Sampler>{
                      {"philox", Sampler::philox}, {"stratified", Sampler::stratified}, {"sobol", Sampler::sobol}}),
        in_target(number<PrecisionTarget>({.name = "simulation.target_se",
                                           .meaning = "customers get more paths until the standard error of their "
                                                      "mean is at most this; absent: everybody has simulation.paths",
                                           .unit = "share of the mean, or currency"},
                                          at(&PrecisionTarget::se), above_zero)),
        in_target(choice<PrecisionTarget>(
            {.name = "simulation.target_se_kind",
             .meaning = "target_se is relative to the customer's mean (if absent), or absolute, in currency"},
            at(&PrecisionTarget::kind),
            Choices<PrecisionKind>{{"relative", PrecisionKind::relative}, {"absolute", PrecisionKind::absolute}})),
        in_target(number<PrecisionTarget>(
            {.name = "simulation.target_se_quantile",
             .meaning = "level, one of simulation.quantiles, whose standard error must meet the target too"},
            at(&PrecisionTarget::quantile), inner_share)),
        in_target(integer<PrecisionTarget>({.name = "simulation.max_paths",
                                            .meaning = "most paths that a customer gets to meet target_se; absent: 16 "
                                                       "times simulation.paths",
                                            .unit = "paths"},
                                           at(&PrecisionTarget::max_paths), 1, max_paths)),

        number<C>({.name = "market.revenue_volatility",
                   .meaning = "log standard deviation of the market factor in revenue",
                   .unit = "per square root of a year"},
                  at(&C::market, &Market::revenue_volatility), at_least_zero),
        number<C>({.name = "market.hazard_sensitivity",
                   .meaning = "hazard is multiplied by exp(-sensitivity x market factor): a good market lowers churn",
                   .unit = "per square root of a year"},
                  at(&C::market, &Market::hazard_sensitivity), any_number),

        path<C>({.name = "optimizer.uplift",
                 .meaning =
                     "uplift CSV to plan from as it is: customer_id, action, expected_profit, cost[, cost_NAME "
                     "..][, expected_profit_se][, added_months][, clv_cvar05][, segment]; absent: optimizer.results"},
                at(&C::optimizer, &OptimizerSettings::uplift)),
        path<C>({.name = "optimizer.results",
                 .meaning = "folder of results to plan from, or its results.h5; absent: output.dir"},
                at(&C::optimizer, &OptimizerSettings::results)),
        path<C>({.name = "optimizer.current",
                 .meaning = "CSV of what is done today: customer_id, action, such as an earlier plan.csv; the plan is "
                            "compared with it"},
                at(&C::optimizer, &OptimizerSettings::current)),
        number<C>({.name = "optimizer.budget",
                   .meaning = "cap on the expected present value of the actions' costs; absent: no cap",
                   .unit = "currency"},
                  at(&C::optimizer, &OptimizerSettings::budget), at_least_zero),
        boolean<C>({.name = "optimizer.require_choice",
                    .meaning = "uplift CSV: a customer without a row `none` must get one of the actions listed"},
                   at(&C::optimizer, &OptimizerSettings::require_choice)),
        boolean<C>({.name = "optimizer.exact", .meaning = "search until the plan is proven optimal, or too hard"},
                   at(&C::optimizer, &OptimizerSettings::exact)),
        choice<C>({.name = "optimizer.objective",
                   .meaning = "what is maximised: expected profit, or (1 - risk_weight) mean + risk_weight CVaR of "
                              "the value of all customers together under the plan"},
                  at(&C::optimizer, &OptimizerSettings::objective),
                  Choices<Objective>{{"profit", Objective::profit}, {"mean_cvar", Objective::mean_cvar}}),
        number<C>({.name = "optimizer.risk_weight", .meaning = "for objective = \"mean_cvar\": weight of CVaR"},
                  at(&C::optimizer, &OptimizerSettings::risk_weight), share),
        number<C>({.name = "optimizer.customer_risk_weight",
                   .meaning = "weight in the choice of every customer's own risk: (1 - weight) profit + weight x what "
                              "the action changes of the CVaR of the customer's value"},
                  at(&C::optimizer, &OptimizerSettings::customer_risk_weight), share),
        number<C>({.name = "optimizer.robustness",
                   .meaning = "standard errors that are taken off the profit of every action before one is chosen",
                   .unit = "standard errors"},
                  at(&C::optimizer, &OptimizerSettings::robustness), at_least_zero),
        number<C>(
            {.name = "optimizer.switching_penalty",
             .meaning = "charged in the choice for an action that is not the customer's in optimizer.current: the "
                        "plan stays where little is to be gained",
             .unit = "currency"},
            at(&C::optimizer, &OptimizerSettings::switching_penalty), at_least_zero),
        integer<C>(
            {.name = "optimizer.added_paths",
             .meaning = "customers whose choice could turn, because another action comes closer to the best than "
                        "2 standard errors, get so many more paths before the plan is made; 0: nobody. It needs "
                        "simulation.sampler = \"philox\"",
             .unit = "paths"},
            at(&C::optimizer, &OptimizerSettings::added_paths), 0, max_paths),
        integer<C>({.name = "optimizer.frontier_points", .meaning = "most points of frontier.csv", .unit = "points"},
                   at(&C::optimizer, &OptimizerSettings::frontier_points), 2, max_frontier_points),

        choice<C>({.name = "execution.backend",
                   .meaning = "where to compute; auto: cuda if there is a GPU, else cpu. Results are the same",
                   .statistical = false},
                  at(&C::execution, &ExecutionSettings::backend),
                  Choices<std::string>{{"auto", "auto"}, {"cpu", "cpu"}, {"cuda", "cuda"}}),
        integer<C>({.name = "execution.threads",
                    .meaning = "threads of the CPU; 0: all. Results are the same",
                    .unit = "threads",
                    .statistical = false},
                   at(&C::execution, &ExecutionSettings::threads), 0, max_threads),

        path<C>({.name = "output.dir", .meaning = "folder of the results"}, at(&C::output, &OutputSettings::dir)),
    };
}

/// Known here for its description: config_source.cpp has put the keys of the file in its place.
KeyBinding<Action> action_file() {
    KeyBinding<Action> binding;
    binding.key = {"file", "path",
                   "",     "",
                   "",     "file with the keys of the action (configs/actions/); keys beside it win over the file's",
                   false};
    binding.store = [](Action& /*action*/, const nlohmann::json& /*value*/) {};
    binding.load = [](const Action& /*action*/) { return nlohmann::json(); };
    return binding;
}

std::vector<KeyBinding<Action>> bind_action() {
    using A = Action;
    return {
        action_file(),
        text<A>({.name = "name", .meaning = "required, and distinct; \"none\" may be listed, without effects"},
                at(&A::name)),
        text<A>({.name = "channel", .meaning = "how customers are reached, such as call or email"}, at(&A::channel)),
        number<A>({.name = "cost", .meaning = "paid today for every customer it is offered to", .unit = "currency"},
                  at(&A::cost), at_least_zero),
        number<A>({.name = "cost_if_accepted", .meaning = "paid today if the customer accepts", .unit = "currency"},
                  at(&A::cost_if_accepted), at_least_zero),
        number<A>({.name = "monthly_cost",
                   .meaning = "paid in every paid month while the action is active",
                   .unit = "currency a month"},
                  at(&A::monthly_cost), at_least_zero),
        number<A>({.name = "monthly_cost_share",
                   .meaning = "the same as a share of the revenue that the customer then pays: 0.05 is cashback of 5%",
                   .unit = "share of revenue"},
                  at(&A::monthly_cost_share), share),
        number<A>({.name = "acceptance", .meaning = "probability that a customer accepts"}, at(&A::acceptance), share),
        integer<A>({.name = "duration_months",
                    .meaning = "how long the multipliers act; absent: the horizon",
                    .unit = "months"},
                   at(&A::duration_months), 1, max_horizon_months),
        multiplier<A>({.name = "hazard_multiplier", .meaning = "factor on the churn hazard"},
                      at(&A::hazard_multiplier)),
        multiplier<A>({.name = "revenue_multiplier", .meaning = "factor on volume: revenue and cost of goods"},
                      at(&A::revenue_multiplier)),
        multiplier<A>(
            {.name = "price_multiplier", .meaning = "factor on the price alone: 0.95 is a discount of 5% of revenue"},
            at(&A::price_multiplier)),
        text<A>({.name = "eligible", .meaning = "filter over the customers' columns; absent: everybody"},
                at(&A::eligible)),
    };
}

/// The rate of a scenario, absent where it has none of its own.
KeyBinding<Scenario> own_discount_rate(const Description& about) {
    constexpr Range range{.low = -0.5};
    KeyBinding<Scenario> binding;
    binding.key = {about.name, "number", about.unit, "", range.text(), about.meaning, about.statistical};
    binding.store = [=](Scenario& scenario, const nlohmann::json& value) {
        scenario.discount_rate = AnnualRate{checked_number(value, range, about.unit)};
    };
    binding.load = [](const Scenario& scenario) {
        return scenario.discount_rate ? nlohmann::json(scenario.discount_rate->value) : nlohmann::json();
    };
    return binding;
}

std::vector<KeyBinding<Scenario>> bind_scenario() {
    using S = Scenario;
    constexpr double largest_factor = 1000.0;
    constexpr Range factor{.low = 0.0, .high = largest_factor};
    constexpr Range price{.low = 0.0, .high = largest_factor, .low_open = true};
    constexpr Range shift{.low = -20.0, .high = 20.0};
    std::vector<KeyBinding<S>> bindings{
        text<S>({.name = "name", .meaning = "required, and distinct; \"base\" is the run as it is"}, at(&S::name)),
        number<S>({.name = "hazard_multiplier", .meaning = "factor on every churn hazard"}, at(&S::hazard_multiplier),
                  factor),
        number<S>({.name = "revenue_multiplier", .meaning = "factor on volume: revenue and cost of goods"},
                  at(&S::revenue_multiplier), factor),
        number<S>(
            {.name = "price_multiplier", .meaning = "factor on the price alone: 1.05 adds 5% of revenue to the margin"},
            at(&S::price_multiplier), price),
        own_discount_rate({.name = "discount_rate",
                           .meaning = "annual discount rate; absent: simulation.discount_rate",
                           .unit = "a year"}),
        number<S>({.name = "market_shift",
                   .meaning = "moves the market factor in every month. It acts through market.revenue_volatility and "
                              "market.hazard_sensitivity",
                   .unit = "standard deviations of a year"},
                  at(&S::market_shift), shift),
    };
    for (KeyBinding<S>& binding : bindings) {
        if (binding.key.type == "number") {
            binding.key.type = "number or list of numbers";
        }
    }
    return bindings;
}

std::vector<ConfigKey> describe_keys() {
    std::vector<ConfigKey> keys;
    const auto add = [&](const auto& bindings, const std::string& prefix, const auto& defaults) {
        for (const auto& binding : bindings) {
            ConfigKey key = binding.key;
            key.name = prefix + key.name + (binding.is_open ? ".NAME" : "");
            const nlohmann::json value = binding.load(defaults);
            key.default_value = value.is_null() ? "" : value.dump();
            keys.push_back(std::move(key));
        }
    };
    add(section_bindings(), "", RunConfig{});
    add(action_bindings(), "actions.", Action{});
    add(scenario_bindings(), "scenarios.", Scenario{});
    add(limit_bindings(), "optimizer.limits.", PlanLimit{});
    return keys;
}

}  // namespace

std::span<const KeyBinding<RunConfig>> section_bindings() {
    static const std::vector<KeyBinding<RunConfig>> bindings = bind_sections();
    return bindings;
}

std::span<const KeyBinding<Action>> action_bindings() {
    static const std::vector<KeyBinding<Action>> bindings = bind_action();
    return bindings;
}

std::span<const KeyBinding<Scenario>> scenario_bindings() {
    static const std::vector<KeyBinding<Scenario>> bindings = bind_scenario();
    return bindings;
}

std::span<const ConfigKey> config_keys() {
    static const std::vector<ConfigKey> keys = describe_keys();
    return keys;
}

std::string describe(const nlohmann::json& value) {
    switch (value.type()) {
        case nlohmann::json::value_t::string:
            return fmt::format("the text \"{}\"", value.get<std::string>());
        case nlohmann::json::value_t::array:
            return "a list";
        case nlohmann::json::value_t::object:
            return "a table";
        case nlohmann::json::value_t::number_float:
            return fmt::format("the number {}", value.get<double>());
        default:
            return value.dump();
    }
}

}  // namespace clv
