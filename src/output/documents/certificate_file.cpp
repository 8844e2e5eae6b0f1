#include "clv/output/documents/certificate_file.hpp"

#include <fmt/format.h>

#include <limits>
#include <nlohmann/json.hpp>
#include <numbers>
#include <set>
#include <utility>

#include "clv/core/absolute_path.hpp"
#include "clv/core/errors.hpp"
#include "clv/core/input_text.hpp"
#include "clv/core/json_text.hpp"
#include "clv/core/magnitudes.hpp"
#include "clv/core/sha256.hpp"
#include "clv/output/checked_file.hpp"
#include "clv/output/documents/formats.hpp"
#include "clv/output/file_digest.hpp"
#include "clv/output/files.hpp"
#include "clv/output/tables/plan_writer.hpp"
#include "members.hpp"

namespace clv {

namespace {

using nlohmann::json;

constexpr std::string_view budget_name = "budget";
constexpr double largest_robustness = 1.0e6;  // as of the key

std::string_view name(PlanStatus status) {
    switch (status) {
        case PlanStatus::optimal:
            return "optimal";
        case PlanStatus::bounded:
            return "bounded";
        case PlanStatus::infeasible:
            break;
    }
    return "infeasible";
}

template <class T>
json or_null(const std::optional<T>& value) {
    return value ? json(*value) : json();
}

json profit_record(const ProfitOnPaths& profit) {
    return {{"profit", profit.mean.value},
            {"se", profit.mean.se},
            {"sd", profit.sd},
            {"q05", profit.low},
            {"q95", profit.high}};
}

json file_record(const CertifiedFile& file) {
    return {{"file", file.file}, {"sha256", file.sha256}};
}

/// SHA-256 of all other members, whatever their layout.
std::string digest_of(nlohmann::ordered_json document) {
    document.erase("digest");
    return sha256_hex(json_text(document));
}

nlohmann::ordered_json certificate_record(const UpliftTable& table, const OptimizerSettings& settings,
                                          const PlannedActions& decision, const CertifiedFile& uplift,
                                          const CertifiedFile& plan, const CertifiedFile& frontier) {
    const Certificate& certificate = decision.certificate;
    nlohmann::ordered_json document;
    const auto add = [&, file = file_spec("certificate.json")](std::string_view member, json value) {
        document[std::string(column_spec(file, member).name)] = std::move(value);
    };
    add("format", certificate_format);
    add("status", name(certificate.status));
    add("profit", certificate.profit);
    add("cost", certificate.cost);
    add("objective_kind", certificate.objective_kind == Objective::profit ? "profit" : "mean_cvar");
    if (certificate.objective_kind == Objective::mean_cvar) {
        add("risk_weight", certificate.risk_weight);
    }
    add("objective", certificate.objective);
    add("objective_without", certificate.objective_without);
    add("upper_bound", certificate.upper_bound);
    add("relaxed_bound", certificate.relaxed_bound);
    add("relative_gap", certificate.relative_gap);
    add("multipliers", multipliers_record(certificate));
    add("budget", or_null(certificate.budget));
    add("limits", limits_record(certificate));
    add("exact", certificate.exact);
    add("require_choice", settings.require_choice);
    add("customers", table.size());
    add("actions", table.actions);
    add("uplift", file_record(uplift));
    add("plan", file_record(plan));
    add("frontier", file_record(frontier));
    add("frontier_points", settings.frontier_points);
    add("customer_risk_weight", settings.customer_risk_weight);
    if (settings.customer_risk_weight > 0.0) {
        add("cvar_level", table.cvar_level);
    }
    add("robustness", settings.robustness);
    add("switching_penalty", settings.switching_penalty);
    if (!settings.current.empty()) {
        const std::filesystem::path current = absolute_path(settings.current);
        add("current", file_record({current.string(), digest_file(current).sha256}));
    }
    add("fresh", fresh_record(decision));
    add("policies", policies_record(decision));
    add("expected_lifetime_months", months_record(decision));
    add("digest", digest_of(document));
    return document;
}

CertifiedFile read_file_record(const Members& members) {
    return {members.file("file"), members.text("sha256")};
}

std::optional<double> read_budget(const Members& members) {
    return members.has("budget") ? std::optional(members.number_within("budget", 0.0, magnitudes::largest_total))
                                 : std::nullopt;
}

double read_level(const Members& members, std::string_view member) {
    const double level = members.number(member);
    if (!(level > 0.0 && level < 1.0)) {
        members.refuse(member, fmt::format("is {}, which is not between 0 and 1", level));
    }
    return level;
}

/// A standard error or deviation of money.
double read_spread(const Members& members, std::string_view member) {
    return members.number_within(member, 0.0, magnitudes::largest_total);
}

/// Whether the member is the first of two words. Throws InputError if it is neither.
bool one_of(const Members& members, std::string_view member, std::string_view first, std::string_view second) {
    const std::string text = members.text(member);
    if (text != first && text != second) {
        members.refuse(member, fmt::format("is neither \"{}\" nor \"{}\"", first, second));
    }
    return text == first;
}

ProfitOnPaths read_profit(const Members& members) {
    ProfitOnPaths profit;
    profit.mean.value = members.number("profit");
    profit.mean.se = read_spread(members, "se");
    profit.sd = read_spread(members, "sd");
    profit.low = members.number("q05");
    profit.high = members.number("q95");
    if (profit.low > profit.high) {
        members.refuse("q05", fmt::format("is {}, above the q95 of {}", profit.low, profit.high));
    }
    return profit;
}

FreshFigures read_fresh(const Members& members) {
    FreshFigures fresh;
    fresh.profit = read_profit(members);
    fresh.in_sample_se = read_spread(members, "in_sample_se");
    fresh.difference = members.number("difference");
    fresh.difference_se = read_spread(members, "difference_se");
    if (members.has("at_medians")) {
        fresh.at_medians = read_profit(members.inner("at_medians"));
    }
    fresh.effect_share = members.number_within("effect_share", 0.0, 1.0);
    return fresh;
}

std::vector<PolicyValue> read_policies(const Members& members) {
    std::vector<PolicyValue> policies;
    for (const Members& of_policy : members.objects("policies")) {
        PolicyValue policy;
        policy.policy = of_policy.text("policy");
        policy.action = if_there(of_policy, "action", &Members::text).value_or("");
        policy.customers = of_policy.whole("customers");
        policy.cost = of_policy.number("cost");
        policy.expected_profit = of_policy.number("expected_profit");
        policy.added_months = if_there(of_policy, "added_months", &Members::number);
        if (of_policy.has("fresh")) {
            policy.fresh = read_profit(of_policy.inner("fresh"));
        }
        policies.push_back(std::move(policy));
    }
    return policies;
}

std::vector<CertifiedLimit> read_limits(const Members& members) {
    const Members multipliers = members.inner("multipliers");
    std::vector<CertifiedLimit> limits;
    std::set<std::string> names{std::string(budget_name)};
    if (const auto budget = read_budget(members)) {
        PlanLimit limit;
        limit.name = budget_name;
        limit.max = budget;
        limits.push_back({std::move(limit), members.number("cost"), multipliers.number("budget")});
    }
    for (const Members& of_limit : members.objects("limits")) {
        PlanLimit limit;
        limit.name = of_limit.text("name");
        limit.column = if_there(of_limit, "column", &Members::text).value_or(limit.column);
        limit.action = if_there(of_limit, "action", &Members::text).value_or("");
        limit.segment = if_there(of_limit, "segment", &Members::text).value_or("");
        limit.min = if_there(of_limit, "min", &Members::number);
        limit.max = if_there(of_limit, "max", &Members::number);
        limit.min_roi = if_there(of_limit, "min_roi", &Members::number);
        if (limit.name.empty() || !names.insert(limit.name).second) {
            of_limit.refuse("name", "is empty, or that of another limit");
        }
        if (limit.min_roi.has_value() == (limit.min || limit.max)) {
            of_limit.refuse("min_roi", "has to stand alone, or min or max in its place");
        }
        if (limit.min && limit.max && *limit.min > *limit.max) {
            of_limit.refuse("min", fmt::format("is {}, above the max of {}", *limit.min, *limit.max));
        }
        const double multiplier = multipliers.number(limit.name);
        limits.push_back({std::move(limit), of_limit.number("used"), multiplier});
    }
    return limits;
}

}  // namespace

nlohmann::json fresh_record(const PlannedActions& decision) {
    if (!decision.fresh) {
        return {};
    }
    const FreshFigures& fresh = *decision.fresh;
    json record = profit_record(fresh.profit);
    record["in_sample_se"] = fresh.in_sample_se;
    record["difference"] = fresh.difference;
    record["difference_se"] = fresh.difference_se;
    record["at_medians"] = fresh.at_medians ? profit_record(*fresh.at_medians) : json();
    record["effect_share"] = fresh.effect_share;
    return record;
}

nlohmann::json policies_record(const PlannedActions& decision) {
    json list = json::array();
    for (const PolicyValue& policy : decision.policies) {
        json entry{{"policy", policy.policy},
                   {"customers", policy.customers},
                   {"cost", policy.cost},
                   {"expected_profit", policy.expected_profit},
                   {"added_months", or_null(policy.added_months)},
                   {"fresh", policy.fresh ? profit_record(*policy.fresh) : json()}};
        if (!policy.action.empty()) {
            entry["action"] = policy.action;
        }
        list.push_back(std::move(entry));
    }
    return list;
}

nlohmann::json months_record(const PlannedActions& decision) {
    return decision.months ? json{{"none", decision.months->none}, {"chosen", decision.months->chosen}} : json();
}

nlohmann::json multipliers_record(const Certificate& certificate) {
    json record = json::object();
    record[std::string(budget_name)] = 0.0;
    for (const CertifiedLimit& limit : certificate.limits) {
        record[limit.limit.name] = limit.multiplier;
    }
    return record;
}

nlohmann::json limits_record(const Certificate& certificate) {
    json list = json::array();
    for (const CertifiedLimit& certified : certificate.limits) {
        const PlanLimit& limit = certified.limit;
        if (certificate.budget && limit.name == budget_name) {
            continue;
        }
        json entry{{"name", limit.name}, {"used", certified.used}};
        const auto add = [&](const char* member, const json& value, bool is_set) {
            if (is_set) {
                entry[member] = value;
            }
        };
        add("column", limit.column, !limit.min_roi);
        add("action", limit.action, !limit.action.empty());
        add("segment", limit.segment, !limit.segment.empty());
        add("min", or_null(limit.min), limit.min.has_value());
        add("max", or_null(limit.max), limit.max.has_value());
        add("min_roi", or_null(limit.min_roi), limit.min_roi.has_value());
        list.push_back(std::move(entry));
    }
    return list;
}

namespace {

CertificateFile certificate_of(const Members& members) {
    CertificateFile read;
    Certificate& certificate = read.certificate;
    certificate.status = one_of(members, "status", name(PlanStatus::optimal), name(PlanStatus::bounded))
                             ? PlanStatus::optimal
                             : PlanStatus::bounded;
    certificate.objective_kind =
        one_of(members, "objective_kind", "profit", "mean_cvar") ? Objective::profit : Objective::mean_cvar;
    if (certificate.objective_kind == Objective::mean_cvar) {
        certificate.risk_weight = members.number_within("risk_weight", 0.0, 1.0);
    }
    certificate.objective_without = members.number("objective_without");
    certificate.exact = members.boolean("exact");
    certificate.profit = members.number("profit");
    certificate.cost = members.number("cost");
    certificate.objective = members.number("objective");
    certificate.upper_bound = members.number("upper_bound");
    certificate.relaxed_bound = members.number("relaxed_bound");
    certificate.relative_gap = members.number("relative_gap");
    certificate.budget = read_budget(members);
    certificate.limits = read_limits(members);
    read.require_choice = members.boolean("require_choice");
    read.customers = members.whole("customers");
    read.uplift = read_file_record(members.inner("uplift"));
    read.actions = members.texts("actions");
    read.plan = read_file_record(members.inner("plan"));
    read.frontier = read_file_record(members.inner("frontier"));
    read.frontier_points = members.whole("frontier_points", 2, 65'535);
    read.policies = read_policies(members);
    if (members.has("fresh")) {
        read.fresh = read_fresh(members.inner("fresh"));
    }
    if (members.has("expected_lifetime_months")) {
        const Members months = members.inner("expected_lifetime_months");
        read.months = PlannedMonths{months.number("none"), months.number("chosen")};
    }
    certificate.customer_risk_weight = members.number_within("customer_risk_weight", 0.0, 1.0);
    if (certificate.customer_risk_weight > 0.0) {
        read.cvar_level = read_level(members, "cvar_level");
    }
    certificate.robustness = members.number_within("robustness", 0.0, largest_robustness);
    certificate.switching_penalty = members.number_within("switching_penalty", 0.0, magnitudes::largest_amount);
    if (certificate.switching_penalty > 0.0 || members.has("current")) {
        read.current = read_file_record(members.inner("current"));
    }
    return read;
}

}  // namespace

CertificateFile read_certificate(const std::filesystem::path& file) {
    std::string text;
    try {
        text = text_of_input(file);
    } catch (const UnreadableInput& fault) {
        throw InputError(fmt::format("{}: cannot be read, it {}: name the certificate.json of a plan", file.string(),
                                     fault.reason()));
    }
    try {
        const nlohmann::ordered_json document = parse_document(text);
        const Members members(document);
        if (members.text("format") != certificate_format) {
            members.refuse("format", fmt::format("is not \"{}\"", certificate_format));
        }
        CertificateFile read = certificate_of(members);
        read.is_unchanged = members.text("digest") == digest_of(document);
        return read;
    } catch (const InputError& fault) {
        throw InputError(fmt::format("no certificate of a plan of this version ({}: {}): run clv optimize again",
                                     file.string(), fault.what()));
    }
}

std::vector<FrontierRow> frontier_rows(std::span<const EvaluatedPoint> frontier) {
    constexpr double not_simulated = std::numeric_limits<double>::quiet_NaN();
    std::vector<FrontierRow> rows;
    for (const EvaluatedPoint& evaluated : frontier) {
        const FrontierPoint& point = evaluated.point;
        FrontierRow row{point.budget,       point.profit,  not_simulated, not_simulated,
                        point.marginal_roi, not_simulated, not_simulated};
        if (const auto& fresh = evaluated.fresh) {
            row.profit_eval = fresh->value;
            row.profit_eval_se = fresh->se;
            row.difference = fresh->value - point.profit;
            // the paths of the choice are as many: their error is as large
            row.difference_se = std::numbers::sqrt2 * fresh->se;
        }
        rows.push_back(row);
    }
    return rows;
}

void write_plan_files(const UpliftTable& table, const OptimizerSettings& settings, const PlannedActions& decision,
                      const CertifiedFile& uplift, OutputSet& outputs) {
    const std::filesystem::path plan_file = outputs.path("plan.csv");
    write_plan_csv(plan_file, decision.adjusted ? *decision.adjusted : table, decision.plan);
    const std::filesystem::path frontier_file = outputs.path("frontier.csv");
    write_frontier_csv(frontier_file, frontier_rows(decision.frontier));
    const CertifiedFile plan{"plan.csv", digest_file(plan_file).sha256};
    const CertifiedFile frontier{"frontier.csv", digest_file(frontier_file).sha256};
    const nlohmann::ordered_json document = certificate_record(table, settings, decision, uplift, plan, frontier);
    write_text_file(outputs.path("certificate.json"), json_text(document, 2) + "\n");
}

}  // namespace clv
