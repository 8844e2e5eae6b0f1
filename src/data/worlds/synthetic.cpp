#include "clv/data/worlds/synthetic.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <iterator>
#include <utility>

#include "clv/core/errors.hpp"
#include "clv/core/progress.hpp"
#include "clv/data/tables/content_hash.hpp"
#include "clv/random/elementary.hpp"
#include "clv/random/philox.hpp"
#include "clv/random/samplers.hpp"
#include "world_draws.hpp"

namespace clv {
namespace {

struct SegmentTraits {
    const char* name;
    double share;           ///< of customers
    int churn_beta;         ///< monthly churn probability ~ Beta(2, churn_beta)
    double median_revenue;  ///< currency a month
    double retention_cost;  ///< currency a month, on average
    double monthly_share;   ///< of contracts that end with any month
    double annual_share;    ///< of contracts that end with a year
    double charges;         ///< currency a month, list price
};

constexpr std::array<SegmentTraits, 3> segments{{
    {"Basic", 0.5, 38, 22.0, 1.5, 0.75, 0.20, 20.0},
    {"Plus", 0.3, 70, 45.0, 2.5, 0.45, 0.35, 45.0},
    {"Premium", 0.2, 140, 90.0, 6.0, 0.25, 0.35, 90.0},
}};

/// Contracts, and what each adds to the log odds of having churned in the past window.
constexpr std::array<const char*, 3> contracts{"Month-to-month", "One year", "Two year"};
constexpr std::array<double, 3> odds_of_contract{1.4, 0.0, -1.6};
constexpr double base_odds = -3.8;
constexpr double odds_of_call = 1.5;
constexpr double odds_of_tenure = -0.06;  ///< a month, of the first 48
constexpr double calls_per_probability = 40.0;
constexpr int most_calls = 15;

constexpr double oldest_tenure_months = 96.0;

/// The random numbers of one customer of a world.
class CustomerDraws {
  public:
    CustomerDraws(std::uint64_t seed, std::uint64_t customer) : seed_(seed), customer_(customer) {}

    [[nodiscard]] PhiloxBlock<std::uint32_t> block(std::uint32_t index) const {
        return philox<std::uint32_t>(draw_address(Purpose::world, index), static_cast<std::uint32_t>(customer_),
                                     static_cast<std::uint32_t>(customer_ >> 32), 0, static_cast<std::uint32_t>(seed_),
                                     static_cast<std::uint32_t>(seed_ >> 32));
    }

