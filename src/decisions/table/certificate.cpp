#include "clv/decisions/table/certificate.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <utility>

#include "clv/core/errors.hpp"
#include "clv/decisions/table/exact_limits.hpp"
#include "clv/risk/fixed_point.hpp"

namespace clv {

namespace {

constexpr double tolerance = 1e-9;
constexpr std::string_view budget_name = "budget";
constexpr double infinity = std::numeric_limits<double>::infinity();

/// A sum, and the size of what was added up: what rounding may be compared with.
struct Amount {
    double value = 0.0;
    double scale = 0.0;
};

class AmountSum {
  public:
    void add(double value) {
        sum_.add(value);
        scale_ += std::abs(value);
    }
    [[nodiscard]] Amount amount() const { return {sum_.nearest(), scale_}; }
    [[nodiscard]] const OrderFreeSum& exact() const { return sum_; }

  private:
    OrderFreeSum sum_;
    double scale_ = 0.0;
};

double slack(const Amount& found, double stated) {
    return tolerance * std::max(found.scale, std::abs(stated));
}

/// A limit on the table's own indices.
class Row {
  public:
    Row(const UpliftTable& table, const CertifiedLimit& certified) : table_(table), limit_(certified.limit) {
        const auto require = [&](const std::vector<std::string>& names, const std::string& name, const char* what) {
            const auto found = std::ranges::find(names, name);
            if (found == names.end()) {
                throw InputError(
                    fmt::format("no {} '{}' in the uplift table (limit {}): the certificate is of another table", what,
                                name, limit_.name));
            }
            return static_cast<std::size_t>(found - names.begin());
        };
        if (!limit_.action.empty()) {
            action_ = require(table.actions, limit_.action, "action");
        }
        if (!limit_.segment.empty()) {
            segment_ = require(table.segments, limit_.segment, "segment");
        }
        constexpr std::string_view further = "cost_";
        if (!limit_.min_roi && limit_.column.starts_with(further)) {
            std::vector<std::string> names;
            for (const CostColumn& cost : table.further_costs) {
                names.push_back(cost.name);
            }
            further_ = &table.further_costs[require(names, limit_.column.substr(further.size()), "further cost")];
        } else if (!limit_.min_roi) {
            static_cast<void>(require({"cost", "expected_profit", "count"}, limit_.column, "column"));
        }
    }

    [[nodiscard]] double min() const { return limit_.min_roi ? 0.0 : limit_.min.value_or(-infinity); }
    [[nodiscard]] double max() const { return limit_.min_roi ? infinity : limit_.max.value_or(infinity); }

    /// What the customer uses of it with the action.
    [[nodiscard]] double use(std::size_t customer, std::size_t action) const {
        if ((action_ && *action_ != action) || (segment_ && table_.segment[customer] != *segment_)) {
            return 0.0;
        }
        const std::size_t cell = table_.cell(customer, action);
        if (limit_.min_roi) {
            return table_.expected_profit[cell] - least_return(*limit_.min_roi) * table_.cost[cell];
        }
        if (further_ != nullptr) {
            return further_->values[cell];
        }
        if (limit_.column == "expected_profit") {
            return table_.expected_profit[cell];
        }
        if (limit_.column == "count") {
            return action == 0 && !action_ ? 0.0 : 1.0;
        }
        return table_.cost[cell];
    }

    /// By how much the sum may miss one of its bounds (exact_limits.hpp).
    [[nodiscard]] double allowance(double bound) const {
        if (limit_.min_roi || (further_ == nullptr && limit_.column == "count")) {
            return 0.0;
        }
        return allowance_of(table_, bound, [&](std::size_t i, std::size_t a) { return use(i, a); });
    }

  private:
    const UpliftTable& table_;
    const PlanLimit& limit_;
    std::optional<std::size_t> action_;
    std::optional<std::size_t> segment_;
    const CostColumn* further_ = nullptr;
};

/// What is maximised, from the table's columns.
class OwnObjective {
  public:
    OwnObjective(const UpliftTable& table, const Certificate& terms, std::span<const std::uint8_t> current)
        : table_(table), terms_(terms), current_(current) {
        const auto require = [](bool is_there, const char* column, const char* term) {
            if (!is_there) {
                throw InputError(fmt::format(
                    "no {} in the uplift table (certificate, {}): the certificate is of another table", column, term));
            }
        };
        require(terms.customer_risk_weight == 0.0 || !table.clv_cvar.empty(), "CVaR of value", "customer_risk_weight");
        require(terms.robustness == 0.0 || !table.expected_profit_se.empty(), "expected_profit_se", "robustness");
        require(terms.switching_penalty == 0.0 || current.size() == table.size(), "current policy",
                "switching_penalty");
    }

