#pragma once
// How a customer's revenue wanders around its expectation. Discounted revenue is its expectation, a table in double,
// plus noise in float, the sum of base_t (G_t - 1): without volatility the result is the table's.

#include "clv/paths/subscription_lifetime.hpp"
#include "clv/random/inverse_normal.hpp"

namespace clv {

/// The months that walk_revenue visits come in blocks of four after the first: tables by month need this many entries
/// more than the horizon has months.
inline constexpr int month_padding = 3;

/// Blocks of the months 2..`months`.
CLV_HD constexpr int revenue_blocks(int months) {
    return (months + 2) / 4;
}

/// What the random words of a block have in common: those of paths at its address begin with it.
CLV_HD PhiloxShared revenue_words(const SubscriptionRun& run, std::uint32_t id_low, std::uint32_t id_high, int block) {
    return philox_shared(draw_address(Purpose::revenue, static_cast<std::uint32_t>(block)), id_low, id_high, run.key);
}

/// What a walk leaves behind, on the host: an entry per month and lane. A GPU keeps noise in shared memory.
template <class Real>
class RevenueTable {
  public:
    CLV_HD void put(int month, Real noise, Real growth) {
        noise_[month] = noise;
        growth_[month] = growth;
    }
    /// Sum of base_t (G_t - 1) over the first `months` months.
    [[nodiscard]] CLV_HD Real noise(typename lane::Types<Real>::Integer months) const {
        return lane::lookup(noise_, months);
    }
    /// That sum over one number of months for all lanes; it is garbage in paths that did not get as far.
    [[nodiscard]] CLV_HD Real noise_after(int months) const { return noise_[months]; }
    /// G_t of months 1.. that were walked.
    [[nodiscard]] CLV_HD Real growth(int month) const { return growth_[month]; }