  private:
    std::uint64_t seed_;
    std::uint64_t customer_;
};

/// The double nearest to `value` among decimals with so many units per one, as a reader of the decimal gets it.
double rounded(double value, double units) {
    return std::floor(value * units + 0.5) / units;
}

std::uint32_t segment_of(double position) {
    std::uint32_t segment = 0;
    for (double end = segments[0].share; position >= end && segment + 1 < segments.size();) {
        end += segments[++segment].share;
    }
    return segment;
}

/// -ln(1 - p) for p ~ Beta(2, b): the second smallest of b + 1 unit exponentials, by their independent spacings.
double beta_hazard(int b, double first, double second) {
    return -elementary::log(first) / (b + 1) - elementary::log(second) / b;
}

/// Poisson, by inversion.
int support_calls(double mean, double position) {
    double probability = elementary::exp(-mean);
    double reached = probability;
    int calls = 0;
    while (position > reached && calls < most_calls) {
        ++calls;
        probability *= mean / calls;
        reached += probability;
    }
    return calls;
}

/// What a company knows of a customer, and whether it lost it in the window that has passed. The churn that is still to
/// come (churn_probability) shows in how often a customer calls.
void add_past(SyntheticWorld& world, const CustomerDraws& draws, std::uint32_t segment, double probability,
              double tenure) {
    const SegmentTraits& traits = segments[segment];
    const auto past = draws.block(3);
    const auto charges = normal_pair<float>(past.word[3], draws.block(4).word[0]);
    const double position = uniform_draw(past.word[0]);
    const std::uint32_t contract = position < traits.monthly_share                         ? 0
                                   : position < traits.monthly_share + traits.annual_share ? 1
                                                                                           : 2;
    const int calls = support_calls(calls_per_probability * probability, uniform_draw(past.word[1]));
    const double odds =
        base_odds + odds_of_contract[contract] + odds_of_call * calls + odds_of_tenure * std::min(tenure, 48.0);
    const double churn = 1.0 / (1.0 + elementary::exp(-odds));
    world.past_churn_probability.push_back(churn);
    world.customers.churned.push_back(uniform_draw(past.word[2]) < churn ? 1 : 0);
    world.customers.features[0].codes.push_back(contract);
    world.customers.features[1].numbers.push_back(calls);
    world.customers.features[2].numbers.push_back(
        rounded(traits.charges * elementary::exp(0.06 * double{charges.first}), 100.0));
}

void add_customer(SyntheticWorld& world, bool has_past, std::uint64_t seed, std::uint64_t number) {
    CustomerTable& table = world.customers;
    const CustomerDraws draws(seed, number);
    const auto churn = draws.block(0);
    const auto money = draws.block(1);
    const auto motion = draws.block(2);
    const auto [revenue_deviate, cost_deviate] = normal_pair<float>(money.word[0], money.word[1]);
    const auto [growth_deviate, beta_deviate] = normal_pair<float>(motion.word[0], motion.word[1]);

    const std::uint32_t segment = segment_of(uniform_draw(churn.word[0]));
    const SegmentTraits& traits = segments[segment];
    const double hazard = beta_hazard(traits.churn_beta, uniform_draw(churn.word[1]), uniform_draw(churn.word[2]));
    const double probability = -elementary::expm1(-hazard);
    const double tenure =
        -elementary::log(uniform_draw(churn.word[3])) * std::min(1.0 / hazard, oldest_tenure_months / 3.0);

    const std::string id = fmt::format("C{:07}", number);
    table.customer_id.push_back(id);
    table.id_hash.push_back(customer_id_hash(id));
    table.segment.push_back(segment);
    table.churn_probability.push_back(std::clamp(rounded(probability, 1.0e4), generated_churn_probabilities.first,
                                                 generated_churn_probabilities.second));
    table.tenure_months.push_back(std::min(std::floor(tenure), oldest_tenure_months));
    table.monthly_revenue.push_back(
        rounded(traits.median_revenue * elementary::exp(0.35 * double{revenue_deviate}), 100.0));
    table.retention_cost.push_back(rounded(traits.retention_cost * elementary::exp(0.2 * double{cost_deviate}), 100.0));
    table.margin.push_back(rounded(0.55 + 0.3 * uniform_draw(money.word[2]), 1000.0));
    table.revenue_growth.push_back(rounded(std::clamp(0.02 + 0.03 * double{growth_deviate}, -0.1, 0.15), 1000.0));
    table.revenue_volatility.push_back(rounded(0.05 + 0.25 * uniform_draw(motion.word[2]), 1000.0));
    table.market_beta.push_back(
        rounded(std::clamp(1.0 + 0.3 * double{beta_deviate}, 0.0, largest_generated_beta), 100.0));
    if (has_past) {
        add_past(world, draws, segment, std::as_const(table).churn_probability[table.size() - 1],
                 std::as_const(table).tenure_months[table.size() - 1]);
    }
}

/// A small world may lack a segment; the table names only those that occur.
void drop_empty_segments(CustomerTable& table) {
    std::array<std::uint32_t, segments.size()> index{};
    for (std::uint32_t segment = 0; segment < segments.size(); ++segment) {
        index[segment] = static_cast<std::uint32_t>(table.segments.size());
        if (std::find(table.segment.begin(), table.segment.end(), segment) != table.segment.end()) {
            table.segments.emplace_back(segments[segment].name);
        }
    }
    for (std::uint32_t& segment : table.segment) {
        segment = index[segment];
    }
}

}  // namespace

std::vector<std::string> SyntheticWorld::header() const {
    std::vector<std::string> names{"customer_id", "segment",        "monthly_revenue", "churn_probability",
                                   "margin",      "retention_cost", "revenue_growth",  "revenue_volatility",
                                   "market_beta", "tenure_months"};
    if (has_past()) {
        names.insert(names.end(), {"contract", "support_calls", "monthly_charges", "churned"});
    }
    return names;
}

void SyntheticWorld::append_row(std::size_t customer, std::string& text) const {
    fmt::format_to(std::back_inserter(text), "{},{},{:.2f},{},{},{:.2f},{},{},{},{}", customers.customer_id[customer],
                   customers.segments[customers.segment[customer]], customers.monthly_revenue[customer],
                   customers.churn_probability[customer], customers.margin[customer],
                   customers.retention_cost[customer], customers.revenue_growth[customer],
                   customers.revenue_volatility[customer], customers.market_beta[customer],
                   customers.tenure_months[customer]);
    if (has_past()) {
        const auto& features = customers.features;
        fmt::format_to(std::back_inserter(text), ",{},{},{:.2f},{}",
                       features[0].categories[features[0].codes[customer]], features[1].numbers[customer],
                       features[2].numbers[customer], customers.churned[customer]);
    }
    text += '\n';
}

SyntheticWorld make_subscription_world(const GenerateSettings& settings) {
    return make_subscription_world(settings, 0, settings.customers);
}

SyntheticWorld make_subscription_world(const GenerateSettings& settings, std::int64_t first, std::int64_t count) {
    if (settings.customers < 1 || settings.customers > most_generated_customers) {
        throw ConfigError(fmt::format("a world of {} customers (generate.customers): give 1 to {}", settings.customers,
                                      most_generated_customers));
    }
    SyntheticWorld world;
    const bool has_past = settings.window_months > 0;
    if (has_past) {
        world.customers.features.resize(3);
        world.customers.features[0].name = "contract";
        world.customers.features[0].categories.assign(contracts.begin(), contracts.end());
        world.customers.features[1].name = "support_calls";
        world.customers.features[2].name = "monthly_charges";
    }
    const std::int64_t last = first + std::min(count, settings.customers - first);
    for (std::int64_t number = first + 1; number <= last; ++number) {
        if (number % 4096 == 0) {
            throw_if_interrupted();
        }
        add_customer(world, has_past, settings.seed, static_cast<std::uint64_t>(number));
    }
    world.customers.acquisition_cost.assign(world.customers.size(), 0.0);
    drop_empty_segments(world.customers);
    return world;
}

}  // namespace clv
