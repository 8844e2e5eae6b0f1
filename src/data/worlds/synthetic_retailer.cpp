#include "clv/data/worlds/synthetic_retailer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <numbers>

#include "clv/core/errors.hpp"
#include "clv/core/magnitudes.hpp"
#include "clv/core/progress.hpp"
#include "clv/core/units.hpp"
#include "clv/random/elementary.hpp"
#include "clv/random/gamma_draw.hpp"
#include "clv/random/philox.hpp"
#include "clv/random/samplers.hpp"
#include "world_draws.hpp"

namespace clv {

namespace {

using std::chrono::days;

constexpr std::int64_t most_days = 36'525;
constexpr std::uint32_t most_purchases = 1U << 20;
constexpr double days_per_year = months_per_year * days_per_month;

// What the last word of an address stands for; purchase k has its spend at first_spend + k.
enum Stream : std::uint32_t { traits, rate_gamma, dropout_gamma_a, dropout_gamma_b, spend_gamma, purchases, levels };
constexpr std::uint32_t first_spend = 1U << 8;

/// The random numbers of one customer, or of the calendar (number 0).
class RetailDraws {
  public:
    /// `key` must outlive it.
    RetailDraws(const PhiloxKey& key, std::uint64_t number)
        : key_(key), low_(static_cast<std::uint32_t>(number)), high_(static_cast<std::uint32_t>(number >> 32)) {}

    [[nodiscard]] PhiloxBlock<std::uint32_t> block(std::uint32_t stream, std::uint32_t index = 0) const {
        return philox_paths<std::uint32_t>(draw_address(Purpose::world, index), low_, high_, stream, key_);
    }
    /// Gamma(shape, 1); `small` is a word that nothing else uses.
    [[nodiscard]] double gamma(std::uint32_t stream, double shape, std::uint32_t small) const {
        return double{gamma_draw<float>(static_cast<float>(shape), small, draw_address(Purpose::world, 0), low_, high_,
                                        stream, key_)};
    }

  private:
    const PhiloxKey& key_;
    std::uint32_t low_;
    std::uint32_t high_;
};

void check(const GenerateSettings& settings) {
    const RetailWorldSettings& retail = settings.retail;
    if (settings.customers < 1 || settings.customers > most_generated_customers) {
        throw ConfigError(fmt::format("a world of {} customers (generate.customers): give 1 to {}", settings.customers,
                                      most_generated_customers));
    }
    const auto length = (retail.last_day - retail.first_day).count() + 1;
    if (length < 1 || length > most_days) {
        throw ConfigError(
            fmt::format("generate.last_day is {} days after generate.first_day: give a day that is not "
                        "before it, and at most a hundred years later",
                        length - 1));
    }
    if (retail.acquisition_days > length) {
        throw ConfigError(
            fmt::format("generate.acquisition_days is {}, but generate.first_day to generate.last_day "
                        "are {} days: give at most these",
                        retail.acquisition_days, length));
    }
}

/// Shapes near 0 give a few customers traits beyond what any file may say.
void require_sane(double rate, double mean_spend, std::uint64_t number) {
    const bool buys_sanely = std::isfinite(rate);
    if (!buys_sanely || !(mean_spend <= magnitudes::largest_amount)) {
        throw ModelError(fmt::format(
            "customer {} of the world would {}: give {}", number,
            buys_sanely ? fmt::format("spend {:.3g} a purchase", mean_spend) : std::string("buy without end"),
            buys_sanely ? "generate.q a larger value, or generate.p or generate.v a smaller one"
                        : "generate.r a smaller value, or generate.alpha a larger one"));
    }
}

}  // namespace

double RetailTruth::expected_purchases(std::size_t customer, double weeks) const {
    if (alive[customer] == 0) {
        return 0.0;
    }
    const double exposure = rate[customer] * weeks;
    const double p = dropout[customer];
    return p * exposure < 1e-12 ? exposure : -elementary::expm1(-p * exposure) / p;
}

SyntheticRetailer::SyntheticRetailer(const GenerateSettings& settings)
    : settings_(settings),
      key_(philox_key(static_cast<std::uint32_t>(settings.seed), static_cast<std::uint32_t>(settings.seed >> 32))) {
    check(settings);
    const RetailWorldSettings& retail = settings.retail;
    const RetailDraws draws(key_, 0);
    double level = 0.0;
    double clock = 0.0;
    clock_.push_back(clock);
    for (auto day = retail.first_day; day <= retail.last_day; day += days(1)) {
        const std::chrono::year_month_day date(day);
        dates_.push_back(fmt::format("{:04}-{:02}-{:02}", static_cast<int>(date.year()),
                                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day())));
        const auto past = static_cast<std::uint32_t>((day - retail.first_day).count());
        if (past % 7 == 0) {
            const auto block = draws.block(levels, past / 7);
            level += past == 0 ? 0.0 : retail.level_sd * double{normal_pair<float>(block.word[0], block.word[1]).first};
            // highest in the middle of December
            const auto middle = day + days(3) - std::chrono::sys_days(date.year() / 12 / 15);
            const double angle = 2.0 * std::numbers::pi * static_cast<double>(middle.count()) / days_per_year;
            log_factors_.push_back(level + retail.season_amplitude * std::cos(angle));
        }
        clock += elementary::exp(log_factors_.back()) / days_per_week;
        clock_.push_back(clock);
    }
}

