#pragma once
// One customer on one block: a law on every path, exact sums, exact order statistics. Written against a small grid,
// so that a GPU's threads and a loop over lanes on the host run this same body. A grid has
//
//   lanes()             how many lanes a block has
//   for_each_lane(f)    a phase: f(lane) for every lane; what one lane writes others see only in the next phase
//   add(to, number)     atomic; returns what was there
//   lower, raise(to, n) atomic minimum and maximum
//   peek(from)          what is there while others change it
//   forget(word)        makes a word look new to the compiler
//
// Between phases every lane follows the same path, decided by what stands in the block's memory.
//
// A law is a class like SubscriptionPaths or RetailPaths, with types Run and Batch and
//
//   prepare(lane)           a lane's share of bringing in the customer's tables
//   simulate(begin, count)  phases: every path of a chunk to a PathSink, under every alternative of the customer
//   added_months(team)      of a lane's share in its team: paid months minus those under none, where the law has such

#include <cstddef>
#include <cstdint>

#include "batch.hpp"
#include "block_memory.hpp"
#include "block_run.hpp"
#include "block_selection.hpp"
#include "clv/core/host_device.hpp"
#include "order_key.hpp"
#include "path_sink.hpp"

namespace clv::cuda {

template <class Paths, class Grid>
class CustomerBlock {
  public:
    using Run = typename Paths::Run;
    using Batch = typename Paths::Batch;

    CLV_HD CustomerBlock(Grid& grid, const BlockMemory& memory, const Run& run, const Batch& input,
                         const BatchOutput& output, std::uint32_t customer)
        : grid_(grid),
          memory_(memory),
          run_(run),
          input_(input),
          output_(output),
          customer_(customer),
          paths_(grid, memory, run, input, customer),
          selection_(grid, memory, run) {}

    CLV_HD void simulate() {
        prepare();
        const std::uint32_t paths = run_.paths;
        do {
            const bool first_pass = memory_.flags->passes == 0;
            const std::uint32_t chunk = first_pass || memory_.kept == nullptr ? run_.shape.chunk_paths : paths;
            for (std::uint32_t begin = 0; begin < paths; begin += chunk) {
                const std::uint32_t left = paths - begin;
                const std::uint32_t count = left < chunk ? left : chunk;
                if (first_pass || count < paths) {  // otherwise all values are still there
                    paths_.simulate(begin, count);
                }
                if (first_pass) {
                    take_first(begin, count);
                } else {
                    take_again(count);
                }
            }
            if (first_pass) {
                finish_first();
                if (run_.wanted.count == 0 || memory_.flags->value_out_of_range != 0) {
                    return;
                }
                selection_.locate();
            } else {
                selection_.narrow(output_.at_rank + row() * run_.wanted.count, memory_.customer->scale);
            }
            count_pass();
        } while (selection_.plan());
        grid_.for_each_lane([&](int lane) {
            if (lane < alternatives()) {
                output_.alternatives[row() + static_cast<std::size_t>(lane)].tail = memory_.state[lane].tail_sums;
            }
        });
    }

  private:
    [[nodiscard]] CLV_HD int alternatives() const { return run_.alternatives; }
    [[nodiscard]] CLV_HD std::uint32_t horizon() const { return static_cast<std::uint32_t>(run_.horizon_months); }
    /// The row of the customer's first alternative in tables of customers and alternatives.
    [[nodiscard]] CLV_HD std::size_t row() const {
        return static_cast<std::size_t>(customer_) * static_cast<std::size_t>(alternatives());
    }
    [[nodiscard]] CLV_HD LaneTeam team(int lane) const { return team_of(lane, grid_.lanes(), alternatives()); }
    [[nodiscard]] CLV_HD bool has_work(const LaneTeam& team) const {
        return team.alternative < alternatives() && memory_.customer->may_get(team.alternative);
    }
    [[nodiscard]] CLV_HD const double* values(int alternative) const {
        return memory_.value + static_cast<std::size_t>(alternative) * run_.shape.chunk_paths;
    }