    [[nodiscard]] double operator()(std::size_t customer, std::size_t action) const {
        const std::size_t cell = table_.cell(customer, action);
        double value = table_.expected_profit[cell];
        if (terms_.customer_risk_weight != 0.0 && action != 0) {
            const double without = table_.is_open(customer, 0) ? table_.clv_cvar[table_.cell(customer, 0)] : 0.0;
            value += terms_.customer_risk_weight * (table_.clv_cvar[cell] - without - value);
        }
        if (terms_.robustness != 0.0 && action != 0) {
            value -= terms_.robustness * table_.expected_profit_se[cell];
        }
        if (terms_.switching_penalty != 0.0) {
            const std::size_t kept = table_.is_open(customer, current_[customer]) ? current_[customer] : 0;
            value -= action == kept ? 0.0 : terms_.switching_penalty;
        }
        return value;
    }

  private:
    const UpliftTable& table_;
    const Certificate& terms_;
    std::span<const std::uint8_t> current_;
};

std::vector<Row> rows_of(const UpliftTable& table, const std::vector<CertifiedLimit>& limits) {
    std::vector<Row> rows;
    for (const CertifiedLimit& limit : limits) {
        rows.emplace_back(table, limit);
    }
    return rows;
}

/// The dual at the multipliers; infinite where a multiplier prices a side that the limit does not have.
Amount dual_bound(const UpliftTable& table, const std::vector<CertifiedLimit>& limits, const OwnObjective& objective) {
    const std::vector<Row> rows = rows_of(table, limits);
    AmountSum sum;
    for (std::size_t r = 0; r < rows.size(); ++r) {
        const double multiplier = limits[r].multiplier;
        const double room = multiplier > 0.0 ? rows[r].max() : rows[r].min();
        if (multiplier != 0.0 && !std::isfinite(multiplier * room)) {
            return {infinity, 0.0};
        }
        sum.add(multiplier == 0.0 ? 0.0 : multiplier * room);
    }
    for (std::size_t i = 0; i < table.size(); ++i) {
        double best = -infinity;
        for (std::size_t a = 0; a < table.actions.size(); ++a) {
            if (!table.is_open(i, a)) {
                continue;
            }
            double priced = objective(i, a);
            for (std::size_t r = 0; r < rows.size(); ++r) {
                priced -= limits[r].multiplier == 0.0 ? 0.0 : limits[r].multiplier * rows[r].use(i, a);
            }
            best = std::max(best, priced);
        }
        if (!std::isfinite(best)) {
            return {-infinity, 0.0};  // nobody can keep the limits: there is a customer without a choice
        }
        sum.add(best);
    }
    return sum.amount();
}

std::string text(double value) {
    return fmt::format("{:.10g}", value);
}

class Check {
  public:
    Check(const UpliftTable& table, std::span<const std::uint8_t> action, const Certificate& certificate,
          std::span<const std::uint8_t> current)
        : table_(table), action_(action), certificate_(certificate), objective_(table, certificate, current) {}

    [[nodiscard]] CertificateCheck run() && {
        if (!std::ranges::all_of(
                std::array{certificate_.profit, certificate_.cost, certificate_.objective, certificate_.upper_bound,
                           certificate_.relaxed_bound, certificate_.relative_gap, certificate_.objective_without,
                           certificate_.customer_risk_weight, certificate_.robustness, certificate_.switching_penalty},
                [](double figure) { return std::isfinite(figure); })) {
            result_.mismatches.emplace_back("a figure of the certificate is infinite or no number");
            return std::move(result_);
        }
        if (action_.size() != table_.size()) {
            result_.mismatches.push_back(
                fmt::format("the plan has {} customers, the uplift table {}", action_.size(), table_.size()));
            return std::move(result_);
        }
        if (!check_actions()) {
            return std::move(result_);
        }
        agree("profit", "profit", certificate_.profit,
              total([this](std::size_t i, std::size_t a) { return table_.expected_profit[table_.cell(i, a)]; }));
        agree("cost", "cost", certificate_.cost,
              total([this](std::size_t i, std::size_t a) { return table_.cost[table_.cell(i, a)]; }));
        check_limits();
        if (certificate_.objective_kind == Objective::profit) {
            agree("objective", "objective", certificate_.objective, total(objective_));
            check_objective_without();
            check_bound();
        }
        check_gap();
        return std::move(result_);
    }

