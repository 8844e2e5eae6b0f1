#pragma once
// Exact order statistics of values that are never all at hand. A first pass counts them in a histogram that a few of
// them laid out; each further pass sees all values again and either gathers those that may have a wanted rank, few by
// then, or counts them once more on a finer grid. Values are compared as integers (order_key.hpp), so it ends after at
// most eight of these, and after two or three in all but contrived samples. A value that many paths share is met as
// such: where the smallest and the largest of a count are one, its ranks are settled.

#include <cstddef>
#include <cstdint>

#include "block_memory.hpp"
#include "block_run.hpp"
#include "clv/core/host_device.hpp"
#include "lane_team.hpp"
#include "order_key.hpp"

namespace clv::cuda {

template <class Grid>
class BlockSelection {
  public:
    static constexpr std::uint32_t counter_bits = 8;  ///< of a counting pass
    static constexpr std::uint32_t counter_words = (1U << counter_bits) / 2;
    static constexpr std::uint32_t most_gathered = 1'024;  ///< per interval: each is compared with each
    static constexpr std::uint32_t least_pool_words = counter_words;

    CLV_HD BlockSelection(Grid& grid, const BlockMemory& memory, const BlockRun& run)
        : grid_(grid), memory_(memory), run_(run) {}

    /// Before the first pass: values between these, by their keys, help to lay out the histogram.
    CLV_HD void see(int alternative, std::uint64_t smallest, std::uint64_t largest) {
        grid_.lower(&memory_.state[alternative].smallest, smallest);
        grid_.raise(&memory_.state[alternative].largest, largest);
    }

    /// Lays out the histograms around what was seen, with an eighth to spare on each side; the rest of the values
    /// belongs to the buckets at the ends.
    CLV_HD void lay_out() {
        grid_.for_each_lane([&](int lane) {
            if (lane < alternatives() && is_eligible(lane)) {
                AlternativeState& state = memory_.state[lane];
                const double least = value_of_key(state.smallest);
                double width = value_of_key(state.largest) - least;
                if (!(width > 1e-280)) {
                    const double magnitude = least < 0.0 ? -least : least;
                    width = magnitude > 1.0 ? magnitude : 1.0;
                }
                state.low = least - 0.125 * width;
                state.buckets_per_unit_of_value = static_cast<double>(buckets() - 1) / (1.25 * width);
            }
        });
    }

    /// First pass.
    CLV_HD void count(int alternative, double value) {
        grid_.add(&counters(alternative)[bucket_of(memory_.state[alternative], value)], 1U);
    }

    /// After the first pass: finds the bucket of every rank.
    CLV_HD void locate() {
        const std::uint32_t length = (buckets() + histogram_stretches - 1) / histogram_stretches;
        grid_.for_each_lane([&](int lane) {
            for (std::uint32_t at = static_cast<std::uint32_t>(lane); at < row_count() * histogram_stretches;
                 at += grid_.lanes()) {
                const std::uint32_t* counter = counters(static_cast<int>(at / histogram_stretches));
                const std::uint32_t begin = at % histogram_stretches * length;
                std::uint32_t sum = 0;
                for (std::uint32_t b = begin; b < begin + length && b < buckets(); ++b) {
                    sum += counter[b];
                }
                memory_.stretch_count[at] = sum;
            }
        });
        for_each_rank([&](int alternative, std::uint32_t position, RankSearch& search) {
            if (!is_eligible(alternative)) {
                search.low = 0;
                search.work = RankWork::done;
                return;
            }
            const std::uint32_t* stretch = memory_.stretch_count + alternative * int{histogram_stretches};
            const std::uint32_t rank = wanted().ranks[position];
            std::uint32_t before = 0;
            std::uint32_t bucket = 0;
            while (before + *stretch < rank) {
                before += *stretch++;
                bucket += length;
            }
            const std::uint32_t* counter = counters(alternative);
            while (before + counter[bucket] < rank) {
                before += counter[bucket++];
            }
            search.before = before;
            search.count = counter[bucket];
            search.low = bucket == 0 ? 0 : first_key(memory_.state[alternative], bucket);
            search.high =
                bucket == buckets() - 1 ? ~std::uint64_t{0} : first_key(memory_.state[alternative], bucket + 1) - 1;
            search.work = RankWork::wait;
        });
    }