    /// The values of all paths, or of a chunk that was simulated again.
    [[nodiscard]] CLV_HD const double* values_again(int alternative) const {
        return memory_.kept == nullptr ? values(alternative)
                                       : memory_.kept + static_cast<std::size_t>(alternative) * run_.paths;
    }

    /// Tables come in, and all that counts begins at zero.
    CLV_HD void prepare() {
        grid_.for_each_lane([&](int lane) {
            paths_.prepare(lane);
            const auto begin = static_cast<std::uint32_t>(lane);
            const std::uint32_t rows = static_cast<std::uint32_t>(alternatives());
            for (std::uint32_t m = begin; m < rows * (horizon() + 1); m += grid_.lanes()) {
                memory_.active_months[m] = 0;
            }
            for (std::uint32_t word = begin; word < rows * run_.shape.pool_words; word += grid_.lanes()) {
                memory_.pool[word] = 0;
            }
            if (begin < rows) {
                memory_.state[begin] =
                    AlternativeState{~std::uint64_t{0}, 0, 0.0, 0.0, {}, {}, {}, {}, 0, 0, TailWork::wait};
            }
            if (begin == 0) {
                *memory_.flags = BlockFlags{};
                *memory_.customer = input_.customers[customer_];
            }
            memory_.months_paid[begin] = 0;
        });
    }

    /// Sums, losses, totals, and the histogram.
    CLV_HD void take_first(std::uint32_t begin, std::uint32_t count) {
        const bool ranks = run_.wanted.count > 0;
        if (ranks && begin == 0) {
            grid_.for_each_lane([&](int lane) {
                const LaneTeam team = this->team(lane);
                if (has_work(team)) {
                    std::uint64_t smallest = ~std::uint64_t{0};
                    std::uint64_t largest = 0;
                    for (std::uint32_t i = team.member; i < count; i += team.size) {
                        const std::uint64_t key = order_key(values(team.alternative)[i]);
                        smallest = key < smallest ? key : smallest;
                        largest = key < largest ? largest : key;
                    }
                    selection_.see(team.alternative, smallest, largest);
                }
            });
            selection_.lay_out();
        }
        grid_.for_each_lane([&](int lane) {
            const LaneTeam team = this->team(lane);
            memory_.sums[lane] = UnitSums();
            memory_.profit_sums[lane] = UnitSums();
            if (has_work(team)) {
                take_values(lane, team, begin, count);
            }
        });
        add_up(grid_, memory_.sums, alternatives(),
               [&](int alternative, const UnitSums& sums) { memory_.state[alternative].all.add(sums); });
        add_up(grid_, memory_.profit_sums, alternatives(),
               [&](int alternative, const UnitSums& sums) { memory_.state[alternative].profit.add(sums); });
    }

    /// One lane's share of a chunk.
    CLV_HD void take_values(int lane, const LaneTeam& team, std::uint32_t begin, std::uint32_t count) {
        const int alternative = team.alternative;
        const double scale = memory_.customer->scale[alternative];
        const double* value = values(alternative);
        const double* none = values(0);
        double* kept = memory_.kept == nullptr
                           ? nullptr
                           : memory_.kept + static_cast<std::size_t>(alternative) * run_.paths + begin;
        std::int64_t* total = run_.totals + static_cast<std::size_t>(memory_.customer->segment) * run_.paths + begin;
        UnitSums sums;
        UnitSums profit_sums;
        SmallUnitSums small;
        SmallUnitSums small_profit;
        std::uint32_t losses = 0;
        std::uint32_t not_in_sums = 0;
        bool fits = true;
        bool total_fits = true;
        for (std::uint32_t i = team.member; i < count; i += team.size) {
            fits = fits && fits_units(value[i], scale) && fits_units(none[i], scale);
            if (!fits) {
                break;
            }
            add_units(whole_units(value[i], scale), small, sums);
            if (alternative > 0) {
                add_units(whole_units(value[i], scale) - whole_units(none[i], scale), small_profit, profit_sums);
            }
            if (++not_in_sums == SmallUnitSums::most) {
                add_small(small, sums);
                add_small(small_profit, profit_sums);
                not_in_sums = 0;
            }
            if (alternative == (run_.difference ? 1 : 0)) {
                total_fits = total_fits && add_total(total + i, value[i], none[i]);
            }
            if (run_.wanted.count > 0) {
                losses += value[i] < 0.0 ? 1 : 0;
                if (kept != nullptr) {
                    kept[i] = value[i];
                }
                selection_.count(alternative, value[i]);
            }
        }
        add_small(small, sums);
        add_small(small_profit, profit_sums);
        memory_.sums[lane] = sums;
        memory_.profit_sums[lane] = profit_sums;
        grid_.add(&memory_.state[alternative].losses, losses);
        if (!fits) {
            grid_.add(&memory_.flags->value_out_of_range, 1U);
        }
        if (!total_fits) {
            grid_.add(&memory_.flags->total_out_of_range, 1U);
        }
    }

