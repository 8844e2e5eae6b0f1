#pragma once
// The sections of the configuration, one file of this folder for each, in the order of the reference page. To add a
// key: a member in the settings struct, and an entry in the file of its section. To add a section: a file here, a line
// below, and one in the list of keys.cpp.

#include <string_view>
#include <vector>

#include "config/key_binding.hpp"

namespace clv {

template <class Owner>
struct Section {
    std::string_view name;     ///< as in a file: "simulation", "optimizer.limits"
    std::string_view meaning;  ///< for the reference page
    std::vector<KeyBinding<Owner>> keys;
};

[[nodiscard]] Section<RunConfig> generate_section();
[[nodiscard]] Section<RunConfig> input_section();
[[nodiscard]] Section<RunConfig> customers_section();
[[nodiscard]] Section<RunConfig> fit_section();
[[nodiscard]] Section<RunConfig> learn_section();
[[nodiscard]] Section<RunConfig> rules_section();
[[nodiscard]] Section<RunConfig> segment_section();
[[nodiscard]] Section<RunConfig> survival_section();
[[nodiscard]] Section<RunConfig> simulation_section();
[[nodiscard]] Section<RunConfig> market_section();
[[nodiscard]] Section<RunConfig> optimizer_section();
[[nodiscard]] Section<RunConfig> execution_section();
[[nodiscard]] Section<RunConfig> output_section();

/// Lists of tables. The keys of one table have short names ("cost").
[[nodiscard]] Section<Action> actions_section();
[[nodiscard]] Section<Scenario> scenarios_section();
[[nodiscard]] Section<PlanLimit> limits_section();

}  // namespace clv
