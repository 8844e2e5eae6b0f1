#include "clv/population/population.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "clv/core/errors.hpp"
#include "clv/data/filters/filter.hpp"
#include "clv/simulation/portfolio.hpp"

namespace clv {

namespace {

/// What `use` makes of the action's filter.
template <class Use>
void with_filter(const Action& action, Use use) {
    try {
        use(Filter::parse(action.eligible));
    } catch (const ConfigError& error) {
        throw ConfigError(fmt::format("actions, {}, eligible: {}", action.name, error.what()));
    }
}

}  // namespace

void check_filters(const std::vector<Action>& actions) {
    for (const Action& action : actions) {
        with_filter(action, [](const Filter&) {});
    }
}

std::vector<std::uint8_t> eligible_actions(const CustomerTable& customers, const std::vector<Action>& actions) {
    if (std::all_of(actions.begin(), actions.end(), [](const Action& action) { return action.eligible.empty(); })) {
        return {};
    }
    std::vector<std::uint8_t> bits(customers.size(), 0);
    for (std::size_t a = 0; a < actions.size(); ++a) {
        std::vector<std::uint8_t> open(customers.size(), 1);
        if (!actions[a].eligible.empty()) {
            with_filter(actions[a], [&](const Filter& filter) { open = filter.evaluate(customers); });
        }
        for (std::size_t i = 0; i < open.size(); ++i) {
            bits[i] = static_cast<std::uint8_t>(bits[i] | (open[i] != 0 ? 1U << a : 0U));
        }
    }
    return bits;
}

void check_segment_names(const std::vector<std::string>& segments, const std::string& file, bool some_apart) {
    if (std::ranges::find(segments, portfolio_name) != segments.end()) {
        throw InputError(fmt::format(
            "a segment is called '{}' ({}): that is the name of the sum over all segments, rename the segment",
            portfolio_name, file));
    }
    if (some_apart && std::ranges::find(segments, churned_name) != segments.end()) {
        throw InputError(fmt::format(
            "a segment is called '{}' ({}): that is the name of the sum over customers marked as churned, rename the "
            "segment, or set customers.churned to \"include\" or \"exclude\"",
            churned_name, file));
    }
}

}  // namespace clv
