#include "limit_tables.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <set>

#include "clv/data/tables/fault.hpp"
#include "config_source.hpp"

namespace clv {

namespace {

using nlohmann::json;

constexpr TableKind limit_kind{"a", "limit", "optimizer"};
constexpr std::string_view list_pointer = "/optimizer/limits";
constexpr std::string_view budget_name = "budget";

/// Checks what the keys of one limit ask of each other.
void check(const PlanLimit& limit, const json& table, const ConfigSource& source, const std::string& pointer,
           Faults& faults) {
    const auto add = [&](const std::string& key, const std::string& problem, const std::string& remedy) {
        faults.add(fmt::format("the limit \"{}\" {}", shortened(limit.name), problem), source.place(pointer + key),
                   remedy);
    };
    if (limit.name == budget_name) {
        add("/name", "has the name of optimizer.budget", "choose another name");
    }
    if (limit.min_roi) {
        for (const char* key : {"column", "min", "max"}) {
            if (table.contains(key)) {
                add(fmt::format("/{}", key), fmt::format("has min_roi and {}", key), "make two limits of it");
            }
        }
        return;
    }
    if (!limit.min && !limit.max) {
        add("", "limits nothing", "give min, max or min_roi");
    } else if (limit.min && limit.max && *limit.min > *limit.max) {
        add("/min", fmt::format("has a min of {} above its max of {}", *limit.min, *limit.max),
            "exchange or correct them");
    }
    if (limit.max && *limit.max < 0.0 && limit.column != "expected_profit") {
        add("/max", fmt::format("has a max of {}", *limit.max), fmt::format("give a {} of at least 0", limit.column));
    }
}

}  // namespace

std::vector<PlanLimit> read_limits(const json& list, const ConfigSource& source, Faults& faults) {
    std::vector<PlanLimit> limits;
    if (!check_is_list_of_tables(limit_kind, list, source, std::string(list_pointer), faults)) {
        return limits;
    }
    std::set<std::string> names;
    for (std::size_t i = 0; i < list.size(); ++i) {
        const std::string pointer = fmt::format("{}/{}", list_pointer, i);
        const std::size_t faults_before = faults.size();
        PlanLimit limit;
        for (const auto& [name, value] : list[i].items()) {
            if (const auto* binding = find_in_table(limit_bindings(), limit_kind, name, source, pointer, faults)) {
                store(*binding, fmt::format("{}.{}", limit_kind.key(), name), value, source, pointer + "/" + name,
                      limit, faults);
            }
        }
        take_name(limit_kind, limit.name, source, pointer, names, faults);
        if (faults.size() == faults_before) {
            check(limit, list[i], source, pointer, faults);
        }
        limits.push_back(std::move(limit));
    }
    return limits;
}

}  // namespace clv