    /// Divides the pool among the open searches. False if there are none: no further pass is needed.
    CLV_HD bool plan() {
        grid_.for_each_lane([&](int lane) {
            if (lane == 0) {
                memory_.flags->open = 0;
            }
            for_ranks_of(lane, [&](int alternative, std::uint32_t position, RankSearch& search) {
                const RankSearch* row = searches(alternative);
                std::uint32_t leader = position;
                while (leader > 0 && row[leader - 1].low == search.low) {
                    --leader;
                }
                search.leader = leader;
            });
        });
        grid_.for_each_lane([&](int lane) {
            if (lane < alternatives() && is_eligible(lane)) {
                plan_alternative(lane);
            }
        });
        grid_.for_each_lane([&](int lane) {
            for (std::uint32_t at = static_cast<std::uint32_t>(lane); at < row_count() * pool_words();
                 at += grid_.lanes()) {
                memory_.pool[at] = 0;
            }
        });
        return memory_.flags->open > 0;
    }

    /// Further passes: a value, and its units in case they belong to the tail.
    CLV_HD void take(int alternative, double value, double scale, UnitSums& tail) {
        const std::uint64_t key = order_key(value);
        RankSearch* row = searches(alternative);
        if (memory_.state[alternative].tail == TailWork::sum && key < row[wanted().tail].low) {
            tail.add(whole_units(value, scale));
        }
        if (key < row[0].low) {
            return;
        }
        std::uint32_t found = 0;  // the last rank whose interval begins at or below the key
        for (std::uint32_t end = wanted().count; end - found > 1;) {
            const std::uint32_t middle = found + (end - found) / 2;
            if (row[middle].low <= key) {
                found = middle;
            } else {
                end = middle;
            }
        }
        RankSearch& search = row[row[found].leader];
        if (key > search.high) {
            return;
        }
        if (search.work == RankWork::gather) {
            pool(alternative)[search.offset + grid_.add(&search.filled, 1U)] = key;
        } else if (search.work == RankWork::count) {
            grid_.add(&counters(alternative)[2 * search.offset + ((key - search.low) >> search.shift)], 1U);
            if (key < grid_.peek(&search.smallest)) {
                grid_.lower(&search.smallest, key);
            }
            if (key > grid_.peek(&search.largest)) {
                grid_.raise(&search.largest, key);
            }
        }
    }

    /// Takes what the lanes' sums hold of the tails.
    CLV_HD void add_tails() {
        add_up(grid_, memory_.sums, alternatives(),
               [&](int alternative, const UnitSums& sums) { memory_.state[alternative].tail_sums.add(sums); });
    }

    /// After such a pass: settles ranks, writing their values to at_rank [alternative][rank], or narrows them down.
    /// scale: units per currency of each alternative.
    CLV_HD void narrow(double* at_rank, const double* scale) {
        for_each_rank([&](int alternative, std::uint32_t position, RankSearch& search) {
            if (search.work == RankWork::count) {
                narrow_by_counters(alternative, wanted().ranks[position], search);
            }
        });
        pick_gathered(at_rank);
        grid_.for_each_lane([&](int lane) {
            const LaneTeam team = team_of(lane, grid_.lanes(), alternatives());
            UnitSums rest;
            if (team.alternative < alternatives() && memory_.state[team.alternative].tail == TailWork::sum) {
                finish_tail(team, scale[team.alternative], rest);
            }
            memory_.sums[lane] = rest;
        });
        add_tails();
        grid_.for_each_lane([&](int lane) {
            for_ranks_of(lane, [&](int alternative, std::uint32_t position, RankSearch& search) {
                if (search.work == RankWork::count && search.low == search.high) {
                    at_rank[static_cast<std::uint32_t>(alternative) * wanted().count + position] =
                        value_of_key(search.low);
                    search.work = RankWork::done;
                } else if (search.work == RankWork::gather) {
                    search.work = RankWork::done;
                }
            });
            if (lane < alternatives() && memory_.state[lane].tail == TailWork::sum) {
                memory_.state[lane].tail = TailWork::done;
            }
        });
    }

