#include "clv/simulation/retail_setup.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <limits>

#include "clv/core/errors.hpp"
#include "clv/core/magnitudes.hpp"
#include "clv/core/progress.hpp"
#include "clv/core/units.hpp"
#include "clv/random/elementary.hpp"
#include "setup_parts.hpp"

namespace clv {

namespace {

/// The entries of a RetailPosterior, in its order.
enum Entry : std::size_t {
    alive,
    rate_shape,
    rate_other,
    rate_scale,
    dropout_shape,
    dropout_other,
    dropout_scale,
    spend_customer,
    spend_purchase,
    spend_scale,
    entries
};
static_assert(entries == retail_posterior_entries);

/// A customer's values may be this many times what is typical: spend has a power tail.
constexpr double value_headroom = 0x1p22;

/// Which draws the paths of a plan use: fresh ones, and those that only some customers have, are not those that a
/// decision was made on.
std::size_t draw_set(const SimulationPlan& plan) {
    return plan.first_path == 0 ? 0 : plan.first_path < added_paths_begin ? 1 : 2;
}

/// Log-intensity of one path, week after week.
class CalendarWalk {
  public:
    CalendarWalk(const CalendarDraw& draw, const PhiloxKey& key, std::uint32_t path)
        : draw_(draw), key_(key), path_(path) {
        const NormalPair<float> start = normals(0);
        const double deviation = draw.level_sd * static_cast<double>(start.first);
        level_ = draw.level + deviation;
        cycle_ = draw.cycle + draw.cycle_on_level * deviation + draw.cycle_sd * static_cast<double>(start.second);
    }
    /// The log-intensity of week 0, then 1, ..
    double next() {
        const NormalPair<float> steps = normals(week_ + 1);
        level_ += draw_.level_step_sd * static_cast<double>(steps.first);
        cycle_ = draw_.persistence * cycle_ + draw_.cycle_step_sd * static_cast<double>(steps.second);
        const std::vector<double>& seasonal = draw_.seasonal;
        const double effect = seasonal.empty() ? 0.0 : seasonal[std::min<std::size_t>(week_, seasonal.size() - 1)];
        ++week_;
        return effect + level_ + cycle_;
    }