std::vector<std::string> SyntheticRetailer::header() {
    return {"customer_id", "order_date", "revenue"};
}

void SyntheticRetailer::append(std::int64_t first, std::int64_t count, std::string& rows, RetailTruth& truth) const {
    const std::int64_t last = first + std::min(count, settings_.customers - first);
    for (std::int64_t number = first + 1; number <= last; ++number) {
        if (number % 4096 == 0) {
            throw_if_interrupted();
        }
        add_customer(static_cast<std::uint64_t>(number), rows, truth);
    }
}

void SyntheticRetailer::add_customer(std::uint64_t number, std::string& rows, RetailTruth& truth) const {
    const RetailWorldSettings& retail = settings_.retail;
    const RetailDraws draws(key_, number);
    const auto words = draws.block(traits);
    const auto more_words = draws.block(traits, 1);
    const double rate = draws.gamma(rate_gamma, retail.r, words.word[0]) / retail.alpha;
    const double gamma_a = draws.gamma(dropout_gamma_a, retail.a, words.word[1]);
    const double gamma_b = draws.gamma(dropout_gamma_b, retail.b, words.word[2]);
    const double dropout = gamma_a + gamma_b > 0.0 ? gamma_a / (gamma_a + gamma_b) : 0.5;
    const double nu = draws.gamma(spend_gamma, retail.q, words.word[3]) / retail.v;
    const double mean_spend = retail.p / nu;
    require_sane(rate, mean_spend, number);

    const std::string id = fmt::format("C{:07}", number);
    const auto row = [&](std::size_t day, std::uint32_t purchase, std::uint32_t small) {
        const double spend =
            std::min(draws.gamma(first_spend + purchase, retail.p, small) / nu, magnitudes::largest_amount);
        const auto cents = static_cast<std::uint64_t>(std::max(1.0, std::floor(spend * 100.0 + 0.5)));
        const fmt::format_int whole(cents / 100);
        rows += id;
        rows += ',';
        rows += dates_[day];
        rows += ',';
        rows.append(whole.data(), whole.size());
        rows += '.';
        rows += static_cast<char>('0' + cents / 10 % 10);
        rows += static_cast<char>('0' + cents % 10);
        rows += '\n';
        ++truth.transactions;
    };

    // The hour of the first purchase counts, so that whole days are fair to the gaps.
    const double begin = uniform_draw(more_words.word[0]) * retail.acquisition_days;
    auto day = static_cast<std::size_t>(begin);
    truth.first_purchase.push_back(dates_[day]);
    double clock = clock_[day] + (begin - static_cast<double>(day)) * (clock_[day + 1] - clock_[day]);
    row(day, 0, more_words.word[1]);
    bool alive = true;
    for (std::uint32_t purchase = 1; alive && purchase < most_purchases; ++purchase) {
        const auto block = draws.block(purchases, purchase);
        clock += double{exponential_draw<float>(block.word[0])} / rate;
        const auto after = std::upper_bound(clock_.begin() + static_cast<std::ptrdiff_t>(day), clock_.end(), clock);
        day = std::max(day + 1, static_cast<std::size_t>(after - clock_.begin()) - 1);
        if (day >= dates_.size()) {
            break;
        }
        row(day, purchase, block.word[1]);
        alive = uniform_draw(block.word[2]) >= dropout;
    }
    truth.customer_id.push_back(id);
    truth.rate.push_back(rate);
    truth.dropout.push_back(dropout);
    truth.mean_spend.push_back(mean_spend);
    truth.alive.push_back(alive ? 1 : 0);
}

}  // namespace clv
