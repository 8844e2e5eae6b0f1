// Keys of [survival].

#include "clv/config/config.hpp"
#include "config/key_kinds.hpp"
#include "sections.hpp"

namespace clv {

Section<RunConfig> survival_section() {
    using namespace kinds;
    using C = RunConfig;
    constexpr Range parameter{.low = 1.0e-6, .high = 1.0e6};  // where sBG is fitted too
    return {
        "survival",
        "Where the hazard of churn comes from.",
        {
            choice(
                {.name = "survival.source",
                 .meaning = "where churn hazards come from; absent: input.model (a model of contracts) if given, else "
                            "survival.curves, else churn_probability or survival_1.., whichever the customers have; a "
                            "warning names what is then not used"},
                at<&C::survival, &SurvivalSettings::source>,
                {{"churn_probability", SurvivalSource::churn_probability},
                 {"curve", SurvivalSource::curve},
                 {"kaplan_meier", SurvivalSource::kaplan_meier},
                 {"sbg", SurvivalSource::sbg},
                 {"model", SurvivalSource::model},
                 {"learned", SurvivalSource::learned}}),
            path(
                {.name = "survival.curves",
                 .meaning = "for source = \"curve\": file with segment, survival_1..survival_T; absent: the customers' "
                            "own columns"},
                at<&C::survival, &SurvivalSettings::curves>),
            number(
                {.name = "survival.alpha",
                 .meaning = "for source = \"sbg\": first parameter of the beta distribution of churn; absent: fitted "
                            "(give both or neither)"},
                at<&C::survival, &SurvivalSettings::alpha>, parameter),
            number({.name = "survival.beta", .meaning = "for source = \"sbg\": second parameter"},
                   at<&C::survival, &SurvivalSettings::beta>, parameter),
            integer({.name = "survival.period_months",
                     .meaning =
                         "for source = \"sbg\" and clv fit of sbg or bdw: time between renewals; churn happens in the "
                         "renewal month",
                     .unit = "months"},
                    at<&C::survival, &SurvivalSettings::period_months>, 1, max_horizon_months),
        }};
}

}  // namespace clv
