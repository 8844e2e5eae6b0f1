#include "clv/simulation/subscription_setup.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

#include "clv/core/errors.hpp"
#include "clv/core/magnitudes.hpp"
#include "clv/core/parallel.hpp"
#include "clv/core/progress.hpp"
#include "clv/paths/subscription_revenue.hpp"
#include "clv/random/elementary.hpp"
#include "setup_parts.hpp"

namespace clv {

namespace {

constexpr double sqrt_months_per_year = 3.4641016151377544;

PathPoints points_of(Sampler sampler) {
    switch (sampler) {
        case Sampler::philox:
            return PathPoints::independent;
        case Sampler::stratified:
            return PathPoints::stratified;
        case Sampler::sobol:
            return PathPoints::sobol;
    }
    return PathPoints::independent;
}

}  // namespace

SubscriptionSetup::SubscriptionSetup(const SubscriptionColumns& columns, const SimulationPlan& plan, int threads)
    : columns_(columns),
      plan_(plan),
      discount_(discount_factors(plan.settings)),
      frame_{plan,
             columns.segment,
             std::max<std::size_t>(1, columns.segments.size()),
             annuity_of(discount_),
             {},
             {},
             weights_of(plan),
             true,
             columns.last_is_apart ? 1U : 0U} {
    const SimulationSettings& settings = plan.settings;
    check_plan(plan);
    if (columns.hazards.customers.size() != columns.size()) {
        throw ModelError("hazards and customers differ in number");
    }
    check_draws();

    SubscriptionRun run{};
    run.points = points_of(settings.sampler);
    run.horizon_months = settings.horizon_months;
    run.pays_in_churn_month = settings.churn_timing == ChurnTiming::end;
    run.key = philox_key(static_cast<std::uint32_t>(settings.seed), static_cast<std::uint32_t>(settings.seed >> 32));
    run.first_path = static_cast<std::uint32_t>(plan.first_path);
    run.paths = static_cast<std::uint32_t>(settings.paths);
    run.block_paths = run.paths;
    if (run.points != PathPoints::independent) {
        run.bridge = make_brownian_bridge(settings.horizon_months - 1);
    }
    run.action_count = static_cast<int>(plan.actions.size());
    for (std::size_t a = 0; a < plan.actions.size(); ++a) {
        run.actions[a] = action_law(plan.actions[a], settings.horizon_months);
    }
    const std::int64_t extra_paths = settings.most_paths() - settings.paths;
    if (plan.assignment.empty() && extra_paths > 0) {
        extra_run_ = run;
        extra_run_->first_path += static_cast<std::uint32_t>(extra_paths_begin);
        extra_run_->paths = static_cast<std::uint32_t>(extra_paths);
        fill_market(*extra_run_, extra_market_);
    }
    fill_market(run, market_);
    fill_draws(run, market_);
    runs_.push_back(run);
    if (!plan.assignment.empty()) {
        for (const Action& action : plan.actions) {
            SubscriptionRun single = run;
            single.action_count = 1;
            single.actions[0] = action_law(action, settings.horizon_months);
            runs_.push_back(single);
        }
    }

    choose_total_scales(threads);
}

void SubscriptionSetup::check_draws() const {
    const std::size_t draws = columns_.hazard_draws;
    if (draws % path_replicates != 0 || columns_.inverse_hazard_factor.size() != draws * columns_.size()) {
        throw ModelError("draws of hazards are not as many for everybody, or no multiple of 16");
    }
    if (draws > 0 && plan_.settings.target) {
        throw ConfigError(
            "simulation.target_se is for hazards that are known, and these were learned, or fitted with covariates, "
            "with "
            "models that paths share: leave it out, or set learn.bootstraps = 0 or fit.parameter_uncertainty = "
            "\"none\"");
    }
}

/// Draw k belongs to replicate k mod 16, as paths do; which of its draws a path has is random, so that it has nothing
/// to do with the points of stratified and Sobol paths.
void SubscriptionSetup::fill_draws(SubscriptionRun& run, MarketTables& tables) const {
    if (columns_.hazard_draws == 0) {
        return;
    }
    const auto of_replicate = static_cast<std::uint32_t>(columns_.hazard_draws / path_replicates);
    tables.draw.assign(run.paths + path_padding, 0);
    for (std::uint32_t path = 0; path < run.paths; ++path) {
        const auto block =
            philox_paths<std::uint32_t>(draw_address(Purpose::hazard_draw, 0), run.first_path + path, 0, 0, run.key);
        const auto replicates = static_cast<std::uint32_t>(path_replicates);
        tables.draw[path] = path % replicates + replicates * (block.word[0] % of_replicate);
    }
    run.hazard_draw = tables.draw.data();
}

/// How many times a customer's value may grow in a scenario of the plan, at most.
double SubscriptionSetup::scenario_factor(std::size_t i) const {
    double largest = 1.0;
    const double market = plan_.market.revenue_volatility * columns_.market_beta[i];
    const double years = static_cast<double>(plan_.settings.horizon_months) / months_per_year;
    for (const Scenario& scenario : plan_.scenarios) {
        double factor = std::max(1.0, scenario.revenue_multiplier * (scenario.price_multiplier + 2.0));
        factor *= elementary::exp(std::abs(market * scenario.market_shift));
        const double rate = scenario.discount_rate.value_or(plan_.settings.discount_rate).value;
        const double log_ratio = elementary::log1p(plan_.settings.discount_rate.value) - elementary::log1p(rate);
        factor *= elementary::exp(std::max(0.0, years * log_ratio));
        largest = std::max(largest, factor);
    }
    return largest;
}

SubscriptionSetup::Sizes SubscriptionSetup::largest_sizes(std::size_t i, const CustomerTables& tables) const {
    Sizes sizes = value_sizes(i, tables, nullptr);
    for (const Action& action : plan_.actions) {
        const Sizes with_action = value_sizes(i, tables, &action);
        sizes.typical = std::max(sizes.typical, with_action.typical);
        sizes.shared_bound = std::max(sizes.shared_bound, with_action.shared_bound);
        sizes.bound = std::max(sizes.bound, with_action.bound);
    }
    const double in_scenarios = scenario_factor(i);
    return {sizes.typical * in_scenarios, sizes.shared_bound * in_scenarios, sizes.bound * in_scenarios};
}

void SubscriptionSetup::choose_total_scales(int threads) {
    constexpr double largest_value = magnitudes::largest_amount;
    constexpr std::size_t block_customers = 1'024;
    struct Part {
        SumSizes values;
        SumSizes cash;
        std::size_t beyond =
            std::numeric_limits<std::size_t>::max();  ///< first customer who is beyond what is simulated
        CustomerTables tables;
    };
    std::vector<Part> parts(static_cast<std::size_t>(thread_count(threads)));
    const std::size_t blocks = (columns_.size() + block_customers - 1) / block_customers;
    for_each_block(threads, blocks, [&](std::size_t slot, std::size_t block) {
        throw_if_interrupted();
        Part& part = parts[slot];
        const std::size_t end = std::min(columns_.size(), (block + 1) * block_customers);
        for (std::size_t i = block * block_customers; i < end; ++i) {
            fill_revenue(i, part.tables);
            const Sizes sizes = largest_sizes(i, part.tables);
            if (!(sizes.typical < largest_value)) {
                part.beyond = std::min(part.beyond, i);
                return;
            }
            part.values.add(sizes.typical, sizes.shared_bound, sizes.bound);
            if (plan_.settings.cashflow) {
                const Sizes monthly = cash_sizes(i, part.tables);
                part.cash.add(monthly.typical, monthly.shared_bound, monthly.bound);
            }
        }
    });
    Part all;
    for (const Part& part : parts) {
        all.values.add(part.values);
        all.cash.add(part.cash);
        all.beyond = std::min(all.beyond, part.beyond);
    }
    if (all.beyond < columns_.size()) {
        fill_revenue(all.beyond, all.tables);
        throw ModelError(fmt::format(
            "the expected value of customer {} of the input is about {:.3g}, beyond the {:.0e} that are simulated: "
            "lower monthly_revenue, revenue_growth or the costs, or raise discount_rate",
            all.beyond + 1, largest_sizes(all.beyond, all.tables).typical, largest_value));
    }
    frame_.total_scale = all.values.scale();
    frame_.cash_scale = all.cash.scale();
}

void SubscriptionSetup::fill_market(SubscriptionRun& run, MarketTables& tables) const {
    const Market& market = plan_.market;
    if (market.revenue_volatility == 0.0 && market.hazard_sensitivity == 0.0) {
        return;
    }
    const std::uint32_t paths = run.paths;
    const int horizon = run.horizon_months;
    std::vector<float>& walks = tables.walk;
    fill_in_stretches(walks, grouped_entries(paths + path_padding, horizon) + month_padding * path_group);
    for (std::uint32_t path = 0; path < paths; ++path) {
        if (path % 65'536 == 0) {
            throw_if_interrupted();
        }
        market_walk(run, path, [&](int month, float walk) { walks[grouped_index(path, month, horizon)] = walk; });
    }
    run.market = walks.data();
    const double sensitivity = market.hazard_sensitivity;
    if (sensitivity == 0.0) {
        return;
    }
    // h_t exp(-s F_t - s^2 (t-1)/24), F_t in sqrt(1/12) steps
    fill_in_stretches(tables.hazard, grouped_entries(paths + path_padding, horizon));
    const auto step = static_cast<float>(-sensitivity / sqrt_months_per_year * std::numbers::log2e);
    for (int month = 1; month <= horizon; ++month) {
        throw_if_interrupted();
        const auto drift = static_cast<float>(-sensitivity * sensitivity / 24.0 * std::numbers::log2e *
                                              static_cast<double>(month - 1));
        for (std::uint32_t path = 0; path < paths; ++path) {
            const std::size_t at = grouped_index(path, month, horizon);
            tables.hazard[at] = exp2(lane::fused(step, walks[at], drift));
        }
    }
    run.market_hazard = tables.hazard.data();
}

void SubscriptionSetup::fill_revenue(std::size_t i, CustomerTables& tables) const {
    const auto months = static_cast<std::size_t>(plan_.settings.horizon_months);
    tables.discounted_revenue.assign(months + month_padding, 0.0F);
    tables.revenue.resize(months);
    tables.revenue_value.resize(months + 1);
    const double log_growth = elementary::log1p(columns_.revenue_growth[i]);
    tables.revenue_value[0] = 0.0;
    for (std::size_t m = 0; m < months; ++m) {
        const double years = static_cast<double>(m) / months_per_year;
        const double growth = log_growth == 0.0 ? 1.0 : elementary::exp(years * log_growth);
        tables.revenue[m] = columns_.monthly_revenue[i] * growth;
        const double discounted = tables.revenue[m] * discount_[m];
        tables.discounted_revenue[m] = static_cast<float>(discounted);
        tables.revenue_value[m + 1] = tables.revenue_value[m] + discounted;
    }
}

void SubscriptionSetup::fill_hazards(std::size_t i, CustomerTables& tables) const {
    const auto months = static_cast<std::size_t>(plan_.settings.horizon_months);
    constexpr std::size_t padding = lane::sorted_padding;
    tables.hazard.resize(months);
    tables.cumulative_hazard.assign((months + padding - 1) / padding * padding, HUGE_VALF);
    bool same_in_every_path = market_.hazard.empty();
    float cumulative = 0.0F;
    for (std::size_t m = 0; m < months; ++m) {
        tables.hazard[m] = columns_.hazards.at(i, static_cast<int>(m) + 1);
        cumulative = cumulative + tables.hazard[m];
        tables.cumulative_hazard[m] = cumulative;
        same_in_every_path = same_in_every_path && tables.hazard[m] < certain_churn_hazard;
    }
    tables.customer.hazard = tables.hazard.data();
    tables.customer.cumulative_hazard = same_in_every_path ? tables.cumulative_hazard.data() : nullptr;
    const SubscriptionRun& run = run_of(i);
    for (int a = 1; a <= run.action_count; ++a) {
        const ActionLaw& action = run.actions[a - 1];
        const auto end = static_cast<std::size_t>(action.duration_months);
        const float until_end = end < months ? tables.cumulative_hazard[end - 1] : HUGE_VALF;
        const double median = action.multiplier(MultiplierKind::hazard).median;
        const double shift = end < months ? (1.0 - median) * static_cast<double>(until_end) : 0.0;
        tables.customer.threshold[a] = {action.inverse_hazard_multiplier, until_end, static_cast<float>(shift)};
    }
}

/// Fills the values by paid months m: margin x revenue of m months, minus costs; with an action also what its active
/// months add.
void SubscriptionSetup::fill_values(std::size_t i, CustomerTables& tables) const {
    const SubscriptionRun& run = run_of(i);
    const std::size_t entries = frame_.annuity.size();
    const double margin = columns_.margin[i];
    tables.value.resize(entries * static_cast<std::size_t>(run.action_count + 1));
    for (std::size_t m = 0; m < entries; ++m) {
        const double value = margin * tables.revenue_value[m] - columns_.retention_cost[i] * frame_.annuity[m] -
                             columns_.acquisition_cost[i];
        tables.value[m] = value + 0.0;  // no -0: a quantile must not depend on which of two equal zeros came first
    }
    tables.customer.value[0] = {tables.value.data(), 0.0};
    for (int a = 1; a <= run.action_count; ++a) {
        const ActionLaw& action = run.actions[a - 1];
        double active_margin = 0.0;
        if (action.has_certain_revenue()) {
            active_margin = active_margin_of(action, margin, action.multiplier(MultiplierKind::revenue).median,
                                             action.multiplier(MultiplierKind::price).median);
        }
        double* values = tables.value.data() + entries * static_cast<std::size_t>(a);
        for (std::size_t m = 0; m < entries; ++m) {
            const std::size_t active = std::min(m, static_cast<std::size_t>(action.duration_months));
            const double value = tables.value[m] + active_margin * tables.revenue_value[active] -
                                 action.monthly_cost * frame_.annuity[active] - action.cost - action.cost_if_accepted;
            values[m] = value + 0.0;
        }
        tables.customer.value[a] = {values, active_margin};
    }
}

void SubscriptionSetup::fill(std::size_t i, CustomerTables& tables) const {
    fill_revenue(i, tables);
    fill_hazards(i, tables);
    fill_values(i, tables);
    const double own = columns_.revenue_volatility[i];
    const double market = columns_.market_beta[i] * plan_.market.revenue_volatility;
    SubscriptionCustomer& customer = tables.customer;
    customer.id_low = static_cast<std::uint32_t>(columns_.id_hash[i]);
    customer.id_high = static_cast<std::uint32_t>(columns_.id_hash[i] >> 32);
    tables.revenue_words.resize(static_cast<std::size_t>(revenue_blocks(plan_.settings.horizon_months)));
    for (std::size_t block = 0; block < tables.revenue_words.size(); ++block) {
        tables.revenue_words[block] =
            revenue_words(runs_.front(), customer.id_low, customer.id_high, static_cast<int>(block));
    }
    customer.revenue_words = tables.revenue_words.data();
    customer.discounted_revenue = tables.discounted_revenue.data();
    customer.revenue_value = tables.revenue_value.data();
    constexpr double least = 1e-9;  // no float near 1 shows less
    customer.own_step = own < least ? 0.0F : static_cast<float>(own / sqrt_months_per_year * std::numbers::log2e);
    customer.market_step = static_cast<float>(market / sqrt_months_per_year * std::numbers::log2e);
    customer.drift = static_cast<float>((own * own + market * market) / 24.0 * std::numbers::log2e);
    customer.own_drift = customer.own_step == 0.0F ? 0.0F : customer.drift / customer.own_step;
    customer.margin = columns_.margin[i];
    customer.inverse_hazard_factor = columns_.inverse_hazard_factor.data() + i * columns_.hazard_draws;
    customer.eligible = !plan_.assignment.empty() ? 1U : plan_.eligible.empty() ? 0xffU : plan_.eligible[i];
}

SubscriptionSetup::Sizes SubscriptionSetup::value_sizes(std::size_t i, const CustomerTables& tables,
                                                        const Action* action) const {
    const double own = columns_.revenue_volatility[i];
    const double market = columns_.market_beta[i] * plan_.market.revenue_volatility;
    const double years = static_cast<double>(plan_.settings.horizon_months - 1) / months_per_year;
    double factor = std::max(1.0, std::abs(columns_.margin[i]));
    double shared_variance = market * market * years;
    double own_variance = own * own * years;
    double costs = columns_.retention_cost[i] * frame_.annuity.back() + columns_.acquisition_cost[i];
    if (action != nullptr) {
        double mean = 1.0;
        for (const UncertainMultiplier* multiplier : {&action->revenue_multiplier, &action->price_multiplier}) {
            const double shared = multiplier->log_sd * multiplier->log_sd;
            const double customer = multiplier->customer_log_sd * multiplier->customer_log_sd;
            shared_variance += shared;
            own_variance += customer;
            mean *= elementary::exp(0.5 * (shared + customer));  // a multiplier's median is given, not its mean
        }
        factor *= std::max(1.0, action->revenue_multiplier.median * (action->price_multiplier.median + 2.0) * mean);
        costs += action->monthly_cost * frame_.annuity.back() + action->cost + action->cost_if_accepted;
    }
    const double revenue = factor * tables.revenue_value.back();
    return {revenue + costs, revenue * nine_sigma(shared_variance) + costs,
            revenue * nine_sigma(shared_variance + own_variance) + costs};
}

SubscriptionSetup::Sizes SubscriptionSetup::cash_sizes(std::size_t i, const CustomerTables& tables) const {
    const double own = columns_.revenue_volatility[i];
    const double market = columns_.market_beta[i] * plan_.market.revenue_volatility;
    const double years = static_cast<double>(plan_.settings.horizon_months - 1) / months_per_year;
    const double revenue =
        std::max(1.0, std::abs(columns_.margin[i])) * *std::max_element(tables.revenue.begin(), tables.revenue.end());
    const double costs = columns_.retention_cost[i];
    return {revenue + costs, revenue * nine_sigma(market * market * years) + costs,
            revenue * nine_sigma((market * market + own * own) * years) + costs};
}

FixedPoint SubscriptionSetup::value_scale(std::size_t i, const CustomerTables& tables, const Action* action) const {
    const Sizes sizes = value_sizes(i, tables, action);
    return {sizes.typical, sizes.bound};
}

ValueScales SubscriptionSetup::value_scales(std::size_t i, const CustomerTables& tables) const {
    ValueScales scales;
    scales[0] = value_scale(i, tables, nullptr);
    for (int a = 1; a <= frame_.action_count(); ++a) {
        if (tables.customer.may_get(a)) {
            scales[static_cast<std::size_t>(a)] = value_scale(i, tables, &plan_.actions[frame_.action_of(i, a)]);
        }
    }
    return scales;
}

}  // namespace clv
