#include "clv/decisions/tail/mean_cvar.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <utility>

#include "clv/core/errors.hpp"
#include "clv/risk/decimal_level.hpp"
#include "clv/risk/fixed_point.hpp"
#include "mixture.hpp"
#include "plan_columns.hpp"
#include "tail_weights.hpp"
#include "whole_plans.hpp"

namespace clv {

using namespace decisions;

namespace {

constexpr double unbounded = std::numeric_limits<double>::infinity();

void check(const MeanCvarSettings& risk) {
    if (!(risk.risk_weight >= 0.0 && risk.risk_weight <= 1.0)) {
        throw ConfigError(
            fmt::format("a risk weight of {} (optimizer.risk_weight): give a share from 0 to 1", risk.risk_weight));
    }
    if (!(risk.tolerance > 0.0) || risk.most_evaluations < 1 || risk.groups < 1) {
        throw ConfigError(
            fmt::format("a tolerance of {}, {} evaluations and {} groups (mean-CVaR): give a tolerance above 0, and at "
                        "least one of the others",
                        risk.tolerance, risk.most_evaluations, risk.groups));
    }
}

class MeanCvarSearch {
  public:
    MeanCvarSearch(const UpliftTable& table, PortfolioPaths& portfolio, const OptimizerSettings& settings,
                   const MeanCvarSettings& risk)
        : priced_(table),
          portfolio_(portfolio),
          settings_(settings),
          risk_(risk),
          level_(risk.cvar_level),
          rows_(limit_rows(table, settings)),
          sides_(limit_sides(rows_)),
          columns_(table, rows_, sides_, portfolio, risk.groups),
          without_(portfolio.value_under_none()),
          paths_(static_cast<double>(without_.size())),
          multipliers_(rows_.size(), 0.0),
          largest_multiplier_(rows_.size(), 0.0) {
        exact_ = settings.exact;
        settings_.exact = settings.exact && risk.risk_weight == 0.0;
        settings_.objective = Objective::profit;
        OrderFreeSum sum;
        for (std::size_t i = 0; i < table.size(); ++i) {
            double largest = 0.0;
            for (std::size_t a = 0; a < table.actions.size(); ++a) {
                largest =
                    std::max(largest, table.is_open(i, a) ? std::abs(table.expected_profit[table.cell(i, a)]) : 0.0);
            }
            sum.add(largest);
        }
        mean_size_ = sum.value();
    }

    [[nodiscard]] MeanCvarPlan run();

  private:
    [[nodiscard]] double objective(std::span<const double> total) const {
        const double w = risk_.risk_weight;
        return (1.0 - w) * mean_of(total) + (w > 0.0 ? w * cvar_of(total, risk_.cvar_level) : 0.0);
    }
    [[nodiscard]] double most_weight() const { return std::min(1.0 / (risk_.cvar_level * paths_), 2.0); }
    /// Where nothing is gained, the rounding of the figures is allowed.
    [[nodiscard]] double allowed_gap() const {
        constexpr double rounding = 1.0e-9;
        return std::max(risk_.tolerance * std::abs(result_.plan.relaxed_bound - result_.objective_without),
                        rounding * (std::abs(result_.objective_without) + mean_size_));
    }
    /// Sums over paths in another order differ in their last bits.
    [[nodiscard]] bool is_proven() const {
        const ActionPlan& plan = result_.plan;
        const double rounding = 1.0e-12 * std::max(std::abs(plan.upper_bound), std::abs(plan.objective));
        return plan.upper_bound - plan.objective <= rounding;
    }
    [[nodiscard]] bool evaluate(std::span<const double> weights);
    [[nodiscard]] std::vector<double> total_under(std::span<const std::uint8_t> action);
    void consider(ActionPlan plan);
    [[nodiscard]] std::vector<std::uint8_t> priced_choices(std::span<const double> multipliers) const;
    void add_both_sides(double nearby);
    [[nodiscard]] bool widen();
    [[nodiscard]] Mixture best_mixture() const;
    void round(const Mixture& mixture);
    void search_whole();
    [[nodiscard]] MeanCvarPlan finish();

