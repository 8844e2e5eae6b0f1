#include "clv/decisions/rules/rule_set.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <set>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "clv/core/errors.hpp"
#include "clv/core/nearest_name.hpp"
#include "clv/data/filters/filter.hpp"
#include "clv/data/tables/named_columns.hpp"
#include "sentence.hpp"

namespace clv {

namespace {

constexpr double no_number = std::numeric_limits<double>::quiet_NaN();

/// Numbers of the customers. Throws ConfigError, which says what of the rules asks for them.
std::vector<double> numbers_of(const CustomerTable& customers, const std::string& name, const std::string& asks) {
    const std::vector<NamedColumn> columns = named_columns(customers);
    const NamedColumn* column = find_column(columns, customers, name);
    if (column == nullptr) {
        std::vector<std::string> names;
        for (const NamedColumn& known : columns) {
            names.push_back(known.name);
        }
        const auto nearest = nearest_name(name, names);
        throw ConfigError(fmt::format("the customers have no column '{}' ({}): {}", name, asks,
                                      nearest ? fmt::format("did you mean '{}'?", *nearest) : "name one of theirs"));
    }
    if (!has_numbers(*column)) {
        throw ConfigError(fmt::format("column '{}' has texts ({}): it takes a column of numbers", name, asks));
    }
    std::vector<double> numbers;
    for (std::size_t i = 0; i < customers.size(); ++i) {
        numbers.push_back(column->number(i));
    }
    return numbers;
}

std::vector<std::uint8_t> holds(const std::string& when, const CustomerTable& customers, const std::string& rule) {
    try {
        return Filter::parse(when).evaluate(customers);
    } catch (const ConfigError& fault) {
        throw ConfigError(fmt::format("{} ({})", fault.what(), rule));
    }
}

std::string customer_called(const CustomerTable& customers, std::size_t i) {
    return fmt::format("customer '{}'", customers.customer_id[i]);
}

std::vector<std::uint32_t> stages_of(const RuleSet& rules, const CustomerTable& customers) {
    const auto none = static_cast<std::uint32_t>(rules.stages.size());
    std::vector<std::uint32_t> stage(customers.size(), none);
    for (std::uint32_t k = 0; k < none; ++k) {
        const auto mask = holds(rules.stages[k].when, customers, "stage " + rules.stages[k].name);
        for (std::size_t i = 0; i < mask.size(); ++i) {
            if (mask[i] != 0 && stage[i] != none) {
                throw ConfigError(
                    fmt::format("stages {} and {} both hold for {}: make their conditions exclude each other",
                                rules.stages[stage[i]].name, rules.stages[k].name, customer_called(customers, i)));
            }
            stage[i] = mask[i] != 0 ? k : stage[i];
        }
    }
    const auto gap = std::ranges::find(stage, none);
    if (gap != stage.end() && none > 0) {
        throw ConfigError(fmt::format("no stage holds for {}: widen the condition of one, or add a stage",
                                      customer_called(customers, static_cast<std::size_t>(gap - stage.begin()))));
    }
    return stage;
}

/// Index of the highest threshold at or below the number; the first is 0.
std::uint32_t step_of(const std::vector<double>& thresholds, double number) {
    const auto above = std::ranges::upper_bound(thresholds, number);
    return static_cast<std::uint32_t>(std::max<std::ptrdiff_t>(above - thresholds.begin() - 1, 0));
}

/// By the share of customers with less. Customers without a number have the lowest tier.
std::vector<std::uint32_t> tiers_of(const RuleSet& rules, const CustomerTable& customers) {
    std::vector<double> thresholds;
    for (const ValueTier& tier : rules.tiers) {
        thresholds.push_back(tier.from_percentile);
    }
    std::ranges::sort(thresholds);
    const std::vector<double> value = numbers_of(customers, rules.tier_column, "tiers");
    std::vector<double> sorted;
    std::ranges::copy_if(value, std::back_inserter(sorted), [](double number) { return !std::isnan(number); });
    std::ranges::sort(sorted);
    std::vector<std::uint32_t> tier;
    for (const double number : value) {
        const auto less = std::ranges::lower_bound(sorted, number) - sorted.begin();
        const bool is_known = !std::isnan(number);
        tier.push_back(is_known ? step_of(thresholds, static_cast<double>(less) / static_cast<double>(sorted.size()))
                                : 0);
    }
    return tier;
}

double strength(const RiskSignal& signal, double number) {
    return std::clamp((number - signal.zero_at) / (signal.one_at - signal.zero_at), 0.0, 1.0);  // NaN stays
}

/// Signals and the score of them.
void add_scores(const RuleSet& rules, const CustomerTable& customers, RuledCustomers& ruled) {
    std::vector<std::vector<double>> columns;
    for (const RiskSignal& signal : rules.signals) {
        columns.push_back(numbers_of(customers, signal.column, "signal " + signal.name));
    }
    for (std::size_t i = 0; i < customers.size(); ++i) {
        double sum = 0.0;
        double weights = 0.0;
        for (std::size_t k = 0; k < columns.size(); ++k) {
            const double number = columns[k][i];
            ruled.signal.push_back(std::isnan(number) ? no_number : strength(rules.signals[k], number));
            if (!std::isnan(number)) {
                sum += rules.signals[k].weight * ruled.signal.back();
                weights += rules.signals[k].weight;
            }
        }
        ruled.score.push_back(weights > 0.0 ? 100.0 * sum / weights : no_number);
    }
}

std::vector<std::uint32_t> levels_of(const RuleSet& rules, const std::vector<double>& score) {
    std::vector<double> thresholds;
    for (const RiskLevel& level : rules.levels) {
        thresholds.push_back(level.from_score);
    }
    std::ranges::sort(thresholds);
    std::vector<std::uint32_t> levels;
    for (const double one : score) {
        levels.push_back(std::isnan(one) ? static_cast<std::uint32_t>(thresholds.size()) : step_of(thresholds, one));
    }
    return levels;
}

void add_texts(CustomerTable& customers, std::string name, const std::vector<std::uint32_t>& codes,
               std::vector<std::string> texts) {
    FeatureColumn& column = customers.features.emplace_back();
    column.name = std::move(name);
    column.codes = codes;
    column.categories = std::move(texts);
}

/// The customers with what was found of them, for conditions of actions and sentences.
CustomerTable with_findings(const RuleSet& rules, CustomerTable customers, const RuledCustomers& ruled) {
    if (!rules.stages.empty()) {
        std::vector<std::string> names;
        for (const StageRule& stage : rules.stages) {
            names.push_back(stage.name);
        }
        add_texts(customers, "stage", ruled.stage, std::move(names));
    }
    if (!ruled.tier.empty()) {
        add_texts(customers, "tier", ruled.tier, tier_names(rules));
    }
    if (!ruled.level.empty()) {
        std::vector<std::string> names = level_names(rules);
        names.emplace_back();  // of who has no score
        add_texts(customers, "level", ruled.level, std::move(names));
    }
    if (!rules.signals.empty()) {
        FeatureColumn& score = customers.features.emplace_back();
        score.name = "score";
        score.numbers = ruled.score;
    }
    return customers;
}

/// By name, so that the order of the rules says nothing where two are worth the same.
std::vector<std::size_t> actions_by_name(const RuleSet& rules) {
    std::vector<std::size_t> order(rules.actions.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::ranges::sort(order, {}, [&](std::size_t k) { return rules.actions[k].name; });
    return order;
}

void choose_actions(const RuleSet& rules, const CustomerTable& customers, RuledCustomers& ruled) {
    const auto none = static_cast<std::uint32_t>(rules.actions.size());
    ruled.action.assign(customers.size(), none);
    ruled.cost.assign(customers.size(), 0.0);
    ruled.benefit.assign(customers.size(), 0.0);
    for (const std::size_t k : actions_by_name(rules)) {
        const RuledAction& action = rules.actions[k];
        const auto mask = holds(action.when, customers, "action " + action.name);
        const std::vector<double> column =
            action.benefit_of ? numbers_of(customers, *action.benefit_of, "benefit_of of action " + action.name)
                              : std::vector<double>{};
        for (std::size_t i = 0; i < mask.size(); ++i) {
            const double benefit = action.benefit * (column.empty() ? 1.0 : column[i]);
            if (mask[i] != 0 && benefit - action.cost > std::max(ruled.benefit[i] - ruled.cost[i], 0.0)) {
                ruled.action[i] = static_cast<std::uint32_t>(k);
                ruled.cost[i] = action.cost;
                ruled.benefit[i] = benefit;
            }
        }
    }
}

/// The two signals that add most to the score, and the action, in their rules' own words.
std::string reason_of(const RuleSet& rules, const Sentences& sentences, const RuledCustomers& ruled, std::size_t i) {
    constexpr std::size_t most_signals = 2;
    const std::size_t count = rules.signals.size();
    std::vector<std::size_t> order;
    for (std::size_t k = 0; k < count; ++k) {
        if (ruled.signal[i * count + k] > 0.0) {
            order.push_back(k);
        }
    }
    std::ranges::sort(order, [&](std::size_t a, std::size_t b) {
        const double of_a = rules.signals[a].weight * ruled.signal[i * count + a];
        const double of_b = rules.signals[b].weight * ruled.signal[i * count + b];
        return of_a != of_b ? of_a > of_b : rules.signals[a].name < rules.signals[b].name;
    });
    std::string reason;
    const auto add = [&](const std::string& sentence) {
        if (!sentence.empty()) {
            reason += (reason.empty() ? "" : "; ") + sentences.filled(sentence, i);
        }
    };
    for (std::size_t k = 0; k < std::min(order.size(), most_signals); ++k) {
        add(rules.signals[order[k]].sentence);
    }
    if (ruled.action[i] < rules.actions.size()) {
        add(rules.actions[ruled.action[i]].sentence);
    }
    return reason;
}

template <class Rule>
void check_names(const std::vector<Rule>& rules, std::string_view what) {
    std::set<std::string> names;
    for (const Rule& rule : rules) {
        if (rule.name.empty() || !names.insert(rule.name).second) {
            throw ConfigError(
                fmt::format("{} '{}' has no name, or that of another: give each a name of its own", what, rule.name));
        }
    }
}

template <class Rule>
void check_steps(const std::vector<Rule>& rules, double Rule::*threshold, double most, std::string_view what) {
    bool has_lowest = rules.empty();
    std::set<double> thresholds;
    for (const Rule& rule : rules) {
        const double from = rule.*threshold;
        if (!(from >= 0.0 && from <= most)) {
            throw ConfigError(
                fmt::format("{} {} begins at {}: give a number from 0 to {}", what, rule.name, from, most));
        }
        if (!thresholds.insert(from).second) {
            throw ConfigError(fmt::format("{} {} begins at {}, as another one does", what, rule.name, from));
        }
        has_lowest = has_lowest || from == 0.0;
    }
    if (!has_lowest) {
        throw ConfigError(fmt::format("no {} begins at 0: customers below the lowest would have none", what));
    }
}

}  // namespace

std::vector<std::string> tier_names(const RuleSet& rules) {
    std::vector<ValueTier> tiers = rules.tiers;
    std::ranges::sort(tiers, {}, &ValueTier::from_percentile);
    std::vector<std::string> names;
    std::ranges::transform(tiers, std::back_inserter(names), &ValueTier::name);
    return names;
}

std::vector<std::string> level_names(const RuleSet& rules) {
    std::vector<RiskLevel> levels = rules.levels;
    std::ranges::sort(levels, {}, &RiskLevel::from_score);
    std::vector<std::string> names;
    std::ranges::transform(levels, std::back_inserter(names), &RiskLevel::name);
    return names;
}

void check_rule_set(const RuleSet& rules) {
    check_names(rules.stages, "stage");
    check_names(rules.tiers, "tier");
    check_names(rules.signals, "signal");
    check_names(rules.levels, "level");
    check_names(rules.actions, "action");
    check_steps(rules.tiers, &ValueTier::from_percentile, 1.0, "tier");
    check_steps(rules.levels, &RiskLevel::from_score, 100.0, "level");
    if (rules.tiers.empty() != rules.tier_column.empty()) {
        throw ConfigError("tiers need a column, and a column needs tiers: give both or neither");
    }
    if (!rules.levels.empty() && rules.signals.empty()) {
        throw ConfigError("levels are those of a score, and there are no signals: give some, or leave levels out");
    }
    for (const RiskSignal& signal : rules.signals) {
        if (!(signal.weight > 0.0 && std::isfinite(signal.weight))) {
            throw ConfigError(
                fmt::format("signal {} has the weight {}: give a number above 0", signal.name, signal.weight));
        }
        if (signal.zero_at == signal.one_at || !std::isfinite(signal.zero_at) || !std::isfinite(signal.one_at)) {
            throw ConfigError(fmt::format("signal {} is 0 at {} and 1 at {}: give two numbers that differ", signal.name,
                                          signal.zero_at, signal.one_at));
        }
        check_sentence(signal.sentence, "signal " + signal.name);
    }
    for (const RuledAction& action : rules.actions) {
        if (!(action.cost >= 0.0 && std::isfinite(action.cost) && std::isfinite(action.benefit))) {
            throw ConfigError(
                fmt::format("action {} has the cost {} and the benefit {}: give numbers, the cost at "
                            "least 0",
                            action.name, action.cost, action.benefit));
        }
        check_sentence(action.sentence, "action " + action.name);
    }
}

RuledCustomers apply_rules(const RuleSet& rules, const CustomerTable& customers) {
    check_rule_set(rules);
    RuledCustomers ruled;
    ruled.stage = stages_of(rules, customers);
    if (!rules.tiers.empty()) {
        ruled.tier = tiers_of(rules, customers);
    }
    if (!rules.signals.empty()) {
        add_scores(rules, customers, ruled);
    }
    if (!rules.levels.empty()) {
        ruled.level = levels_of(rules, ruled.score);
    }
    const CustomerTable found = with_findings(rules, customers, ruled);
    choose_actions(rules, found, ruled);
    const Sentences sentences(found);
    for (std::size_t i = 0; i < customers.size(); ++i) {
        ruled.reason.push_back(reason_of(rules, sentences, ruled, i));
    }
    return ruled;
}

std::vector<std::vector<std::uint64_t>> stage_migration(std::size_t stages, const CustomerTable& before,
                                                        const std::vector<std::uint32_t>& stage_before,
                                                        const CustomerTable& now,
                                                        const std::vector<std::uint32_t>& stage_now) {
    std::unordered_map<std::uint64_t, std::uint32_t> earlier;
    for (std::size_t i = 0; i < before.size(); ++i) {
        earlier.emplace(before.id_hash[i], stage_before[i]);
    }
    std::vector<std::vector<std::uint64_t>> customers(stages, std::vector<std::uint64_t>(stages));
    for (std::size_t i = 0; i < now.size(); ++i) {
        if (const auto found = earlier.find(now.id_hash[i]); found != earlier.end()) {
            ++customers[found->second][stage_now[i]];
        }
    }
    return customers;
}

}  // namespace clv
