#pragma once
// The lanes of a block in teams, one per alternative, and how a team adds up what its lanes have summed.

#include <cstdint>

#include "clv/core/host_device.hpp"
#include "clv/risk/unit_sums.hpp"

namespace clv::cuda {

/// A lane's place among those that work for the same alternative. Lanes left over have no alternative.
struct LaneTeam {
    int alternative;
    std::uint32_t member;
    std::uint32_t size;
};

CLV_HD LaneTeam team_of(int lane, std::uint32_t lanes, int alternatives) {
    const std::uint32_t size = lanes / static_cast<std::uint32_t>(alternatives);
    return {static_cast<int>(static_cast<std::uint32_t>(lane) / size), static_cast<std::uint32_t>(lane) % size, size};
}

/// Adds the sums of every team's lanes to those of its first lane, which hands them to take(alternative, sums).
template <class Grid, class Take>
CLV_HD void add_up(Grid& grid, UnitSums* sums, int alternatives, Take take) {
    const std::uint32_t size = grid.lanes() / static_cast<std::uint32_t>(alternatives);
    std::uint32_t step = 1;
    while (step < size) {
        step *= 2;
    }
    while (step > 1) {
        step /= 2;
        grid.for_each_lane([&](int lane) {
            const LaneTeam team = team_of(lane, grid.lanes(), alternatives);
            if (team.alternative < alternatives && team.member < step && team.member + step < size) {
                sums[lane].add(sums[static_cast<std::uint32_t>(lane) + step]);
            }
        });
    }
    grid.for_each_lane([&](int lane) {
        const LaneTeam team = team_of(lane, grid.lanes(), alternatives);
        if (team.member == 0 && team.alternative < alternatives) {
            take(team.alternative, sums[lane]);
        }
    });
}

}  // namespace clv::cuda
