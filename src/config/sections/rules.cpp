// Keys of [rules].

#include "clv/config/config.hpp"
#include "config/key_kinds.hpp"
#include "sections.hpp"

namespace clv {

Section<RunConfig> rules_section() {
    using namespace kinds;
    using C = RunConfig;
    return {"rules",
            "Lifecycle stages, tiers, risk scores and actions by rules that people can read.",
            {
                path({.name = "rules.file", .meaning = "TOML file of rules (docs/decision_logic.md); absent: none"},
                     at<&C::rules, &RulesSettings::file>),
                day({.name = "rules.before",
                     .meaning = "of transactions: stages of that day are compared with those of the last one"},
                    at<&C::rules, &RulesSettings::before>),
            }};
}

}  // namespace clv