    static CLV_HD void add_units(std::int64_t units, SmallUnitSums& small, UnitSums& sums) {
        if (SmallUnitSums::fits(units)) {
            small.add(units);
        } else {
            sums.add(units);
        }
    }
    static CLV_HD void add_small(SmallUnitSums& small, UnitSums& sums) {
        sums.add(small);
        small = SmallUnitSums();
    }

    CLV_HD bool add_total(std::int64_t* total, double value, double none) {
        const double scale = run_.total_scale;
        if (!run_.difference) {
            return add_to_total(grid_, total, none, scale, run_.unchecked_units);
        }
        return add_to_total(grid_, total, value, scale, run_.unchecked_units) &&
               add_to_total(grid_, total, -none, scale, run_.unchecked_units);
    }

    /// A pass over the same values for selection.
    CLV_HD void take_again(std::uint32_t count) {
        grid_.for_each_lane([&](int lane) {
            const LaneTeam team = this->team(lane);
            UnitSums tail;
            if (has_work(team)) {
                const double scale = memory_.customer->scale[team.alternative];
                const double* value = values_again(team.alternative);
                for (std::uint32_t i = team.member; i < count; i += team.size) {
                    selection_.take(team.alternative, value[i], scale, tail);
                }
            }
            memory_.sums[lane] = tail;
        });
        selection_.add_tails();
    }

    CLV_HD void count_pass() {
        grid_.for_each_lane([&](int lane) {
            if (lane == 0) {
                ++memory_.flags->passes;
            }
        });
    }

    CLV_HD void finish_first() {
        grid_.for_each_lane([&](int lane) {
            grid_.add(&memory_.flags->months_paid, std::uint64_t{memory_.months_paid[lane]});
            const LaneTeam team = this->team(lane);
            if (has_work(team)) {
                grid_.add(&memory_.state[team.alternative].added_months, paths_.added_months(team));
            }
        });
        grid_.for_each_lane([&](int lane) {
            const auto begin = static_cast<std::uint32_t>(lane);
            if (lane < alternatives()) {
                const AlternativeState& state = memory_.state[lane];
                output_.alternatives[row() + static_cast<std::size_t>(lane)] = {
                    state.all, state.profit, UnitSums(), state.losses, state.active_revenue, state.added_months};
            }
            for (std::uint32_t m = begin; m < static_cast<std::uint32_t>(alternatives()) * (horizon() + 1);
                 m += grid_.lanes()) {
                output_.active_months[row() * (horizon() + 1) + m] = memory_.active_months[m];
            }
            if (lane == 0) {
                const BlockFlags& flags = *memory_.flags;
                output_.customers[customer_] = {flags.months_paid, flags.value_out_of_range, flags.total_out_of_range};
            }
        });
    }

    Grid& grid_;
    const BlockMemory& memory_;
    const BlockRun& run_;
    const BatchInput& input_;
    const BatchOutput& output_;
    std::uint32_t customer_;
    Paths paths_;
    BlockSelection<Grid> selection_;
};

}  // namespace clv::cuda
