// Keys of [learn].

#include "clv/config/config.hpp"
#include "config/key_kinds.hpp"
#include "sections.hpp"

namespace clv {

namespace {

bool is_any(std::string_view /*name*/) {
    return true;  // a column of the file: known once that is read
}

}  // namespace

Section<RunConfig> learn_section() {
    using namespace kinds;
    using C = RunConfig;
    return {
        "learn",
        "What is learned from attributes, purchases and past outcomes of customers.",
        {
            choice({.name = "learn.target",
                    .meaning = "what is learned: who churns, of input.customers, or what customers will spend, of "
                               "input.transactions"},
                   at<&C::learn, &LearnSettings::target>,
                   {{"churn", LearnTarget::churn}, {"value", LearnTarget::value}}),
            day({.name = "learn.snapshot",
                 .meaning =
                     "of value: last day that features know; learned is what is spent from then until the end of "
                     "the transactions; absent: no values are learned"},
                at<&C::learn, &LearnSettings::snapshot>),
            text({.name = "learn.target_column",
                  .meaning = "column of input.customers that says who has churned; absent: nothing is learned"},
                 at<&C::learn, &LearnSettings::target_column>),
            text({.name = "learn.positive",
                  .meaning = "value of learn.target_column that means yes; absent: 1, yes, true"},
                 at<&C::learn, &LearnSettings::positive>),
            texts({.name = "learn.exclude", .meaning = "columns that are not learned from"},
                  at<&C::learn, &LearnSettings::exclude>),
            texts_by_name({.name = "learn.kinds",
                           .meaning = "what column NAME of the file holds, number or category, where a guess goes "
                                      "wrong; it is then learned from, whatever it looks like"},
                          at<&C::learn, &LearnSettings::kinds>, {"a column of input.customers"}, is_any, true),
            text(
                {.name = "learn.time_column", .meaning = "column with the months as a customer; absent: tenure_months"},
                at<&C::learn, &LearnSettings::time_column>),
            integer(
                {.name = "learn.window_months",
                 .meaning = "the outcome is what happened within so long; if absent, 1 or, where tenures are known, "
                            "all of them",
                 .unit = "months"},
                at<&C::learn, &LearnSettings::window_months>, 1, max_horizon_months),
            choice(
                {.name = "learn.hazards_from",
                 .meaning = "how hazards come from outcomes: the probability of the window spread over its months, or "
                            "hazards by tenure, each customer having been at risk from observed_from_months on; "
                            "absent: window if learn.window_months is given or tenures are not known, else tenure"},
                at<&C::learn, &LearnSettings::hazard>,
                {{"window", HazardFrom::window}, {"tenure", HazardFrom::tenure}}),
            choice(
                {.name = "learn.algorithm",
                 .meaning = "gradient-boosted trees, or a ridge regression (logistic, or Poisson for hazards); best: "
                            "boosting where it beats the regression on customers that it has not seen"},
                at<&C::learn, &LearnSettings::algorithm>,
                {{"best", LearnAlgorithm::best},
                 {"boosting", LearnAlgorithm::boosting},
                 {"logistic", LearnAlgorithm::logistic}}),
            integer({.name = "learn.folds", .meaning = "parts of the customers, each scored by a model of the others"},
                    at<&C::learn, &LearnSettings::folds>, 2, 100),
            integer({.name = "learn.bootstraps",
                     .meaning = "models of customers drawn anew, which paths share out, so that bands know that the "
                                "model may be wrong: a multiple of 16; 0: hazards are taken as known"},
                    at<&C::learn, &LearnSettings::bootstraps>, 0, 1'024),
            integer({.name = "learn.depth", .meaning = "boosting: splits from root to leaf"},
                    at<&C::learn, &LearnSettings::depth>, 1, 12),
            integer({.name = "learn.rounds",
                     .meaning = "boosting: trees at most; it stops where customers held out gain nothing"},
                    at<&C::learn, &LearnSettings::rounds>, 1, 10'000),
            number({.name = "learn.learning_rate", .meaning = "boosting: share of each tree that counts"},
                   at<&C::learn, &LearnSettings::learning_rate>, Range{.low = 0.001, .high = 1.0}),
            number({.name = "learn.subsample", .meaning = "boosting: share of customers that each tree sees"},
                   at<&C::learn, &LearnSettings::subsample>, Range{.low = 0.1, .high = 1.0}),
            boolean({.name = "learn.contributions",
                     .meaning = "also write contributions.csv: what every column adds to the score of every customer"},
                    at<&C::learn, &LearnSettings::contributions>),
            integer({.name = "learn.seed", .meaning = "seed of folds, resamples and trees"},
                    at<&C::learn, &LearnSettings::seed>, 0, largest_seed),
        }};
}

}  // namespace clv