  private:
    [[nodiscard]] NormalPair<float> normals(std::uint32_t index) const {
        const auto block = philox_paths<std::uint32_t>(draw_address(Purpose::calendar, index), path_, 0, 0, key_);
        return normal_pair<float>(block.word[0], block.word[1]);
    }
    const CalendarDraw& draw_;
    const PhiloxKey& key_;
    std::uint32_t path_;
    std::uint32_t week_ = 0;
    double level_ = 0.0;
    double cycle_ = 0.0;
};

}  // namespace

RetailSetup::RetailSetup(const RetailColumns& columns, const SimulationPlan& plan, std::optional<double> horizon_weeks)
    : columns_(columns),
      draws_(columns.draws_of(draw_set(plan))),
      discount_(discount_factors(plan.settings)),
      frame_{plan, columns.segment, std::max<std::size_t>(1, columns.segments.size()), annuity_of(discount_), {},
             {},   weights_of(plan)} {
    const SimulationSettings& settings = plan.settings;
    check_plan(plan);
    check_columns();
    RetailRun run{};
    run.horizon_months = settings.horizon_months;
    const double weeks = settings.horizon_months * weeks_per_month;
    run.horizon_weeks = static_cast<float>(std::min(horizon_weeks.value_or(weeks), weeks));
    run.months_per_week = static_cast<float>(1.0 / weeks_per_month);
    run.key = philox_key(static_cast<std::uint32_t>(settings.seed), static_cast<std::uint32_t>(settings.seed >> 32));
    run.first_path = static_cast<std::uint32_t>(plan.first_path);
    run.paths = static_cast<std::uint32_t>(settings.paths);
    run.shift = plan.shifts;
    run.shuffles_draws = plan.shuffles_draws;
    run.draw_mask = static_cast<std::uint32_t>(draws_.size()) - 1;
    run.dropout = dropout_time(columns.law);
    run.has_opportunities = has_opportunities(columns.law);
    // a hair early, so that the last opportunity of a month is in that month
    run.opportunity_weeks = static_cast<float>(days_per(columns.time_unit) / days_per_week * (1.0 - 0x1p-16));
    run.has_spend = columns.draws.front().spend[0] > 0.0;
    fill_calendar(run);
    const auto action_of = [&](const Action& action) {
        const ActionLaw law = action_law(action, settings.horizon_months);
        const bool ends = law.duration_months < settings.horizon_months;
        return RetailAction{law, ends ? static_cast<float>(law.duration_months * weeks_per_month) : HUGE_VALF};
    };
    run.action_count = static_cast<int>(plan.actions.size());
    for (std::size_t a = 0; a < plan.actions.size(); ++a) {
        run.actions[a] = action_of(plan.actions[a]);
    }
    runs_.push_back(run);
    if (!plan.assignment.empty()) {
        for (const Action& action : plan.actions) {
            RetailRun single = run;
            single.action_count = 1;
            single.actions[0] = action_of(action);
            runs_.push_back(single);
        }
    }
    choose_total_scales();
}

void RetailSetup::check_columns() const {
    const SimulationPlan& plan = frame_.plan;
    if (plan.settings.sampler != Sampler::philox || plan.settings.target) {
        throw ConfigError(
            "customers without a contract are simulated on independent paths, all of them with simulation.paths: set "
            "simulation.sampler = \"philox\" and leave out simulation.target_se");
    }
    if (!plan.scenarios.empty()) {
        throw ConfigError("scenarios are for customers with a contract: leave them out");
    }
    if (!std::has_single_bit(draws_.size())) {
        throw ModelError(fmt::format("{} draws of the parameters are no power of two", draws_.size()));
    }
    for (const RetailDraw& draw : draws_) {
        if (std::max(draw.rate_effects.size(), draw.dropout_effects.size()) > columns_.covariates.size()) {
            throw ModelError("there are effects of covariates that the customers do not have");
        }
        const auto& [p, q, v] = draw.spend;
        if (p > 0.0 && !(q > 1.0)) {
            throw ModelError(
                fmt::format("the spend model has q = {:.4g}, so that mean spend is infinite: drop purchases of extreme "
                            "value, or choose another spend model",
                            q));
        }
    }
}

void RetailSetup::fill_calendar(RetailRun& run) {
    if (std::ranges::all_of(draws_, is_constant, &RetailDraw::calendar)) {
        return;
    }
    const int weeks = static_cast<int>(std::ceil(run.horizon_weeks));
    run.calendar_weeks = weeks;
    run.calendar_entries = static_cast<int>(std::bit_ceil(static_cast<unsigned>(weeks) + 1U));
    const auto row = static_cast<std::size_t>(run.calendar_entries) + 1;
    fill_in_stretches(calendar_, row * (run.paths + std::size_t{path_padding}), HUGE_VALF);
    for (std::uint32_t path = 0; path < run.paths; ++path) {
        if (path % 4'096 == 0) {
            throw_if_interrupted();
        }
        const std::uint32_t address = run.first_path + path;
        const auto draw = static_cast<std::size_t>(retail::calendar_draw<float>(run, address));
        CalendarWalk walk(draws_[draw].calendar, run.key, address + run.shift.market);
        double clock = 0.0;
        float* entry = calendar_.data() + row * path;
        entry[0] = 0.0F;
        for (int week = 0; week < weeks; ++week) {
            clock += elementary::exp(std::clamp(walk.next(), -20.0, 20.0));
            entry[week + 1] = static_cast<float>(clock);
        }
    }
    run.calendar = calendar_.data();
}

double RetailSetup::factor(const Column& own, const std::vector<double>& effects, std::size_t i) const {
    double sum = 0.0;
    for (std::size_t j = 0; j < effects.size(); ++j) {
        sum += effects[j] * columns_.covariates[j][i];
    }
    return (own.empty() ? 1.0 : own[i]) * (effects.empty() ? 1.0 : elementary::exp(sum));
}

PurchasePosterior RetailSetup::posterior_of(std::size_t i, std::size_t draw) const {
    const RetailDraw& of = draws_[draw];
    return purchase_posterior(columns_.law, of.purchase, columns_.frequency[i], columns_.recency[i], columns_.age[i],
                              factor(columns_.rate_factor, of.rate_effects, i),
                              factor(columns_.dropout_factor, of.dropout_effects, i));
}

double RetailSetup::typical_value(std::size_t i) const {
    const double unit_weeks = days_per(columns_.time_unit) / days_per_week;
    const double horizon = static_cast<double>(runs_.front().horizon_weeks) / unit_weeks;
    const SpendParameters& parameters = columns_.draws.front().spend;
    const double spend =
        runs_.front().has_spend ? expected_spend(parameters, columns_.frequency[i], monetary_value(i)) : 1.0;
    const RetailDraw& draw = columns_.draws.front();
    const double rate = expected_rate(columns_.law, draw.purchase, columns_.frequency[i], columns_.age[i],
                                      factor(columns_.rate_factor, draw.rate_effects, i));
    return spend * (1.0 + rate * horizon) * std::max(1.0, std::abs(columns_.margin[i]));
}

double RetailSetup::check_posterior(std::size_t i, const std::vector<float>& posterior) const {
    const std::size_t draws = draws_.size();
    const bool finite = std::ranges::all_of(posterior, [](float entry) { return std::isfinite(entry); });
    double most = 0.0;
    for (std::size_t k = 0; k < draws && !has_opportunities(columns_.law); ++k) {
        most = std::max(most, double{posterior[rate_shape * draws + k]} * double{posterior[rate_scale * draws + k]} *
                                  double{runs_.front().horizon_weeks});
    }
    if (!finite || most > most_expected_purchases) {
        throw ModelError(fmt::format(
            "the purchase model gives customer {} of the input {}: its parameters are not identified by the data, or "
            "are none of this input (see the model's standard errors and covariates, and fit.time_unit)",
            i + 1, finite ? fmt::format("{:.3g} purchases until the horizon", most) : "rates that are no numbers"));
    }
    return most;
}

void RetailSetup::fill(std::size_t i, CustomerTables& tables) const {
    const std::size_t draws = draws_.size();
    tables.posterior.resize(entries * draws);
    const auto at = [&](Entry entry) { return tables.posterior.data() + static_cast<std::size_t>(entry) * draws; };
    const double unit_weeks = days_per(columns_.time_unit) / days_per_week;
    const bool drops_out_in_time = runs_.front().dropout == DropoutTime::any_time;
    const double mean_spend = monetary_value(i);
    for (std::size_t k = 0; k < draws; ++k) {
        const PurchasePosterior posterior = posterior_of(i, k);
        at(alive)[k] = posterior.alive < 1.0 ? static_cast<float>(posterior.alive) : 2.0F;
        at(rate_shape)[k] = static_cast<float>(posterior.rate_shape);
        at(rate_other)[k] = static_cast<float>(posterior.rate_other);
        at(rate_scale)[k] = static_cast<float>(posterior.rate_scale / unit_weeks);
        at(dropout_shape)[k] = static_cast<float>(posterior.dropout_shape);
        at(dropout_other)[k] = static_cast<float>(posterior.dropout_other);
        at(dropout_scale)[k] = static_cast<float>(posterior.dropout_scale / (drops_out_in_time ? unit_weeks : 1.0));
        const SpendParameters& parameters = draws_[k].spend;
        const SpendPosterior spend = spend_posterior(parameters, columns_.frequency[i], mean_spend);
        at(spend_customer)[k] = static_cast<float>(spend.shape);
        at(spend_purchase)[k] = static_cast<float>(parameters[0]);
        at(spend_scale)[k] = static_cast<float>(spend.scale);
    }
    tables.purchases = check_posterior(i, tables.posterior);
    tables.typical_value = typical_value(i);
    RetailCustomer& customer = tables.customer;
    customer.id_low = static_cast<std::uint32_t>(columns_.id_hash[i]);
    customer.id_high = static_cast<std::uint32_t>(columns_.id_hash[i] >> 32);
    customer.posterior = retail_posterior(tables.posterior.data(), draws);
    customer.margin = columns_.margin[i];
    const SimulationPlan& plan = frame_.plan;
    customer.eligible = !plan.assignment.empty() ? 1U : plan.eligible.empty() ? 0xffU : plan.eligible[i];
}

namespace {

/// How many times larger, and by which costs, an action makes what is typical.
struct Enlarged {
    double factor = 1.0;
    double costs = 0.0;
};

Enlarged enlarged_by(const Action& action, const RunFrame& frame) {
    double variance = 0.0;
    for (const UncertainMultiplier* multiplier : {&action.revenue_multiplier, &action.price_multiplier}) {
        variance += multiplier->log_sd * multiplier->log_sd + multiplier->customer_log_sd * multiplier->customer_log_sd;
    }
    const double factor = action.revenue_multiplier.median * (action.price_multiplier.median + 2.0);
    return {std::max(1.0, factor * elementary::exp(0.5 * variance)),
            action.monthly_cost * frame.annuity.back() + action.cost + action.cost_if_accepted};
}

}  // namespace

ValueScales RetailSetup::value_scales(const CustomerTables& tables, std::size_t i) const {
    const auto scale_of = [&](const Enlarged& by) {
        const double typical = tables.typical_value * by.factor + by.costs;
        return FixedPoint(typical, typical * value_headroom);
    };
    ValueScales scales;
    scales[0] = scale_of({});
    for (int a = 1; a <= frame_.action_count(); ++a) {
        if (tables.customer.may_get(a)) {
            const Action& action = frame_.plan.actions[frame_.action_of(i, a)];
            scales[static_cast<std::size_t>(a)] = scale_of(enlarged_by(action, frame_));
        }
    }
    return scales;
}

void RetailSetup::choose_total_scales() {
    constexpr double largest_value = magnitudes::largest_amount;
    constexpr double shared_factor = 256.0;  // what calendar and parameters do to everybody
    Enlarged by;
    for (const Action& action : frame_.plan.actions) {
        const Enlarged with_action = enlarged_by(action, frame_);
        by = {std::max(by.factor, with_action.factor), std::max(by.costs, with_action.costs)};
    }
    SumSizes sizes;
    for (std::size_t i = 0; i < columns_.size(); ++i) {
        if (i % 4'096 == 0) {
            throw_if_interrupted();
        }
        const double typical = typical_value(i) * by.factor + by.costs;
        if (!(typical < largest_value)) {
            throw ModelError(
                fmt::format("the expected value of customer {} of the input is about {:.3g}, beyond the "
                            "{:.0e} that are simulated: check its frequency and monetary_value",
                            i + 1, typical, largest_value));
        }
        sizes.add(typical, typical * shared_factor, typical * value_headroom);
    }
    frame_.total_scale = sizes.scale();
    frame_.cash_scale = sizes.scale();
}

}  // namespace clv
