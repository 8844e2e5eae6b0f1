#pragma once
// One customer on one block: the law on every path, exact sums, exact order statistics. Written against a small grid,
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

#include <cstddef>
#include <cstdint>

#include "batch.hpp"
#include "block_memory.hpp"
#include "block_run.hpp"
#include "block_selection.hpp"
#include "clv/core/host_device.hpp"
#include "clv/paths/subscription_path.hpp"
#include "order_key.hpp"

namespace clv::cuda {

/// What a lane's walk of revenue leaves behind: its column of the block's tables.
class RevenueColumn {
  public:
    /// `growth` may be null: then nobody asks for it.
    CLV_HD RevenueColumn(float* noise, float* growth, std::uint32_t stride)
        : noise_(noise), growth_(growth), stride_(stride) {}
    CLV_HD void put(int month, float noise, float growth) {
        noise_[at(month)] = noise;
        if (growth_ != nullptr) {
            growth_[at(month)] = growth;
        }
    }
    [[nodiscard]] CLV_HD float noise(std::int32_t months) const { return noise_[at(months)]; }
    [[nodiscard]] CLV_HD float growth(int month) const { return growth_[at(month)]; }

  private:
    [[nodiscard]] CLV_HD std::uint32_t at(int month) const { return static_cast<std::uint32_t>(month) * stride_; }
    float* noise_;
    float* growth_;
    std::uint32_t stride_;
};

/// Adds to a sum over customers. Summands below `unchecked` in magnitude cannot leave the range together; with larger
/// ones every step is looked at. False if the sum has left its range.
template <class Grid>
CLV_HD bool add_to_total(Grid& grid, std::int64_t* total, double value, double scale, std::int64_t unchecked) {
    if (!fits_units(value, scale)) {
        return false;
    }
    const std::int64_t units = whole_units(value, scale);
    if (-unchecked < units && units < unchecked) {
        grid.add(total, units);
        return true;
    }
    constexpr std::int64_t limit = std::int64_t{1} << 61;
    const std::int64_t after = grid.add(total, units) + units;
    return -limit < after && after < limit;
}

/// Where one path's results go. Counts and cash are taken on the first pass only.
template <class Grid>
struct PathSink {
    Grid& grid;
    const BlockRun& run;
    const BlockMemory& memory;
    const RevenueColumn& revenue;
    std::uint32_t lane;
    std::uint32_t begin;  ///< first path of the chunk
    std::uint32_t path;

    // + 0.0: an order statistic must not depend on which of two equal zeros came first
    CLV_HD void value(int alternative, double value) {
        memory.value[static_cast<std::size_t>(alternative) * run.shape.chunk_paths + (path - begin)] = value + 0.0;
    }
    CLV_HD void active(int alternative, int months) {
        if (is_first_pass()) {
            grid.add(&memory.active_months[alternative * (run.law.horizon_months + 1) + months], 1U);
        }
    }
    CLV_HD void paid(int months) {
        if (is_first_pass()) {
            memory.months_paid[lane] += static_cast<std::uint32_t>(months);
            if (run.cash != nullptr) {
                add_cash(months);
            }
        }
    }

  private:
    [[nodiscard]] CLV_HD bool is_first_pass() const { return memory.flags->passes == 0; }

    /// Cash of the paid months under none.
    CLV_HD void add_cash(int months) {
        const CustomerInput& customer = *memory.customer;
        const int horizon = run.law.horizon_months;
        std::int64_t* cash = run.cash + customer.segment * grouped_entries(run.law.paths, horizon);
        for (int month = 1; month <= months; ++month) {
            const double expected = memory.revenue[month - 1];
            const double paid =
                customer.law.margin * (expected * static_cast<double>(revenue.growth(month))) - customer.retention_cost;
            if (!add_to_total(grid, cash + grouped_index(path, month, horizon), paid, run.cash_scale,
                              run.unchecked_units)) {
                grid.add(&memory.flags->total_out_of_range, 1U);
            }
        }
    }
};

/// `Alternatives` is at least 1 + run.law.action_count; actions beyond that are not eligible.
template <int Alternatives, class Grid>
class CustomerBlock {
  public:
    CLV_HD CustomerBlock(Grid& grid, const BlockMemory& memory, const BlockRun& run, const BatchInput& input,
                         const BatchOutput& output, std::uint32_t customer)
        : grid_(grid),
          memory_(memory),
          run_(run),
          input_(input),
          output_(output),
          customer_(customer),
          selection_(grid, memory, run) {}

