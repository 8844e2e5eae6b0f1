#pragma once
// The subscription law in a block: a lane takes one path after the other, under all alternatives at once.

#include <cstddef>
#include <cstdint>

#include "batch.hpp"
#include "block_memory.hpp"
#include "block_run.hpp"
#include "clv/core/host_device.hpp"
#include "clv/paths/subscription_path.hpp"
#include "lane_team.hpp"
#include "path_sink.hpp"

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

/// Paid months, with the cash of each.
template <class Grid>
struct SubscriptionSink : PathSink<Grid> {
    const RevenueColumn& revenue;

    CLV_HD void paid(int months) {
        this->months(months);
        std::int64_t* cash = this->cash();
        if (cash == nullptr) {
            return;
        }
        const SubscriptionInput& customer = *this->memory.subscription;
        for (int month = 1; month <= months; ++month) {
            const double expected = this->memory.revenue[month - 1];
            const double paid = customer.law.margin * (expected * static_cast<double>(revenue.growth(month)));
            this->add_cash(cash, month, paid - customer.retention_cost);
        }
    }
};

/// `Alternatives` is at least that of the run; actions beyond those are not eligible.
template <int Alternatives, class Grid>
class SubscriptionPaths {
  public:
    using Run = SubscriptionBlockRun;
    using Batch = SubscriptionBatch;

    CLV_HD SubscriptionPaths(Grid& grid, const BlockMemory& memory, const Run& run, const Batch& input,
                             std::uint32_t customer)
        : grid_(grid), memory_(memory), run_(run), input_(input), customer_(customer) {}

    CLV_HD void prepare(int lane) {
        const auto begin = static_cast<std::uint32_t>(lane);
        const std::uint32_t months = horizon();
        const auto copy = [&](auto* to, const auto* rows, std::uint32_t count) {
            const auto* from = rows + static_cast<std::size_t>(customer_) * count;
            for (std::uint32_t m = begin; m < count; m += grid_.lanes()) {
                to[m] = from[m];
            }
        };
        copy(memory_.table_value, input_.value, static_cast<std::uint32_t>(run_.alternatives) * (months + 1));
        copy(memory_.revenue_value, input_.revenue_value, months + 1);
        if (run_.cash != nullptr) {
            copy(memory_.revenue, input_.revenue, months);
        }
        copy(memory_.hazard, input_.hazard, months);
        copy(memory_.cumulative_hazard, input_.cumulative_hazard, months);
        copy(memory_.discounted_revenue, input_.discounted_revenue, months + std::uint32_t{month_padding});
        const SubscriptionCustomer& law = input_.law[customer_].law;
        for (int block = lane; block < revenue_blocks(run_.horizon_months); block += static_cast<int>(grid_.lanes())) {
            memory_.revenue_words[block] = revenue_words(run_.law, law.id_low, law.id_high, block);
        }
        for (int alternative = 0; alternative < run_.alternatives; ++alternative) {
            memory_.added_months[static_cast<std::uint32_t>(alternative) * grid_.lanes() + begin] = 0;
        }
        if (lane == 0) {
            *memory_.subscription = input_.law[customer_];
        }
    }

    /// The months that the lanes of a team's member have added: those whose place in the team is its own.
    [[nodiscard]] CLV_HD std::int64_t added_months(const LaneTeam& team) const {
        std::int64_t months = 0;
        for (std::uint32_t lane = team.member; lane < grid_.lanes(); lane += team.size) {
            months += memory_.added_months[static_cast<std::uint32_t>(team.alternative) * grid_.lanes() + lane];
        }
        return months;
    }

    CLV_HD void simulate(std::uint32_t begin, std::uint32_t count) {
        grid_.for_each_lane([&](int lane) {
            RevenueColumn revenue(memory_.noise + lane, run_.cash == nullptr ? nullptr : memory_.growth + lane,
                                  grid_.lanes());
            SubscriptionSink<Grid> sink{{grid_, run_, memory_, static_cast<std::uint32_t>(lane), begin, 0}, revenue};
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

  private:
    [[nodiscard]] CLV_HD std::uint32_t horizon() const { return static_cast<std::uint32_t>(run_.horizon_months); }

    /// The customer with tables in the block's memory. Pointers are worked out, because loaded ones take registers.
    [[nodiscard]] CLV_HD SubscriptionCustomer customer_here() const {
        SubscriptionCustomer customer = memory_.subscription->law;
        customer.hazard = memory_.hazard;
        customer.cumulative_hazard = memory_.subscription->has_cumulative_hazard ? memory_.cumulative_hazard : nullptr;
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

    Grid& grid_;
    const BlockMemory& memory_;
    const Run& run_;
    const Batch& input_;
    std::uint32_t customer_;
};

}  // namespace clv::cuda
