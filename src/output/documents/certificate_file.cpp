#include "clv/output/documents/certificate_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <limits>
#include <nlohmann/json.hpp>
#include <numbers>
#include <utility>

#include "clv/core/errors.hpp"
#include "clv/output/checked_file.hpp"
#include "clv/output/documents/formats.hpp"
#include "clv/output/file_digest.hpp"
#include "clv/output/files.hpp"
#include "clv/output/tables/plan_writer.hpp"

namespace clv {

namespace {

using nlohmann::json;

constexpr std::string_view budget_name = "budget";

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

nlohmann::ordered_json certificate_record(const UpliftTable& table, const OptimizerSettings& settings,
                                          const PlannedActions& decision, const CertifiedFile& uplift,
                                          const CertifiedFile& plan) {
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
    add("objective", certificate.objective);
    add("upper_bound", certificate.upper_bound);
    add("relaxed_bound", certificate.relaxed_bound);
    add("relative_gap", certificate.relative_gap);
    add("multipliers", multipliers_record(certificate));
    add("budget", or_null(certificate.budget));
    add("limits", limits_record(certificate));
    add("require_choice", settings.require_choice);
    add("customers", table.size());
    add("actions", table.actions);
    add("uplift", file_record(uplift));
    add("plan", file_record(plan));
    add("customer_risk_weight", settings.customer_risk_weight);
    if (settings.customer_risk_weight > 0.0) {
        add("cvar_level", table.cvar_level);
    }
    add("robustness", settings.robustness);
    add("switching_penalty", settings.switching_penalty);
    if (settings.switching_penalty > 0.0) {
        const std::filesystem::path current = std::filesystem::absolute(settings.current).lexically_normal();
        add("current", file_record({current.string(), digest_file(current).sha256}));
    }
    add("fresh", fresh_record(decision));
    add("policies", policies_record(decision));
    add("expected_lifetime_months", months_record(decision));
    return document;
}

/// Reads members of a JSON object, and says which of them is not as it should be.
class Members {
  public:
    Members(const json& object, std::string file) : object_(object), file_(std::move(file)) {}

    template <class T>
    [[nodiscard]] T get(const char* member) const {
        try {
            return object_.at(member).get<T>();
        } catch (const json::exception&) {
            throw InputError(
                fmt::format("no certificate of a plan ({}: member \"{}\" is missing or of another type): "
                            "run clv optimize again",
                            file_, member));
        }
    }
    template <class T>
    [[nodiscard]] std::optional<T> if_there(const char* member) const {
        return object_.contains(member) && !object_[member].is_null() ? std::optional<T>(get<T>(member)) : std::nullopt;
    }
    [[nodiscard]] Members inner(const char* member) const {
        const auto found = object_.find(member);
        if (found == object_.end() || !found->is_object()) {
            static_cast<void>(get<std::map<std::string, json>>(member));
        }
        return {*found, fmt::format("{}, {}", file_, member)};
    }

  private:
    const json& object_;
    std::string file_;
};

CertifiedFile read_file_record(const Members& members) {
    return {members.get<std::string>("file"), members.get<std::string>("sha256")};
}

std::vector<CertifiedLimit> read_limits(const json& document, const std::string& file) {
    const Members members(document, file);
    const Members multipliers = members.inner("multipliers");
    std::vector<CertifiedLimit> limits;
    if (const auto budget = members.if_there<double>("budget")) {
        PlanLimit limit;
        limit.name = budget_name;
        limit.max = budget;
        limits.push_back({std::move(limit), members.get<double>("cost"), multipliers.get<double>("budget")});
    }
    for (const json& entry : members.get<std::vector<json>>("limits")) {
        const Members of_limit(entry, file + ", limits");
        PlanLimit limit;
        limit.name = of_limit.get<std::string>("name");
        limit.column = of_limit.if_there<std::string>("column").value_or(limit.column);
        limit.action = of_limit.if_there<std::string>("action").value_or("");
        limit.segment = of_limit.if_there<std::string>("segment").value_or("");
        limit.min = of_limit.if_there<double>("min");
        limit.max = of_limit.if_there<double>("max");
        limit.min_roi = of_limit.if_there<double>("min_roi");
        const double multiplier = multipliers.get<double>(limit.name.c_str());
        limits.push_back({std::move(limit), of_limit.get<double>("used"), multiplier});
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

CertificateFile read_certificate(const std::filesystem::path& file) {
    std::ifstream stream(file, std::ios::binary);
    if (!stream) {
        throw InputError(fmt::format("{}: cannot be read: name the certificate.json of a plan", file.string()));
    }
    const json document = json::parse(stream, nullptr, false);
    if (!document.is_object() || document.value("format", json()) != certificate_format) {
        throw InputError(fmt::format(
            "{}: no certificate of a plan of this version: name a certificate.json of clv optimize", file.string()));
    }
    const Members members(document, file.string());
    CertificateFile read;
    Certificate& certificate = read.certificate;
    certificate.status =
        members.get<std::string>("status") == name(PlanStatus::optimal) ? PlanStatus::optimal : PlanStatus::bounded;
    certificate.objective_kind =
        members.get<std::string>("objective_kind") == "profit" ? Objective::profit : Objective::mean_cvar;
    certificate.profit = members.get<double>("profit");
    certificate.cost = members.get<double>("cost");
    certificate.objective = members.get<double>("objective");
    certificate.upper_bound = members.get<double>("upper_bound");
    certificate.relaxed_bound = members.get<double>("relaxed_bound");
    certificate.relative_gap = members.get<double>("relative_gap");
    certificate.budget = members.if_there<double>("budget");
    certificate.limits = read_limits(document, file.string());
    read.require_choice = members.get<bool>("require_choice");
    read.customers = members.get<std::size_t>("customers");
    read.uplift = read_file_record(members.inner("uplift"));
    read.plan = read_file_record(members.inner("plan"));
    if (!document.value("expected_lifetime_months", json()).is_null()) {
        const Members months = members.inner("expected_lifetime_months");
        read.months = PlannedMonths{months.get<double>("none"), months.get<double>("chosen")};
    }
    certificate.customer_risk_weight = members.get<double>("customer_risk_weight");
    if (certificate.customer_risk_weight > 0.0) {
        read.cvar_level = members.get<double>("cvar_level");
    }
    certificate.robustness = members.get<double>("robustness");
    certificate.switching_penalty = members.get<double>("switching_penalty");
    if (certificate.switching_penalty > 0.0) {
        read.current = read_file_record(members.inner("current"));
    }
    return read;
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
    write_frontier_csv(outputs.path("frontier.csv"), frontier_rows(decision.frontier));
    const CertifiedFile plan{"plan.csv", digest_file(plan_file).sha256};
    const nlohmann::ordered_json document = certificate_record(table, settings, decision, uplift, plan);
    write_text_file(outputs.path("certificate.json"),
                    document.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n");
}

}  // namespace clv
