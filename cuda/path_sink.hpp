#pragma once
// Where a block's paths put their results, under any law.

#include <cstddef>
#include <cstdint>

#include "block_memory.hpp"
#include "block_run.hpp"
#include "clv/core/host_device.hpp"
#include "clv/paths/path_tables.hpp"
#include "order_key.hpp"

namespace clv::cuda {

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

/// The results of one lane's paths, one after the other. Counts and cash are taken on the first pass only.
template <class Grid>
struct PathSink {
    Grid& grid;
    const BlockRun& run;
    const BlockMemory& memory;
    std::uint32_t lane;
    std::uint32_t begin;  ///< first path of the chunk
    std::uint32_t path;   ///< of the run

    // + 0.0: an order statistic must not depend on which of two equal zeros came first
    CLV_HD void value(int alternative, double value) {
        memory.value[static_cast<std::size_t>(alternative) * run.shape.chunk_paths + (path - begin)] = value + 0.0;
    }
    CLV_HD void active(int alternative, int months) {
        if (is_first_pass()) {
            grid.add(&memory.active_months[alternative * (run.horizon_months + 1) + months], 1U);
        }
    }
    /// Discounted currency that is paid while an accepted action is active, where it costs a share of that.
    CLV_HD void active_revenue(int alternative, double currency) {
        if (!is_first_pass()) {
            return;
        }
        const double scale = memory.customer->scale[alternative];
        if (fits_units(currency, scale)) {
            memory.state[alternative].active_revenue.add(grid, whole_units(currency, scale));
        } else {
            grid.add(&memory.flags->value_out_of_range, 1U);
        }
    }
    /// Months that an accepted action adds to those paid under none.
    CLV_HD void added_months(int alternative, int months) {
        if (is_first_pass()) {
            memory.added_months[static_cast<std::uint32_t>(alternative) * grid.lanes() + lane] += months;
        }
    }
    /// Months paid or begun under none.
    CLV_HD void months(int months) {
        if (is_first_pass()) {
            memory.months_paid[lane] += static_cast<std::uint32_t>(months);
        }
    }
    /// Sums of the customer's segment; null where no cash is taken.
    [[nodiscard]] CLV_HD std::int64_t* cash() const {
        return is_first_pass() && run.cash != nullptr
                   ? run.cash + memory.customer->segment * grouped_entries(run.paths, run.horizon_months)
                   : nullptr;
    }
    /// Adds currency of a month, from 1, under none to such sums.
    CLV_HD void add_cash(std::int64_t* sums, int month, double currency) {
        if (!add_to_total(grid, sums + grouped_index(path, month, run.horizon_months), currency, run.cash_scale,
                          run.unchecked_units)) {
            grid.add(&memory.flags->total_out_of_range, 1U);
        }
    }

  private:
    [[nodiscard]] CLV_HD bool is_first_pass() const { return memory.flags->passes == 0; }
};

}  // namespace clv::cuda