  private:
    bool check_actions() {
        constexpr std::size_t most_named = 5;
        std::vector<std::string> named;
        std::size_t closed = 0;
        for (std::size_t i = 0; i < table_.size(); ++i) {
            if (action_[i] >= table_.actions.size() || !table_.is_open(i, action_[i])) {
                ++closed;
                if (named.size() < most_named) {
                    named.push_back(fmt::format("{} ({})", table_.customer_id[i],
                                                action_[i] < table_.actions.size() ? table_.actions[action_[i]] : "?"));
                }
            }
        }
        if (closed > 0) {
            result_.mismatches.push_back(fmt::format("{} customer(s) have an action that is not open to them: {}{}",
                                                     closed, fmt::join(named, ", "),
                                                     closed > named.size() ? ", .." : ""));
            return false;
        }
        result_.checked.push_back(
            fmt::format("every one of {} customers has one action that is open to them", table_.size()));
        return true;
    }

    /// The sum of `value` over the customers, each with their action in the plan.
    template <class Value>
    [[nodiscard]] Amount total(const Value& value) const {
        AmountSum sum;
        for (std::size_t i = 0; i < action_.size(); ++i) {
            sum.add(value(i, action_[i]));
        }
        return sum.amount();
    }

    bool agree(const std::string& what, const char* of, double stated, const Amount& found) {
        const bool finite = std::isfinite(stated) && std::isfinite(found.value) && std::isfinite(found.scale);
        if (finite && std::abs(stated - found.value) <= slack(found, stated)) {
            result_.checked.push_back(fmt::format("{} {}", what, text(stated)));
            return true;
        }
        result_.mismatches.push_back(fmt::format("{} is stated as {}, but the {} of the plan adds up to {}", what,
                                                 text(stated), of, text(found.value)));
        return false;
    }

    void check_limits() {
        const std::vector<Row> rows = rows_of(table_, certificate_.limits);
        for (std::size_t r = 0; r < rows.size(); ++r) {
            const CertifiedLimit& certified = certificate_.limits[r];
            AmountSum sum;
            for (std::size_t i = 0; i < action_.size(); ++i) {
                sum.add(rows[r].use(i, action_[i]));
            }
            const Amount used = sum.amount();
            agree(fmt::format("use of limit {}", certified.limit.name), "use", certified.used, used);
            if (!std::isfinite(used.scale)) {
                continue;  // which agrees with nothing
            }
            const bool is_below = keeps_most(sum.exact(), rows[r].max(), rows[r].allowance(rows[r].max()));
            if (!is_below || !keeps_least(sum.exact(), rows[r].min(), rows[r].allowance(rows[r].min()))) {
                result_.mismatches.push_back(fmt::format("limit {} is broken: {} is {} {}", certified.limit.name,
                                                         used.value, is_below ? "below" : "above",
                                                         is_below ? rows[r].min() : rows[r].max()));
            } else {
                result_.checked.push_back(fmt::format("limit {} is kept", certified.limit.name));
            }
        }
    }

    void check_bound() {
        const Amount bound = dual_bound(table_, certificate_.limits, objective_);
        if (!std::isfinite(bound.value) || !std::isfinite(bound.scale)) {
            result_.mismatches.emplace_back(
                "the multipliers prove no bound: one of them prices a side that its limit does not have");
            return;
        }
        const double stated = certificate_.relaxed_bound;
        if (std::abs(stated - std::max(bound.value, certificate_.objective)) > slack(bound, stated)) {
            result_.mismatches.push_back(fmt::format("relaxed_bound is stated as {}, but the multipliers prove {} {}",
                                                     text(stated), stated < bound.value ? "only" : "even",
                                                     text(bound.value)));
            return;
        }
        const double allowed = slack(bound, certificate_.upper_bound);
        if (certificate_.upper_bound >= bound.value - allowed) {
            result_.checked.push_back(
                fmt::format("no plan within the limits earns more than {}: the multipliers prove it",
                            text(std::min(certificate_.upper_bound, bound.value + allowed))));
        } else if (certificate_.status == PlanStatus::optimal) {
            result_.checked.push_back(fmt::format(
                "the multipliers prove that no plan earns more than {}; that none earns more than {} was found by a "
                "search",
                text(bound.value), text(certificate_.upper_bound)));
        } else {
            result_.checked.push_back(
                fmt::format("the multipliers prove that no plan earns more than {}; that none earns more than {} was "
                            "found by a search that was given up",
                            text(bound.value), text(certificate_.upper_bound)));
        }
        if (certificate_.objective > certificate_.upper_bound + allowed) {
            result_.mismatches.push_back(fmt::format("the objective {} is above upper_bound {}",
                                                     text(certificate_.objective), text(certificate_.upper_bound)));
        }
    }

