#include "mixture.hpp"

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>

#include "mixture_program.hpp"
#include "tail_weights.hpp"

namespace clv::decisions {

namespace {

/// Figures of the columns' size, by which the program's are divided.
struct MixtureScales {
    double gain = 0.0;                 ///< the largest gain on any path
    std::vector<double> use;           ///< [side]: the largest use
    std::vector<std::size_t> binding;  ///< sides that some mixture would break
};

MixtureScales mixture_scales(const MixtureGame& game) {
    const std::size_t sides = game.sides.size();
    MixtureScales scales;
    scales.use.assign(sides, 0.0);
    std::vector<double> most_use(sides, 0.0);
    for (std::size_t g = 0; g < game.columns.groups(); ++g) {
        std::vector<double> most(sides, -std::numeric_limits<double>::infinity());
        for (const PlanColumn& column : game.columns.of_group(g)) {
            for (const double gain : column.gain) {
                scales.gain = std::max(scales.gain, std::abs(gain));
            }
            for (std::size_t j = 0; j < sides; ++j) {
                scales.use[j] = std::max(scales.use[j], std::abs(column.use[j]));
                most[j] = std::max(most[j], column.use[j]);
            }
        }
        for (std::size_t j = 0; j < sides; ++j) {
            most_use[j] += most[j];
        }
    }
    scales.gain = scales.gain > 0.0 ? scales.gain : 1.0;
    for (std::size_t j = 0; j < sides; ++j) {
        if (most_use[j] > game.sides[j].reach()) {
            scales.binding.push_back(j);
        }
    }
    return scales;
}

/// A variable for the weight of every path and one for the price of every side that binds; a row for every column.
MixtureProgram program_of(const MixtureGame& game, const MixtureScales& scales) {
    const auto paths = static_cast<Eigen::Index>(game.without.size());
    const double w = game.risk_weight;
    MixtureProgram program;
    const auto variables = paths + static_cast<Eigen::Index>(scales.binding.size());
    const auto rows = static_cast<Eigen::Index>(game.columns.size());
    program.weights = paths;
    program.groups = static_cast<Eigen::Index>(game.columns.groups());
    program.rows.resize(rows, variables);
    program.constant.resize(rows);
    program.cost.resize(variables);
    program.upper.resize(variables);
    const double mean_without = mean_of(game.without);
    for (Eigen::Index s = 0; s < paths; ++s) {
        program.cost[s] = w * (game.without[static_cast<std::size_t>(s)] - mean_without) / scales.gain;
        program.upper[s] = game.most_weight;
    }
    for (std::size_t b = 0; b < scales.binding.size(); ++b) {
        const std::size_t j = scales.binding[b];
        const auto at = paths + static_cast<Eigen::Index>(b);
        program.cost[at] = game.sides[j].reach() / scales.use[j];
        program.upper[at] = 100.0 * (1.0 + game.largest_multiplier[game.sides[j].row] * scales.use[j] / scales.gain);
    }
    Eigen::Index row = 0;
    for (std::size_t g = 0; g < game.columns.groups(); ++g) {
        for (const PlanColumn& column : game.columns.of_group(g)) {
            program.constant[row] = (1.0 - w) * mean_of(column.gain) / scales.gain;
            program.rows.row(row).head(paths) =
                w / scales.gain * Eigen::Map<const Eigen::RowVectorXd>(column.gain.data(), paths);
            for (std::size_t b = 0; b < scales.binding.size(); ++b) {
                const std::size_t j = scales.binding[b];
                program.rows(row, paths + static_cast<Eigen::Index>(b)) = -column.use[j] / scales.use[j];
            }
            program.group.push_back(static_cast<Eigen::Index>(g));
            ++row;
        }
    }
    return program;
}

}  // namespace

Mixture best_mixture(const MixtureGame& game, double allowed_gap) {
    const MixtureScales scales = mixture_scales(game);
    const MixtureSolution solution = solve(program_of(game, scales), 0.1 * allowed_gap / scales.gain);
    Mixture mixture;
    mixture.total.assign(game.without.begin(), game.without.end());
    Eigen::Index row = 0;
    for (std::size_t g = 0; g < game.columns.groups(); ++g) {
        mixture.shares.emplace_back();
        for (const PlanColumn& column : game.columns.of_group(g)) {
            const double share = solution.shares[row++];
            mixture.shares.back().push_back(share);
            for (std::size_t s = 0; s < mixture.total.size(); ++s) {
                mixture.total[s] += share * column.gain[s];
            }
        }
    }
    const auto paths = static_cast<Eigen::Index>(game.without.size());
    mixture.answer = nearest_weights(solution.variables.head(paths), game.most_weight);
    return mixture;
}

std::vector<Preference> preferences(const PlanColumns& columns, const Mixture& mixture) {
    constexpr double golden = 0.6180339887498949;
    constexpr double least_share = 1.0e-7;
    std::vector<Preference> preferred;
    for (std::size_t g = 0; g < columns.groups(); ++g) {
        const std::vector<PlanColumn>& of_group = columns.of_group(g);
        std::size_t differing = 0;
        for (std::size_t k = 0; k < columns.members(g).size(); ++k) {
            const double point = std::fmod(golden * (0.5 + static_cast<double>(differing)), 1.0);
            double sum = 0.0;
            std::size_t chosen = of_group.size();
            bool differs = false;
            std::size_t first = of_group.size();
            for (std::size_t c = 0; c < of_group.size(); ++c) {
                if (mixture.shares[g][c] < least_share) {
                    continue;
                }
                first = first == of_group.size() ? c : first;
                differs = differs || of_group[c].action[k] != of_group[first].action[k];
                sum += mixture.shares[g][c];
                chosen = chosen == of_group.size() && sum >= point ? c : chosen;
            }
            if (differs) {
                ++differing;
                preferred.push_back(
                    {columns.members(g)[k], of_group[chosen == of_group.size() ? first : chosen].action[k]});
            }
        }
    }
    return preferred;
}

}  // namespace clv::decisions
