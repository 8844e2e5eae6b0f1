// Keys of [generate].

#include "clv/config/config.hpp"
#include "config/key_kinds.hpp"
#include "sections.hpp"

namespace clv {

namespace {

constexpr std::int64_t max_generated_customers = 100'000'000;
/// Of gamma and beta distributions, of which floats are drawn.
constexpr kinds::Range shape{.low = 1.0e-3, .high = 1.0e6};
constexpr kinds::Range scale{.low = 1.0e-6, .high = 1.0e9};

template <auto Member>
constexpr auto retailer = at<&RunConfig::generate, &GenerateSettings::retail, Member>;

}  // namespace

Section<RunConfig> generate_section() {
    using namespace kinds;
    using C = RunConfig;
    return {
        "generate",
        "A synthetic world of customers with known truth.",
        {
            word({.name = "generate.kind", .meaning = "world to generate; absent: none", .statistical = false},
                 at<&C::generate, &GenerateSettings::kind>, {"subscription", "retail"}),
            integer({.name = "generate.customers",
                     .meaning = "how many customers the world has",
                     .unit = "customers",
                     .statistical = false},
                    at<&C::generate, &GenerateSettings::customers>, 1, max_generated_customers),
            integer({.name = "generate.seed",
                     .meaning = "seed of the world; the same seed gives the same files",
                     .statistical = false},
                    at<&C::generate, &GenerateSettings::seed>, 0, largest_seed),
            integer({.name = "generate.window_months",
                     .meaning = "subscription: in the last so many months some customers churned (columns churned, "
                                "contract, support_calls, monthly_charges); 0: everybody is still there",
                     .unit = "months",
                     .statistical = false},
                    at<&C::generate, &GenerateSettings::window_months>, 0, 120),
            day({.name = "generate.first_day",
                 .meaning = "retail: first day of the transactions",
                 .statistical = false},
                retailer<&RetailWorldSettings::first_day>),
            day({.name = "generate.last_day", .meaning = "retail: last day of the transactions", .statistical = false},
                retailer<&RetailWorldSettings::last_day>),
            integer({.name = "generate.acquisition_days",
                     .meaning = "retail: customers buy first on one of the first so many days",
                     .unit = "days",
                     .statistical = false},
                    retailer<&RetailWorldSettings::acquisition_days>, 1, 36'525),
            number(
                {.name = "generate.r", .meaning = "retail: rate of purchases ~ Gamma(r, alpha)", .statistical = false},
                retailer<&RetailWorldSettings::r>, shape),
            number({.name = "generate.alpha",
                    .meaning = "retail: its second parameter",
                    .unit = "weeks",
                    .statistical = false},
                   retailer<&RetailWorldSettings::alpha>, scale),
            number({.name = "generate.a",
                    .meaning = "retail: probability of dropping out after a repeat purchase ~ Beta(a, b)",
                    .statistical = false},
                   retailer<&RetailWorldSettings::a>, shape),
            number({.name = "generate.b", .meaning = "retail: its second parameter", .statistical = false},
                   retailer<&RetailWorldSettings::b>, shape),
            number({.name = "generate.p",
                    .meaning = "retail: spend of a purchase ~ Gamma(p, nu), nu ~ Gamma(q, v) over customers",
                    .statistical = false},
                   retailer<&RetailWorldSettings::p>, shape),
            number({.name = "generate.q", .meaning = "retail: shape of nu", .statistical = false},
                   retailer<&RetailWorldSettings::q>, shape),
            number({.name = "generate.v", .meaning = "retail: scale of nu", .unit = "currency", .statistical = false},
                   retailer<&RetailWorldSettings::v>, scale),
            number({.name = "generate.season_amplitude",
                    .meaning = "retail: amplitude of the yearly season in the logarithm of everybody's rate",
                    .statistical = false},
                   retailer<&RetailWorldSettings::season_amplitude>, Range{.low = 0.0, .high = 3.0}),
            number({.name = "generate.level_sd",
                    .meaning = "retail: standard deviation of weekly steps of that logarithm, a random walk",
                    .statistical = false},
                   retailer<&RetailWorldSettings::level_sd>, Range{.low = 0.0, .high = 1.0}),
        }};
}

}  // namespace clv