    CLV_HD void simulate() {
        prepare();
        const std::uint32_t paths = run_.law.paths;
        do {
            for (std::uint32_t begin = 0; begin < paths; begin += run_.shape.chunk_paths) {
                const std::uint32_t left = paths - begin;
                const std::uint32_t count = left < run_.shape.chunk_paths ? left : run_.shape.chunk_paths;
                if (memory_.flags->passes == 0 || count < paths) {  // a single chunk is still there
                    simulate_chunk(begin, count);
                }
                if (memory_.flags->passes == 0) {
                    take_first(begin, count);
                } else {
                    take_again(count);
                }
            }
            if (memory_.flags->passes == 0) {
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
    [[nodiscard]] CLV_HD int alternatives() const { return run_.law.action_count + 1; }
    [[nodiscard]] CLV_HD std::uint32_t horizon() const { return static_cast<std::uint32_t>(run_.law.horizon_months); }
    /// Of the customer's first alternative in tables of customers and alternatives.
    [[nodiscard]] CLV_HD std::size_t row() const {
        return static_cast<std::size_t>(customer_) * static_cast<std::size_t>(alternatives());
    }
    [[nodiscard]] CLV_HD LaneTeam team(int lane) const { return team_of(lane, grid_.lanes(), alternatives()); }
    [[nodiscard]] CLV_HD bool has_work(const LaneTeam& team) const {
        return team.alternative < alternatives() && memory_.customer->law.may_get(team.alternative);
    }
    [[nodiscard]] CLV_HD const double* values(int alternative) const {
        return memory_.value + static_cast<std::size_t>(alternative) * run_.shape.chunk_paths;
    }

    /// Tables come in, and all that counts begins at zero.
    CLV_HD void prepare() {
        grid_.for_each_lane([&](int lane) {
            const auto begin = static_cast<std::uint32_t>(lane);
            const std::uint32_t months = horizon();
            const auto copy = [&](auto* to, const auto* rows, std::uint32_t count) {
                const auto* from = rows + static_cast<std::size_t>(customer_) * count;
                for (std::uint32_t m = begin; m < count; m += grid_.lanes()) {
                    to[m] = from[m];
                }
            };
            copy(memory_.table_value, input_.value, static_cast<std::uint32_t>(alternatives()) * (months + 1));
            copy(memory_.revenue_value, input_.revenue_value, months + 1);
            if (run_.cash != nullptr) {
                copy(memory_.revenue, input_.revenue, months);
            }
            copy(memory_.hazard, input_.hazard, months);
            copy(memory_.cumulative_hazard, input_.cumulative_hazard, months);
            copy(memory_.discounted_revenue, input_.discounted_revenue, months + std::uint32_t{month_padding});
            const SubscriptionCustomer& law = input_.customers[customer_].law;
            for (int block = lane; block < revenue_blocks(run_.law.horizon_months);
                 block += static_cast<int>(grid_.lanes())) {
                memory_.revenue_words[block] = revenue_words(run_.law, law.id_low, law.id_high, block);
            }
            const std::uint32_t rows = static_cast<std::uint32_t>(alternatives());
            for (std::uint32_t m = begin; m < rows * (horizon() + 1); m += grid_.lanes()) {
                memory_.active_months[m] = 0;
            }
            for (std::uint32_t word = begin; word < rows * run_.shape.pool_words; word += grid_.lanes()) {
                memory_.pool[word] = 0;
            }
            if (begin < rows) {
                memory_.state[begin] = AlternativeState{~std::uint64_t{0}, 0, 0.0, 0.0, {}, {}, {}, 0, TailWork::wait};
            }
            if (begin == 0) {
                *memory_.flags = BlockFlags{};
                *memory_.customer = input_.customers[customer_];
            }
            memory_.months_paid[begin] = 0;
        });
    }

    CLV_HD void simulate_chunk(std::uint32_t begin, std::uint32_t count) {
        grid_.for_each_lane([&](int lane) {
            RevenueColumn revenue(memory_.noise + lane, run_.cash == nullptr ? nullptr : memory_.growth + lane,
                                  grid_.lanes());
            PathSink<Grid> sink{grid_, run_, memory_, revenue, static_cast<std::uint32_t>(lane), begin, 0};
            for (std::uint32_t i = static_cast<std::uint32_t>(lane); i < count; i += grid_.lanes()) {
                sink.path = begin + i;
                SubscriptionRun run = run_.law;
                SubscriptionCustomer customer = customer_here();
                keep_in_loop(run, customer);
                run.points = PathPoints::independent;  // the others are refused before a launch
                simulate_path<Alternatives>(run, customer, begin + i, revenue, sink);
            }
        });
    }

    /// The customer with tables in the block's memory. Pointers are worked out, because loaded ones take registers.
    [[nodiscard]] CLV_HD SubscriptionCustomer customer_here() const {
        SubscriptionCustomer customer = memory_.customer->law;
        customer.hazard = memory_.hazard;
        customer.cumulative_hazard = memory_.customer->has_cumulative_hazard ? memory_.cumulative_hazard : nullptr;
        customer.discounted_revenue = memory_.discounted_revenue;
        customer.revenue_words = memory_.revenue_words;
        customer.revenue_value = memory_.revenue_value;
        CLV_UNROLL
        for (int a = 0; a < Alternatives; ++a) {
            customer.value[a].value = memory_.table_value + static_cast<std::uint32_t>(a) * (horizon() + 1);
        }
        return customer;
    }

    /// Without this, compilers work out what random numbers have in common before a loop over paths, which takes
    /// hundreds of registers that the loop has not got.
    CLV_HD void keep_in_loop(SubscriptionRun& run, SubscriptionCustomer& customer) {
        grid_.forget(customer.id_low);
        grid_.forget(customer.id_high);
        CLV_UNROLL
        for (int a = 0; a < Alternatives - 1; ++a) {
            grid_.forget(run.actions[a].name_low);
            grid_.forget(run.actions[a].name_high);
        }
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
        std::int64_t* total =
            run_.totals + static_cast<std::size_t>(memory_.customer->segment) * run_.law.paths + begin;
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
                for (std::uint32_t i = team.member; i < count; i += team.size) {
                    selection_.take(team.alternative, values(team.alternative)[i], scale, tail);
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
        grid_.for_each_lane(
            [&](int lane) { grid_.add(&memory_.flags->months_paid, std::uint64_t{memory_.months_paid[lane]}); });
        grid_.for_each_lane([&](int lane) {
            const auto begin = static_cast<std::uint32_t>(lane);
            if (lane < alternatives()) {
                output_.alternatives[row() + static_cast<std::size_t>(lane)] = {
                    memory_.state[lane].all, memory_.state[lane].profit, UnitSums(), memory_.state[lane].losses};
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
    BlockSelection<Grid> selection_;
};

}  // namespace clv::cuda