  private:
    [[nodiscard]] CLV_HD int alternatives() const { return run_.alternatives; }
    [[nodiscard]] CLV_HD std::uint32_t row_count() const { return static_cast<std::uint32_t>(alternatives()); }
    [[nodiscard]] CLV_HD const WantedRanks& wanted() const { return run_.wanted; }
    [[nodiscard]] CLV_HD std::uint32_t pool_words() const { return run_.shape.pool_words; }
    [[nodiscard]] CLV_HD std::uint32_t buckets() const { return 2 * pool_words(); }
    [[nodiscard]] CLV_HD bool is_eligible(int alternative) const { return memory_.customer->may_get(alternative); }
    [[nodiscard]] CLV_HD std::uint64_t* pool(int alternative) const {
        return memory_.pool + static_cast<std::size_t>(alternative) * pool_words();
    }
    [[nodiscard]] CLV_HD std::uint32_t* counters(int alternative) const {
        return reinterpret_cast<std::uint32_t*>(pool(alternative));
    }
    [[nodiscard]] CLV_HD RankSearch* searches(int alternative) const {
        return memory_.search + static_cast<std::uint32_t>(alternative) * wanted().count;
    }

    template <class Function>
    CLV_HD void for_ranks_of(int lane, Function function) {
        for (std::uint32_t at = static_cast<std::uint32_t>(lane); at < row_count() * wanted().count;
             at += grid_.lanes()) {
            function(static_cast<int>(at / wanted().count), at % wanted().count, memory_.search[at]);
        }
    }
    template <class Function>
    CLV_HD void for_each_rank(Function function) {
        grid_.for_each_lane([&](int lane) { for_ranks_of(lane, function); });
    }

    /// Monotone in the value, whatever rounding does.
    [[nodiscard]] CLV_HD std::uint32_t bucket_of(const AlternativeState& state, double value) const {
        const double at = (value - state.low) * state.buckets_per_unit_of_value;
        if (!(at > 0.0)) {
            return 0;
        }
        const std::uint32_t last = buckets() - 1;
        return at < static_cast<double>(last) ? static_cast<std::uint32_t>(at) : last;
    }

    /// Key of the least value in a bucket or above it, 0 < bucket: by halving, which needs no inverse of the map.
    [[nodiscard]] CLV_HD std::uint64_t first_key(const AlternativeState& state, std::uint32_t bucket) const {
        std::uint64_t below = order_key(-0x1.fffffffffffffp1023);
        std::uint64_t above = order_key(0x1.fffffffffffffp1023);
        while (above - below > 1) {
            const std::uint64_t middle = below + (above - below) / 2;
            if (bucket_of(state, value_of_key(middle)) >= bucket) {
                above = middle;
            } else {
                below = middle;
            }
        }
        return above;
    }

    CLV_HD void plan_alternative(int alternative) {
        RankSearch* row = searches(alternative);
        std::uint32_t used = 0;
        std::uint32_t open = 0;
        for (std::uint32_t position = 0; position < wanted().count; ++position) {
            RankSearch& search = row[position];
            if (search.work == RankWork::done) {
                continue;
            }
            ++open;
            if (search.leader != position) {
                search.work = row[search.leader].work;
                continue;
            }
            search.offset = used;
            search.filled = 0;
            search.smallest = ~std::uint64_t{0};
            search.largest = 0;
            search.shift = 0;
            while ((search.high - search.low) >> search.shift >> counter_bits != 0) {
                ++search.shift;
            }
            const std::uint32_t left = pool_words() - used;
            if (search.count <= most_gathered && search.count <= left) {
                search.work = RankWork::gather;
                used += search.count;
            } else if (search.count > (most_gathered < pool_words() ? most_gathered : pool_words()) &&
                       counter_words <= left) {
                search.work = RankWork::count;
                used += counter_words;
            } else {
                search.work = RankWork::wait;
            }
        }
        AlternativeState& state = memory_.state[alternative];
        const RankSearch& tail = row[wanted().tail];
        if (state.tail == TailWork::wait) {
            ++open;
            const bool settled = tail.work == RankWork::gather || tail.work == RankWork::done;
            state.tail = settled ? TailWork::sum : TailWork::wait;
        }
        grid_.add(&memory_.flags->open, open);
    }