  private:
    Real noise_[max_horizon_months + 1 + month_padding];
    Real growth_[max_horizon_months + 1 + month_padding];
};

/// Noise of a vector of paths: whose draws they take, with which sign, and for PathPoints::sobol towards which anchors.
template <class Real>
struct RevenueNoise {
    typename lane::Types<Real>::Word address;
    Real own_step;   ///< log2 of revenue per standard monthly step
    Real own_drift;  ///< drift a month, in such steps
    AnchorWalk<Real> anchors;
};

/// Seeds of a customer's paths, for runs with other points than independent ones.
template <class Word>
using PathSeeds = ScrambleSeeds<Word, sobol_dimensions>;

/// The anchors of a walk from the second to fifth coordinates of a point.
template <class Real>
CLV_HD AnchorWalk<Real> anchors_of(const BrownianBridge& bridge,
                                   const ScrambledPoint<typename lane::Types<Real>::Word, sobol_dimensions>& point) {
    return anchor_walk(bridge, inverse_normal<Real>(point.word[1]), inverse_normal<Real>(point.word[2]),
                       inverse_normal<Real>(point.word[3]), inverse_normal<Real>(point.word[4]));
}

/// Anchors of paths that count from 0 in the run, for PathPoints::sobol.
template <class Real>
CLV_HD AnchorWalk<Real> path_anchors(const SubscriptionRun& run, typename lane::Types<Real>::Word path,
                                     const PathSeeds<typename lane::Types<Real>::Word>& seeds) {
    return anchors_of<Real>(run.bridge, scrambled_point(seeds, point_of(path)));
}

/// `path` counts from 0 in the run. Anchors are left out.
template <class Real>
CLV_HD RevenueNoise<Real> revenue_noise(const SubscriptionRun& run, const SubscriptionCustomer& customer,
                                        typename lane::Types<Real>::Word path) {
    using Word = typename lane::Types<Real>::Word;
    RevenueNoise<Real> noise{Word(run.first_path) + path, Real(customer.own_step), Real(customer.own_drift), {}};
    if (run.points == PathPoints::stratified) {
        noise.address = Word(run.first_path) + antithetic_path(path);
        noise.own_step = with_sign(noise.own_step, antithetic_sign(path));
        noise.own_drift = with_sign(noise.own_drift, antithetic_sign(path));
    }
    return noise;
}

/// The anchor that the walk into `month` is drawn to.
template <class Real>
CLV_HD Real anchor_of(const BridgeStep& step, const AnchorWalk<Real>& anchors) {
    if (step.segment < 2) {
        return step.segment < 1 ? anchors.walk[0] : anchors.walk[1];
    }
    return step.segment < 3 ? anchors.walk[2] : anchors.walk[3];
}

/// Two steps of the own walk from the words of two normals. Without a bridge they bring the drift with them.
template <bool Bridge, class Real>
CLV_HD void make_steps(const RevenueNoise<Real>& draw, typename lane::Types<Real>::Word radius,
                       typename lane::Types<Real>::Word angle, Real* step) {
    const auto pair = polar_pair<Real>(radius, angle);
    if constexpr (Bridge) {
        step[0] = pair.radius * pair.cosine;
        step[1] = pair.radius * pair.sine;
    } else {
        const Real drift = Real(0.0F) - draw.own_drift;
        step[0] = lane::fused(pair.radius, pair.cosine, drift);
        step[1] = lane::fused(pair.radius, pair.sine, drift);
    }
}

/// The steps of one block of four months.
template <bool Bridge, class Real>
CLV_HD void make_block(const SubscriptionRun& run, const SubscriptionCustomer& customer, const RevenueNoise<Real>& draw,
                       int block, Real* step) {
    PhiloxSteps<typename lane::Types<Real>::Word> philox;
    philox.begin(customer.revenue_words[block], draw.address);
    philox.run(run.key, 4, 10);
    const auto words = philox.words();
    make_steps<Bridge>(draw, words.word[0], words.word[1], step);
    make_steps<Bridge>(draw, words.word[2], words.word[3], step + 2);
}

/// The steps of all blocks and vectors. The random words of a block are made beside the normals of the one before: the
/// two keep different parts of a processor busy.
template <bool Bridge, int Vectors, class Real>
CLV_HD void make_all_blocks(const SubscriptionRun& run, const SubscriptionCustomer& customer,
                            const RevenueNoise<Real>* draws, int blocks, Real (*step)[Vectors][4]) {
    if (blocks == 0) {
        return;
    }
    PhiloxSteps<typename lane::Types<Real>::Word> philox;
    philox.begin(customer.revenue_words[0], draws[0].address);
    philox.run(run.key, 4, 10);
    const int items = blocks * Vectors;
    for (int item = 0; item < items; ++item) {
        const RevenueNoise<Real>& draw = draws[item % Vectors];
        const int next = item + 1 < items ? item + 1 : 0;  // the last one's words are not used
        const auto words = philox.words();
        philox.begin(customer.revenue_words[next / Vectors], draws[next % Vectors].address);
        make_steps<Bridge>(draw, words.word[0], words.word[1], step[item / Vectors][item % Vectors]);
        philox.run(run.key, 4, 6);
        make_steps<Bridge>(draw, words.word[2], words.word[3], step[item / Vectors][item % Vectors] + 2);
        philox.run(run.key, 7, 10);
    }
}

/// Walks `Vectors` times as many paths as Real has lanes through months 1..`months` and on to the end of a block.
/// `revenue[v].put(m, noise, growth)` gets the sum of base_t (G_t - 1) over the first m months, and G_m.
template <bool Own, bool Market, bool Bridge, int Vectors, class Real, class Revenue>
CLV_HD void walk_revenue(const SubscriptionRun& run, const SubscriptionCustomer& customer,
                         const RevenueNoise<Real>* draws, int months, const LoadPaths<Real>* load, Revenue* revenue) {
    // Vectors make all steps first. A thread of a GPU makes them as it goes; other threads fill its waits.
    constexpr bool steps_first = Own && lane::Types<Real>::lanes > 1;
    Real own_steps[steps_first ? revenue_blocks(max_horizon_months) : 1][Vectors][4];
    const int blocks = revenue_blocks(months);
    if constexpr (steps_first) {
        make_all_blocks<Bridge, Vectors>(run, customer, draws, blocks, own_steps);
    }
    const Real market_step(customer.market_step);
    const Real drift(customer.drift);
    Real drifted(0.0F);  // with a bridge: drift so far
    Real walk[Vectors];  // log2 of growth; with a bridge the own walk itself, in steps
    Real noise[Vectors];
    CLV_UNROLL
    for (int v = 0; v < Vectors; ++v) {
        walk[v] = Real(0.0F);
        noise[v] = Real(0.0F);
        revenue[v].put(0, noise[v], Real(1.0F));
        revenue[v].put(1, noise[v], Real(1.0F));
    }
    for (int block = 0; block < blocks; ++block) {
        const auto& own = own_steps[steps_first ? block : 0];
        if constexpr (Own && !steps_first) {
            CLV_UNROLL
            for (int v = 0; v < Vectors; ++v) {
                make_block<Bridge>(run, customer, draws[v], block, own_steps[0][v]);
            }
        }
        CLV_UNROLL
        for (int step = 0; step < 4; ++step) {
            const int month = 2 + 4 * block + step;
            if constexpr (Bridge) {
                drifted = drifted + drift;
            }
            CLV_UNROLL
            for (int v = 0; v < Vectors; ++v) {
                Real growth(1.0F);
                if constexpr (Own || Market) {
                    Real exponent;
                    if constexpr (Bridge) {
                        const BridgeStep& towards = run.bridge.step[month - 2];
                        walk[v] = bridge_step(towards, walk[v], anchor_of(towards, draws[v].anchors), own[v][step]);
                        exponent = lane::fused(draws[v].own_step, walk[v], Real(0.0F) - drifted);
                    } else {
                        walk[v] = Own ? lane::fused(draws[v].own_step, own[v][step], walk[v]) : walk[v] - drift;
                        exponent = walk[v];
                    }
                    if constexpr (Market) {
                        exponent = lane::fused(market_step, load[v](run.market, month), exponent);
                    }
                    growth = exp2(exponent);
                    noise[v] = lane::fused(Real(customer.discounted_revenue[month - 1]), growth - Real(1.0F), noise[v]);
                }
                revenue[v].put(month, noise[v], growth);
            }
        }
    }
}

/// One path, or one vector of paths, in the variant that run and customer need.
template <class Real, class Revenue>
CLV_HD void walk_revenue(const SubscriptionRun& run, const SubscriptionCustomer& customer,
                         const RevenueNoise<Real>& noise, int months, const LoadPaths<Real>& load, Revenue& revenue) {
    const bool market = customer.market_step != 0.0F;
    if (customer.own_step == 0.0F) {
        if (market) {
            walk_revenue<false, true, false, 1, Real>(run, customer, &noise, months, &load, &revenue);
        } else {
            walk_revenue<false, false, false, 1, Real>(run, customer, &noise, months, &load, &revenue);
        }
    } else if (run.points == PathPoints::sobol) {
        if (market) {
            walk_revenue<true, true, true, 1, Real>(run, customer, &noise, months, &load, &revenue);
        } else {
            walk_revenue<true, false, true, 1, Real>(run, customer, &noise, months, &load, &revenue);
        }
    } else if (market) {
        walk_revenue<true, true, false, 1, Real>(run, customer, &noise, months, &load, &revenue);
    } else {
        walk_revenue<true, false, false, 1, Real>(run, customer, &noise, months, &load, &revenue);
    }
}

/// The point of the market of a path, with the second coordinate in as many strata as the path's block has points in a
/// replicate, rising with the path. Neighbouring paths have similar markets, and a customer's neighbouring points are
/// spread over every coordinate: so the two together fill their space evenly, though nothing ties customers to each
/// other.
CLV_HD ScrambledPoint<std::uint32_t, sobol_dimensions> market_point(const SubscriptionRun& run, std::uint32_t path) {
    const std::uint32_t first_of_block = path - path % run.block_paths;
    const std::uint32_t left = run.paths - first_of_block;
    const std::uint32_t strata = point_of(left < run.block_paths ? left : run.block_paths);
    const std::uint32_t stratum = point_of(path - first_of_block);
    const auto seeds = scramble_seeds<sobol_dimensions>(run.first_path, path, 0U, 0U, run.key);
    auto point = scrambled_point(seeds, point_of(path));
    point.word[1] =
        static_cast<std::uint32_t>((static_cast<std::uint64_t>(stratum) << 32 | std::uint64_t{point.word[1]}) / strata);
    return point;
}

/// Standard monthly steps of the market walk of path `path` of the run, summed: F in units of sqrt(1/12), 0 in month 1.
/// Calls `store(month, walk)` for months 1..horizon.
template <class Store>
CLV_HD void market_walk(const SubscriptionRun& run, std::uint32_t path, Store store) {
    const bool has_anchors = run.points != PathPoints::independent;
    AnchorWalk<float> anchors{};
    if (has_anchors) {
        anchors = anchors_of<float>(run.bridge, market_point(run, path));
    }
    float walk = 0.0F;
    float normals[4] = {0.0F, 0.0F, 0.0F, 0.0F};
    store(1, walk);
    for (int month = 2; month <= run.horizon_months; ++month) {
        const int step = month - 2;
        if (step % 4 == 0) {
            const auto block =
                philox<std::uint32_t>(draw_address(Purpose::market, static_cast<std::uint32_t>(step / 4)),
                                      run.first_path + path, 0U, 0U, run.key.round[0][0], run.key.round[0][1]);
            const auto early = normal_pair<float>(block.word[0], block.word[1]);
            const auto late = normal_pair<float>(block.word[2], block.word[3]);
            normals[0] = early.first;
            normals[1] = early.second;
            normals[2] = late.first;
            normals[3] = late.second;
        }
        const BridgeStep& towards = run.bridge.step[step];
        walk = has_anchors ? bridge_step(towards, walk, anchor_of(towards, anchors), normals[step % 4])
                           : walk + normals[step % 4];
        store(month, walk);
    }
}

}  // namespace clv
