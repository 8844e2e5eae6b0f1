#pragma once
// The retail law in a block. Few paths get far, and some much farther than others. So the living of a slice of paths
// are moved together before the costly draws, and a lane whose path has ended takes the next one while its neighbours
// go on with theirs. Random numbers are addressed by path and purchase: who takes a path does not show.

#include <cstddef>
#include <cstdint>

#include "batch.hpp"
#include "block_memory.hpp"
#include "block_run.hpp"
#include "clv/core/host_device.hpp"
#include "clv/paths/retail_path.hpp"
#include "lane_team.hpp"
#include "path_sink.hpp"

namespace clv::cuda {

template <class Grid>
class RetailPaths {
  public:
    using Run = RetailBlockRun;
    using Batch = RetailBatch;

    CLV_HD RetailPaths(Grid& grid, const BlockMemory& memory, const Run& run, const Batch& input,
                       std::uint32_t customer)
        : grid_(grid), memory_(memory), run_(run), input_(input), customer_(customer) {}

    CLV_HD void prepare(int lane) {
        if (lane == 0) {
            *memory_.retail = input_.law[customer_];
        }
    }

    /// Nobody sees when a relation without a contract ends.
    [[nodiscard]] CLV_HD std::int64_t added_months(const LaneTeam& /*team*/) const { return 0; }

    CLV_HD void simulate(std::uint32_t begin, std::uint32_t count) {
        const std::uint32_t slice = slice_paths_per_lane * grid_.lanes();
        for (std::uint32_t first = 0; first < count; first += slice) {
            const std::uint32_t left = count - first;
            find_living(begin, begin + first, left < slice ? left : slice);
            draw_living();
            for (int alternative = 0; alternative < run_.alternatives; ++alternative) {
                if (memory_.customer->may_get(alternative)) {
                    walk(begin, alternative);
                }
            }
        }
    }

  private:
    [[nodiscard]] CLV_HD PathSink<Grid> sink(int lane, std::uint32_t begin) const {
        return {grid_, run_, memory_, static_cast<std::uint32_t>(lane), begin, 0};
    }
    [[nodiscard]] CLV_HD std::uint32_t address_of(std::uint32_t path) const { return run_.law.first_path + path; }

    /// The customer with its posteriors. Compilers shall not work out what random numbers have in common before a loop
    /// over paths, which takes registers.
    [[nodiscard]] CLV_HD RetailCustomer customer_here() const {
        RetailCustomer customer = *memory_.retail;
        const std::size_t draws = std::size_t{run_.law.draw_mask} + 1;
        customer.posterior = retail_posterior(input_.posterior + customer_ * (retail_posterior_entries * draws), draws);
        grid_.forget(customer.id_low);
        grid_.forget(customer.id_high);
        return customer;
    }

    /// Finds those that are alive of the paths first .. first + count - 1; the others end here.
    CLV_HD void find_living(std::uint32_t begin, std::uint32_t first, std::uint32_t count) {
        grid_.for_each_lane([&](int lane) {
            if (lane == 0) {
                memory_.flags->living = 0;
            }
        });
        grid_.for_each_lane([&](int lane) {
            PathSink<Grid> to = sink(lane, begin);
            for (std::uint32_t i = static_cast<std::uint32_t>(lane); i < count; i += grid_.lanes()) {
                const RetailCustomer customer = customer_here();
                to.path = first + i;
                if (retail::start<float>(run_.law, customer, address_of(to.path)).alive > 0.0F) {
                    memory_.who[grid_.add(&memory_.flags->living, 1U)] = to.path;
                    continue;
                }
                to.value(0, 0.0);
                for (int a = 1; a < run_.alternatives; ++a) {
                    if (customer.may_get(a)) {
                        settle(to, a, accepts(customer, a, to.path), 0.0, 0.0, 0);
                    }
                }
            }
        });
    }