    /// Every rank of an interval reads its leader's counters and changes only what is its own.
    CLV_HD void narrow_by_counters(int alternative, std::uint32_t rank, RankSearch& search) {
        const RankSearch& leader = searches(alternative)[search.leader];
        const std::uint32_t* counter = counters(alternative) + 2 * leader.offset;
        std::uint32_t at = 0;
        while (search.before + counter[at] < rank) {
            search.before += counter[at++];
        }
        search.count = counter[at];
        const std::uint64_t low = search.low + (static_cast<std::uint64_t>(at) << leader.shift);
        const std::uint64_t width = (std::uint64_t{1} << leader.shift) - 1;
        const std::uint64_t high = search.high - low < width ? search.high : low + width;
        search.low = low < leader.smallest ? leader.smallest : low;
        search.high = high < leader.largest ? high : leader.largest;
    }

    /// Position of a gathered key among those of its interval, each key before its later equals.
    [[nodiscard]] static CLV_HD std::uint32_t position_of(const std::uint64_t* keys, std::uint32_t count,
                                                          std::uint32_t which) {
        const std::uint64_t key = keys[which];
        std::uint32_t position = 0;
        for (std::uint32_t other = 0; other < count; ++other) {
            position += keys[other] < key || (keys[other] == key && other < which) ? 1 : 0;
        }
        return position;
    }

    /// Intervals go round among teams of a few lanes.
    CLV_HD void pick_gathered(double* at_rank) {
        constexpr std::uint32_t team = 8;
        grid_.for_each_lane([&](int lane) {
            const std::uint32_t teams = grid_.lanes() / team;
            for (std::uint32_t at = static_cast<std::uint32_t>(lane) / team; at < row_count() * wanted().count;
                 at += teams) {
                const auto alternative = static_cast<int>(at / wanted().count);
                const std::uint32_t position = at % wanted().count;
                const RankSearch* row = searches(alternative);
                const RankSearch& search = row[position];
                if (search.work != RankWork::gather || search.leader != position) {
                    continue;
                }
                const std::uint64_t* keys = pool(alternative) + search.offset;
                for (std::uint32_t i = static_cast<std::uint32_t>(lane) % team; i < search.count; i += team) {
                    const std::uint32_t rank = search.before + 1 + position_of(keys, search.count, i);
                    for (std::uint32_t r = position; r < wanted().count && row[r].leader == position; ++r) {
                        if (wanted().ranks[r] == rank) {
                            at_rank[static_cast<std::uint32_t>(alternative) * wanted().count + r] =
                                value_of_key(keys[i]);
                        }
                    }
                }
            }
        });
    }

    /// The values of the tail's last interval that still belong to it; those below were summed by the pass.
    CLV_HD void finish_tail(const LaneTeam& team, double scale, UnitSums& sums) {
        const RankSearch* row = searches(team.alternative);
        const RankSearch& search = row[wanted().tail];
        const std::uint32_t left = wanted().ranks[wanted().tail] - search.before;
        if (search.work != RankWork::gather) {
            if (team.member == 0) {
                sums.add(whole_units(value_of_key(search.low), scale), left);
            }
            return;
        }
        const std::uint64_t* keys = pool(team.alternative) + row[search.leader].offset;
        for (std::uint32_t i = team.member; i < search.count; i += team.size) {
            if (position_of(keys, search.count, i) < left) {
                sums.add(whole_units(value_of_key(keys[i]), scale));
            }
        }
    }

    Grid& grid_;
    const BlockMemory& memory_;
    const BlockRun& run_;
};

}  // namespace clv::cuda
