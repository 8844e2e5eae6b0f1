#include "scenario_tables.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "config_source.hpp"

namespace clv {

namespace {

using nlohmann::json;
using Binding = KeyBinding<Scenario>;

constexpr TableKind scenario_kind{"a", "scenario"};

/// A key with a list of values.
struct Axis {
    const Binding* binding;
    const json* values;
};

/// The scenarios of one table.
class Grid {
  public:
    Grid(const json& table, const ConfigSource& source, const std::string& pointer, Faults& faults) {
        for (const auto& [name, value] : table.items()) {
            static_cast<void>(find_in_table(scenario_bindings(), scenario_kind, name, source, pointer, faults));
        }
        for (const Binding& binding : scenario_bindings()) {
            const std::string& name = binding.key.name;
            const auto found = table.find(name);
            if (found == table.end()) {
                continue;
            }
            const std::string inner = pointer + "/" + name;
            const std::string shown = "scenarios." + name;
            if (!found->is_array() || name == "name") {
                store(binding, shown, *found, source, inner, common_, faults);
                continue;
            }
            if (found->empty()) {
                faults.add(shown + " is empty", source.place(inner), "give a number, or a list of at least one");
                continue;
            }
            Scenario checked;
            for (std::size_t i = 0; i < found->size(); ++i) {
                store(binding, shown, (*found)[i], source, fmt::format("{}/{}", inner, i), checked, faults);
            }
            axes_.push_back({&binding, &*found});
        }
    }

    [[nodiscard]] const std::string& name() const { return common_.name; }

    /// How many there are, or `limit` + 1 if more than that.
    [[nodiscard]] std::size_t size(std::size_t limit) const {
        std::size_t count = 1;
        for (const Axis& axis : axes_) {
            count = std::min(count * std::min(axis.values->size(), limit + 1), limit + 1);
        }
        return count;
    }

    /// Appends the scenarios. It may be called only if no value was refused.
    void write_out(std::vector<Scenario>& scenarios) const { write_out(common_, 0, scenarios); }

  private:
    void write_out(const Scenario& so_far, std::size_t axis, std::vector<Scenario>& scenarios) const {
        if (axis == axes_.size()) {
            scenarios.push_back(so_far);
            return;
        }
        for (const json& value : *axes_[axis].values) {
            Scenario next = so_far;
            next.name += fmt::format(" {}={}", axes_[axis].binding->key.name, value.get<double>());
            axes_[axis].binding->store(next, value);
            write_out(next, axis + 1, scenarios);
        }
    }

    Scenario common_;
    std::vector<Axis> axes_;
};

}  // namespace

std::vector<Scenario> read_scenarios(const json& list, const ConfigSource& source, Faults& faults) {
    std::vector<Scenario> scenarios;
    if (!check_is_list_of_tables(scenario_kind, list, source, "/scenarios", faults)) {
        return scenarios;
    }
    std::set<std::string> names;
    for (std::size_t i = 0; i < list.size(); ++i) {
        const std::string pointer = fmt::format("/scenarios/{}", i);
        const std::size_t faults_before = faults.size();
        const Grid grid(list[i], source, pointer, faults);
        std::set<std::string> own_name;
        take_name(scenario_kind, grid.name(), source, pointer, own_name, faults);
        if (grid.name() == base_scenario) {
            faults.add(fmt::format("a scenario is called \"{}\"", base_scenario), source.place(pointer + "/name"),
                       "that is the run as it is; choose another name");
        }
        if (faults.size() != faults_before) {
            continue;
        }
        if (scenarios.size() + grid.size(max_scenarios) > max_scenarios) {
            faults.add(fmt::format("more than {} scenarios", max_scenarios), source.place(pointer),
                       "use shorter lists, or split the sweep");
            break;
        }
        const std::size_t first = scenarios.size();
        grid.write_out(scenarios);
        for (std::size_t s = first; s < scenarios.size(); ++s) {
            take_name(scenario_kind, scenarios[s].name, source, pointer, names, faults);
        }
    }
    return scenarios;
}

}  // namespace clv