    UpliftTable priced_;  ///< its objective is the profit under the path weights at hand
    PortfolioPaths& portfolio_;
    OptimizerSettings settings_;
    const MeanCvarSettings& risk_;
    DecimalLevel level_;
    std::vector<LimitRow> rows_;
    std::vector<LimitSide> sides_;
    PlanColumns columns_;
    std::vector<double> without_;
    double paths_;
    double mean_size_ = 0.0;           ///< currency: sum over customers of their largest mean profit or loss
    std::vector<double> multipliers_;  ///< [row], of the evaluation at hand
    std::vector<double> largest_multiplier_;
    std::vector<LimitUse> best_limits_;  ///< of the evaluation with the least bound
    bool has_plan_ = false;
    bool exact_ = false;
    MeanCvarPlan result_;
};

/// Everybody's best choice at multipliers [row], the first of equals.
std::vector<std::uint8_t> MeanCvarSearch::priced_choices(std::span<const double> multipliers) const {
    std::vector<std::uint8_t> choice(priced_.size(), 0);
    for (std::size_t i = 0; i < priced_.size(); ++i) {
        double best = -unbounded;
        for (std::size_t a = 0; a < priced_.actions.size(); ++a) {
            if (!priced_.is_open(i, a)) {
                continue;
            }
            double value = priced_.objective[priced_.cell(i, a)];
            for (std::size_t r = 0; r < rows_.size(); ++r) {
                if (multipliers[r] != 0.0) {
                    value -= multipliers[r] * rows_[r].column.weight(priced_, i, a);
                }
            }
            if (value > best) {
                best = value;
                choice[i] = static_cast<std::uint8_t>(a);
            }
        }
    }
    return choice;
}

/// The relaxation's optimum splits customers who are indifferent at the multipliers, one or so for each limit that
/// binds. Adds what they choose at multipliers a little to every side.
void MeanCvarSearch::add_both_sides(double nearby) {
    std::vector<double> multipliers(multipliers_);
    for (const double factor : {1.0 + nearby, 1.0 - nearby}) {
        std::ranges::transform(multipliers_, multipliers.begin(), [&](double m) { return factor * m; });
        columns_.add(priced_choices(multipliers));
        for (std::size_t r = 0; r < rows_.size() && rows_.size() > 1; ++r) {
            multipliers = multipliers_;
            multipliers[r] *= factor;
            columns_.add(priced_choices(multipliers));
        }
    }
}

/// Adds columns further from the multipliers, where those nearby say nothing new. False where there are none either.
bool MeanCvarSearch::widen() {
    const std::size_t known = columns_.size();
    for (double nearby = 1.0e-6; nearby < 1.0 && columns_.size() == known; nearby *= 10.0) {
        add_both_sides(nearby);
    }
    return columns_.size() > known;
}

/// The best plan under the path weights: a bound, columns, and a plan to consider. False where nothing was new.
bool MeanCvarSearch::evaluate(std::span<const double> weights) {
    const std::size_t known = columns_.size();
    ActionPlan plan = plan_actions(priced_, settings_);
    if (plan.status == PlanStatus::infeasible) {
        result_.plan = std::move(plan);
        return false;
    }
    const double base = std::inner_product(weights.begin(), weights.end(), without_.begin(), 0.0);
    const double before = result_.plan.relaxed_bound;
    for (std::size_t r = 0; r < rows_.size(); ++r) {
        multipliers_[r] = plan.limits[r].multiplier;
        largest_multiplier_[r] = std::max(largest_multiplier_[r], std::abs(multipliers_[r]));
    }
    result_.plan.upper_bound = std::min(result_.plan.upper_bound, base + plan.upper_bound);
    if (base + plan.relaxed_bound < before) {
        result_.plan.relaxed_bound = base + plan.relaxed_bound;
        result_.path_weights.assign(weights.begin(), weights.end());
        result_.weighted_profit = priced_.objective;
        best_limits_ = plan.limits;
    }
    consider(std::move(plan));
    if (risk_.risk_weight > 0.0) {
        add_both_sides(1.0e-7);
    }
    return columns_.size() > known || result_.plan.relaxed_bound < before;
}

/// [path]: value of all customers under a plan, whose columns are then known.
std::vector<double> MeanCvarSearch::total_under(std::span<const std::uint8_t> action) {
    std::vector<double> total = columns_.gain(columns_.add(action));
    for (std::size_t s = 0; s < total.size(); ++s) {
        total[s] += without_[s];
    }
    return total;
}

void MeanCvarSearch::consider(ActionPlan plan) {
    const std::vector<double> total = total_under(plan.action);
    const double value = objective(total);
    if (has_plan_ && value <= result_.plan.objective) {
        return;
    }
    has_plan_ = true;
    plan.relaxed_bound = result_.plan.relaxed_bound;
    plan.upper_bound = result_.plan.upper_bound;
    plan.objective = value;
    result_.plan = std::move(plan);
    result_.mean = mean_of(total);
    result_.cvar = cvar_of(total, risk_.cvar_level);
}

/// The game against all mixtures of the columns.
Mixture MeanCvarSearch::best_mixture() const {
    Mixture mixture = decisions::best_mixture(
        {columns_, sides_, without_, risk_.risk_weight, most_weight(), largest_multiplier_}, allowed_gap());
    mixture.value = objective(mixture.total);
    return mixture;
}

/// Whole plans near a mixture: where its columns differ, everybody prefers one of them, in their shares, and the limits
/// are kept by a plan that pays for keeping to the preferences.
void MeanCvarSearch::round(const Mixture& mixture) {
    const std::vector<Preference> preferred = preferences(columns_, mixture);
    if (preferred.empty()) {
        return;
    }
    OrderFreeSum magnitude;
    for (const auto& [customer, action] : preferred) {
        for (std::size_t a = 0; a < priced_.actions.size(); ++a) {
            const double profit = result_.weighted_profit[priced_.cell(customer, a)];
            magnitude.add(priced_.is_open(customer, a) ? std::abs(profit) : 0.0);
        }
    }
    for (const double strength : {0.001, 0.03, 1.0}) {
        priced_.objective = result_.weighted_profit;
        for (const auto& [customer, action] : preferred) {
            priced_.objective[priced_.cell(customer, action)] +=
                strength * magnitude.value() / static_cast<double>(preferred.size());
        }
        ActionPlan plan = plan_actions(priced_, settings_);
        if (plan.status != PlanStatus::infeasible) {
            consider(std::move(plan));
        }
    }
}

/// Exchanges and an enumeration on the true objective, from the best plan and under the weights of the best bound.
void MeanCvarSearch::search_whole() {
    std::vector<double> multipliers;
    for (const LimitUse& limit : best_limits_) {
        multipliers.push_back(limit.multiplier);
    }
    priced_.objective = result_.weighted_profit;
    const WholePlan found = search_whole_plans({priced_, rows_, sides_, portfolio_, without_, result_.path_weights,
                                                multipliers, risk_.risk_weight, risk_.cvar_level, exact_},
                                               result_.plan.action);
    if (found.objective > result_.plan.objective) {
        ActionPlan plan = result_.plan;
        plan.action = found.action;
        recount(plan, priced_);
        consider(std::move(plan));
    }
    result_.plan.upper_bound = std::min(result_.plan.upper_bound, std::max(found.upper_bound, result_.plan.objective));
}

MeanCvarPlan MeanCvarSearch::finish() {
    ActionPlan& plan = result_.plan;
    for (std::size_t r = 0; r < rows_.size(); ++r) {
        plan.limits[r].multiplier = best_limits_[r].multiplier;
    }
    if (is_proven()) {
        plan.upper_bound = plan.objective;
    }
    plan.relaxed_bound = std::max(plan.relaxed_bound, plan.upper_bound);
    plan.objective_without = result_.objective_without;
    plan.relative_gap = relative_gap_of(plan.upper_bound, plan.objective, plan.objective_without);
    if (risk_.risk_weight > 0.0) {
        plan.status = plan.relative_gap == 0.0 ? PlanStatus::optimal : PlanStatus::bounded;
    }
    return std::move(result_);
}

MeanCvarPlan MeanCvarSearch::run() {
    const double w = risk_.risk_weight;
    result_.objective_without = objective(without_);
    result_.plan.relaxed_bound = unbounded;
    result_.plan.upper_bound = unbounded;
    std::vector<double> weights(without_.size(), 1.0 / paths_);
    priced_.objective = priced_.expected_profit;
    if (!evaluate(weights) && result_.plan.status == PlanStatus::infeasible) {
        return std::move(result_);
    }
    result_.steps.push_back({result_.plan.relaxed_bound, result_.plan.objective});
    if (w == 0.0) {
        result_.converged = true;
        return finish();
    }
    std::vector<std::uint8_t> nothing(priced_.size(), 0);
    bool may_do_nothing = true;
    for (std::size_t i = 0; i < priced_.size(); ++i) {
        may_do_nothing = may_do_nothing && priced_.is_open(i, 0);
    }
    if (may_do_nothing) {
        columns_.add(nothing);
    }
    std::vector<double> answer = tail_weights(total_under(result_.plan.action), level_);
    Mixture best;
    while (static_cast<int>(result_.steps.size()) < risk_.most_evaluations) {
        for (std::size_t s = 0; s < weights.size(); ++s) {
            weights[s] = (1.0 - w) / paths_ + w * answer[s];
        }
        priced_.objective = portfolio_.weighted_profit(weights);
        const bool is_new = evaluate(weights);
        Mixture mixture = best_mixture();
        answer = mixture.answer;
        if (mixture.value > best.value) {
            best = std::move(mixture);
        }
        result_.steps.push_back({result_.plan.relaxed_bound, best.value});
        result_.converged = result_.plan.relaxed_bound - std::max(best.value, result_.plan.objective) <= allowed_gap();
        if (result_.converged || (!is_new && !widen())) {
            break;
        }
    }
    if (!best.shares.empty() && result_.plan.upper_bound - result_.plan.objective > allowed_gap()) {
        round(best);
    }
    if (!is_proven()) {
        search_whole();
    }
    return finish();
}

}  // namespace

MeanCvarPlan plan_mean_cvar(const UpliftTable& table, PortfolioPaths& portfolio, const OptimizerSettings& settings,
                            const MeanCvarSettings& risk) {
    check(risk);
    return MeanCvarSearch(table, portfolio, settings, risk).run();
}

}  // namespace clv
