#include "clv/risk/resampled.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>
#include <utility>

#include "clv/core/errors.hpp"
#include "clv/core/instruction_clones.hpp"
#include "clv/core/parallel.hpp"
#include "clv/core/progress.hpp"
#include "clv/random/philox.hpp"

namespace clv {

namespace {

constexpr std::size_t decile_count = 10;
constexpr std::size_t most_customers = 0x7fffffff;
constexpr std::uint64_t resample_indices = std::uint64_t{1} << 24;
constexpr double not_defined = std::numeric_limits<double>::quiet_NaN();

/// Counters of one call, a power of two so that only their low word changes.
constexpr std::size_t counters_at_once = 512;

/// A place in 0..customers - 1 from 64 random bits; the bias is below customers / 2^64.
CLV_HD std::uint32_t place_of(std::uint32_t high, std::uint32_t low, std::uint32_t customers) {
    const std::uint64_t carry = static_cast<std::uint64_t>(low) * customers >> 32;
    return static_cast<std::uint32_t>((static_cast<std::uint64_t>(high) * customers + carry) >> 32);
}

/// Two places of each of the next counters: the first of all, then the second.
CLV_CLONES void draw_places(std::uint32_t address, std::uint64_t counter, std::uint64_t seed, std::uint32_t customers,
                            std::uint32_t* places) {
    const auto low = static_cast<std::uint32_t>(counter);
    const auto high = static_cast<std::uint32_t>(counter >> 32);
    const auto key_low = static_cast<std::uint32_t>(seed);
    const auto key_high = static_cast<std::uint32_t>(seed >> 32);
    for (std::uint32_t i = 0; i < counters_at_once; ++i) {
        const PhiloxBlock<std::uint32_t> block = philox<std::uint32_t>(address, low + i, high, 0U, key_low, key_high);
        places[i] = place_of(block.word[0], block.word[1], customers);
        places[i + counters_at_once] = place_of(block.word[2], block.word[3], customers);
    }
}

}  // namespace

std::vector<std::uint32_t> rows_by_hash(std::span<const std::uint64_t> id_hash) {
    if (id_hash.size() > most_customers) {
        throw InputError(fmt::format("{} customers are more than scores with a bootstrap take ({}): score a sample",
                                     id_hash.size(), most_customers));
    }
    std::vector<std::pair<std::uint64_t, std::uint32_t>> keys;
    keys.reserve(id_hash.size());
    for (const std::uint64_t hash : id_hash) {
        keys.emplace_back(hash, static_cast<std::uint32_t>(keys.size()));
    }
    std::ranges::sort(keys);
    std::vector<std::uint32_t> rows(keys.size());
    std::ranges::transform(keys, rows.begin(), [](const auto& key) { return key.second; });
    return rows;
}

void draw_customers(std::uint64_t seed, std::uint32_t index, std::span<Times> times) {
    std::ranges::fill(times, Times{0});
    const auto customers = static_cast<std::uint32_t>(times.size());
    const std::uint32_t address = draw_address(Purpose::resample, index);
    std::vector<std::uint32_t> places(2 * counters_at_once);
    std::size_t left = times.size();
    for (std::uint64_t counter = 0; left > 0; counter += counters_at_once) {
        if (counter % (std::uint64_t{1} << 20) == 0) {
            throw_if_interrupted();
        }
        draw_places(address, counter, seed, customers, places.data());
        // an odd number of customers leaves the last place of the last counter
        const std::size_t first = std::min((left + 1) / 2, counters_at_once);
        const std::size_t second = std::min(left / 2, counters_at_once);
        for (std::size_t i = 0; i < first; ++i) {
            ++times[places[i]];
        }
        for (std::size_t i = 0; i < second; ++i) {
            ++times[places[counters_at_once + i]];
        }
        left -= first + second;
    }
}

std::vector<std::vector<double>> score_resamples(std::size_t customers, std::size_t scores,
                                                 const BootstrapSettings& settings, const ScoreResample& score) {
    if (settings.draws < 2 || settings.draws > resample_indices ||
        settings.first_index + settings.draws > resample_indices) {
        throw std::invalid_argument("a bootstrap takes at least two draws, with indices below 2^24");
    }
    std::vector<std::vector<double>> resampled(scores, std::vector<double>(settings.draws));
    struct Slot {
        std::vector<Times> times;
        std::vector<double> scores;
    };
    std::vector<Slot> slots(static_cast<std::size_t>(thread_count(settings.threads)));
    for_each_block(settings.threads, settings.draws, [&](std::size_t at, std::size_t draw) {
        throw_if_interrupted();
        Slot& slot = slots[at];
        slot.times.resize(customers);
        slot.scores.resize(scores);
        draw_customers(settings.seed, settings.first_index + static_cast<std::uint32_t>(draw), slot.times);
        score(at, slot.times, slot.scores);
        for (std::size_t k = 0; k < scores; ++k) {
            resampled[k][draw] = slot.scores[k];
        }
    });
    return resampled;
}

Estimate bootstrap_estimate(std::string_view name, std::string_view unit, double value,
                            std::span<const double> resampled) {
    Estimate estimate{std::string(name), std::string(unit), value, not_defined, not_defined, not_defined, {}};
    if (std::isnan(value)) {
        estimate.method = "undefined for these customers";
        return estimate;
    }
    std::vector<double> sorted;
    double sum = 0.0;
    for (const double each : resampled) {
        if (!std::isnan(each)) {
            sorted.push_back(each);
            sum += each;
        }
    }
    estimate.method = fmt::format("bootstrap over customers, {} resamples, 95% percentile interval", resampled.size());
    if (sorted.size() < resampled.size()) {
        estimate.method += fmt::format(", undefined in {}", resampled.size() - sorted.size());
    }
    if (sorted.size() < 2) {
        return estimate;
    }
    const auto count = static_cast<double>(sorted.size());
    double squares = 0.0;
    for (const double each : sorted) {
        squares += (each - sum / count) * (each - sum / count);
    }
    std::ranges::sort(sorted);
    const std::size_t rank = std::max<std::size_t>(1, (sorted.size() + 1) / 40);
    estimate.se = std::sqrt(squares / (count - 1.0));
    estimate.low = sorted[rank - 1];
    estimate.high = sorted[sorted.size() - rank];
    return estimate;
}

Ranking ranking_of(std::span<const double> values) {
    Ranking ranking;
    ranking.place.resize(values.size());
    for (std::size_t place = 0; place < values.size(); ++place) {
        ranking.place[place] = static_cast<std::uint32_t>(place);
    }
    std::ranges::sort(ranking.place, [values](std::uint32_t a, std::uint32_t b) {
        return values[a] > values[b] || (values[a] == values[b] && a < b);
    });
    for (std::size_t rank = 1; rank <= values.size(); ++rank) {
        if (rank == values.size() || values[ranking.place[rank]] < values[ranking.place[rank - 1]]) {
            ranking.end.push_back(static_cast<std::uint32_t>(rank));
        }
    }
    return ranking;
}

DecileSums::DecileSums(std::size_t customers) : size_(static_cast<double>(customers)), sums_(decile_count) {}

void DecileSums::add(double customers, double predicted, double actual) {
    const double end = taken_ + customers;
    double left = customers;
    while (left > 0.0) {
        const bool is_last = current_ + 1 == decile_count;
        const double edge = size_ * static_cast<double>(current_ + 1) / double{decile_count};
        const double here = is_last || end <= edge ? left : edge - taken_;
        Decile& decile = sums_[current_];
        decile.customers += here;
        decile.mean_predicted += predicted * (here / customers);
        decile.mean_actual += actual * (here / customers);
        left = is_last || end <= edge ? 0.0 : end - edge;
        taken_ = std::min(end, edge);
        if (end >= edge && !is_last) {
            ++current_;
        }
    }
    taken_ = end;
}

std::vector<Decile> DecileSums::deciles() const {
    double total = 0.0;
    for (const Decile& decile : sums_) {
        total += decile.mean_actual;
    }
    std::vector<Decile> deciles = sums_;
    double reached = 0.0;
    for (Decile& decile : deciles) {
        reached += decile.mean_actual;
        decile.mean_predicted /= decile.customers;
        decile.mean_actual /= decile.customers;
        decile.lift = total > 0.0 ? decile.mean_actual / (total / size_) : not_defined;
        decile.gain = total > 0.0 ? reached / total : not_defined;
    }
    return deciles;
}

}  // namespace clv
