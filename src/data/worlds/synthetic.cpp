#include "clv/data/worlds/synthetic.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <iterator>

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
};

constexpr std::array<SegmentTraits, 3> segments{{
    {"Basic", 0.5, 38, 22.0, 1.5},
    {"Plus", 0.3, 70, 45.0, 2.5},
    {"Premium", 0.2, 140, 90.0, 6.0},
}};

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

void add_customer(CustomerTable& table, std::uint64_t seed, std::uint64_t number) {
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

std::vector<std::string> SyntheticWorld::header() {
    return {"customer_id",    "segment",        "monthly_revenue",    "churn_probability", "margin",
            "retention_cost", "revenue_growth", "revenue_volatility", "market_beta",       "tenure_months"};
}

void SyntheticWorld::append_row(std::size_t customer, std::string& text) const {
    fmt::format_to(std::back_inserter(text), "{},{},{:.2f},{},{},{:.2f},{},{},{},{}\n", customers.customer_id[customer],
                   customers.segments[customers.segment[customer]], customers.monthly_revenue[customer],
                   customers.churn_probability[customer], customers.margin[customer],
                   customers.retention_cost[customer], customers.revenue_growth[customer],
                   customers.revenue_volatility[customer], customers.market_beta[customer],
                   customers.tenure_months[customer]);
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
    const std::int64_t last = first + std::min(count, settings.customers - first);
    for (std::int64_t number = first + 1; number <= last; ++number) {
        if (number % 4096 == 0) {
            throw_if_interrupted();
        }
        add_customer(world.customers, settings.seed, static_cast<std::uint64_t>(number));
    }
    world.customers.acquisition_cost.assign(world.customers.size(), 0.0);
    drop_empty_segments(world.customers);
    return world;
}

}  // namespace clv