    CLV_HD void draw_living() {
        grid_.for_each_lane([&](int lane) {
            for (std::uint32_t at = static_cast<std::uint32_t>(lane); at < memory_.flags->living; at += grid_.lanes()) {
                memory_.living[at] = retail::living_path(run_.law, customer_here(), address_of(memory_.who[at]));
            }
        });
    }

    [[nodiscard]] CLV_HD bool accepts(const RetailCustomer& customer, int alternative, std::uint32_t path) const {
        const ActionLaw& action = run_.law.actions[alternative - 1].law;
        return action.is_always_accepted() ||
               retail::chance<float>(run_.law, customer, address_of(path)).acceptance < action.acceptance_threshold;
    }

    /// The value of a path under an action, from its values under none and under the action before costs.
    CLV_HD void settle(PathSink<Grid>& to, int alternative, bool accepted, double without, double with, int months) {
        const ActionLaw& action = run_.law.actions[alternative - 1].law;
        if (!accepted) {
            to.value(alternative, without - action.cost);
            return;
        }
        const int active = months < action.duration_months ? months : action.duration_months;
        to.active(alternative, active);
        to.value(alternative, with - retail::accepted_cost(action, run_.annuity[active]));
    }

    /// The living under one alternative.
    CLV_HD void walk(std::uint32_t begin, int alternative) {
        grid_.for_each_lane([&](int lane) {
            if (lane == 0) {
                memory_.flags->taken = 0;
            }
        });
        grid_.for_each_lane([&](int lane) {
            PathSink<Grid> to = sink(lane, begin);
            std::int64_t* cash = alternative == 0 ? to.cash() : nullptr;
            const double share = share_of(alternative);
            const std::uint32_t living = memory_.flags->living;
            retail::PurchaseWalk walk;
            bool walks = false;
            for (std::uint32_t at = 0; at < living;) {
                const RetailCustomer customer = customer_here();
                if (!walks) {
                    at = grid_.add(&memory_.flags->taken, 1U);
                    walks = at < living && sets_off(to, customer, alternative, at, walk);
                }
                if (walks) {
                    walks = walk.step(run_.law, customer, run_.discount, share, [&](int month, double currency) {
                        if (cash != nullptr) {
                            to.add_cash(cash, month + 1, currency);
                        }
                    });
                    if (!walks) {
                        finish(to, alternative, walk);
                    }
                }
            }
        });
    }

    /// Begins with one of the living. False for those who decline: they live as under none.
    CLV_HD bool sets_off(PathSink<Grid>& to, const RetailCustomer& customer, int alternative, std::uint32_t at,
                         retail::PurchaseWalk& walk) {
        to.path = memory_.who[at];
        retail::Effects effects;
        if (alternative > 0) {
            if (!accepts(customer, alternative, to.path)) {
                settle(to, alternative, false, without(to), 0.0, 0);
                return false;
            }
            effects = retail::draw_effects(run_.law, customer, run_.law.actions[alternative - 1], address_of(to.path));
        }
        walk = retail::PurchaseWalk(run_.law, to.path, memory_.living[at], effects);
        return true;
    }

    CLV_HD void finish(PathSink<Grid>& to, int alternative, const retail::PurchaseWalk& walk) {
        if (!walk.fits()) {
            grid_.add(&memory_.flags->value_out_of_range, 1U);
        }
        if (alternative == 0) {
            to.value(0, walk.value());
            to.months(walk.months());
        } else {
            settle(to, alternative, true, 0.0, walk.value(), walk.months());
            if (share_of(alternative) != 0.0) {
                to.active_revenue(alternative, walk.active_revenue());
            }
        }
    }

    /// The share of revenue that the alternative costs while it is active.
    [[nodiscard]] CLV_HD double share_of(int alternative) const {
        return alternative == 0 ? 0.0 : run_.law.actions[alternative - 1].law.monthly_cost_share;
    }

    [[nodiscard]] CLV_HD double without(const PathSink<Grid>& of) const { return memory_.value[of.path - of.begin]; }

    Grid& grid_;
    const BlockMemory& memory_;
    const Run& run_;
    const Batch& input_;
    std::uint32_t customer_;
};

}  // namespace clv::cuda