    /// Of doing nothing; where that is not open, of the cheapest action.
    void check_objective_without() {
        AmountSum sum;
        for (std::size_t i = 0; i < table_.size(); ++i) {
            std::size_t least = table_.is_open(i, 0) ? 0 : table_.actions.size();
            for (std::size_t a = 1; a < table_.actions.size() && !table_.is_open(i, 0); ++a) {
                const auto cost = [&](std::size_t action) { return table_.cost[table_.cell(i, action)]; };
                if (table_.is_open(i, a) && (least == table_.actions.size() || cost(a) < cost(least) ||
                                             (cost(a) == cost(least) && objective_(i, a) > objective_(i, least)))) {
                    least = a;
                }
            }
            sum.add(objective_(i, least));
        }
        agree("objective_without", "objective", certificate_.objective_without, sum.amount());
    }

    void check_gap() {
        const double without = certificate_.objective_without;
        const double gain =
            std::max(std::abs(certificate_.upper_bound - without), std::abs(certificate_.objective - without));
        const double gap = gain > 0.0 ? (certificate_.upper_bound - certificate_.objective) / gain : 0.0;
        if (!(std::abs(certificate_.relative_gap - gap) <= tolerance)) {
            result_.mismatches.push_back(
                fmt::format("relative_gap is stated as {:.3g}, but it is {:.3g}", certificate_.relative_gap, gap));
        } else {
            result_.checked.push_back(fmt::format("relative gap {:.3g}", certificate_.relative_gap));
        }
    }

    const UpliftTable& table_;
    std::span<const std::uint8_t> action_;
    const Certificate& certificate_;
    OwnObjective objective_;
    CertificateCheck result_;
};

}  // namespace

Certificate certify(const UpliftTable& table, const OptimizerSettings& settings, const ActionPlan& plan,
                    std::span<const std::uint8_t> current) {
    Certificate certificate;
    certificate.status = plan.status;
    certificate.objective_kind = settings.objective;
    certificate.cost = plan.cost;
    certificate.profit = plan.expected_profit;
    certificate.objective = plan.objective;
    certificate.upper_bound = plan.upper_bound;
    certificate.relaxed_bound = plan.upper_bound;
    certificate.objective_without = plan.objective_without;
    certificate.relative_gap = plan.relative_gap;
    certificate.exact = settings.exact;
    certificate.budget = plan.budget;
    certificate.risk_weight = settings.objective == Objective::mean_cvar ? settings.risk_weight : 0.0;
    certificate.customer_risk_weight = settings.customer_risk_weight;
    certificate.robustness = settings.robustness;
    certificate.switching_penalty = settings.switching_penalty;
    std::size_t next = 0;
    const auto add = [&](PlanLimit limit) {
        const LimitUse& use = plan.limits.at(next++);
        certificate.limits.push_back({std::move(limit), use.used, use.multiplier});
    };
    if (plan.budget) {
        PlanLimit budget;
        budget.name = budget_name;
        budget.max = plan.budget;
        add(std::move(budget));
    }
    for (const PlanLimit& limit : settings.limits) {
        add(limit);
    }
    if (settings.objective == Objective::profit) {
        const OwnObjective objective(table, certificate, current);
        certificate.relaxed_bound = std::max(dual_bound(table, certificate.limits, objective).value, plan.objective);
    }
    return certificate;
}

CertificateCheck check_certificate(const UpliftTable& table, std::span<const std::uint8_t> action,
                                   const Certificate& certificate, std::span<const std::uint8_t> current) {
    return Check(table, action, certificate, current).run();
}

}  // namespace clv
