#pragma once
// How a customer's revenue wanders around its expectation. Discounted revenue is its expectation, a table in double,
// plus noise in float, the sum of base_t (G_t - 1): without volatility the result is the table's.

#include "clv/paths/subscription_lifetime.hpp"
#include "clv/random/inverse_normal.hpp"

namespace clv {

/// The months that walk_revenue visits come in blocks of four after the first: tables by month need this many entries
/// more than the horizon has months.
inline constexpr int month_padding = 3;

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
    /// The same for one number of months, which is garbage in paths that did not get as far.
    [[nodiscard]] CLV_HD Real noise_after(int months) const { return noise_[months]; }
    /// G_t of months 1.. that were walked.
    [[nodiscard]] CLV_HD Real growth(int month) const { return growth_[month]; }

  private:
    Real noise_[max_horizon_months + 1 + month_padding];
    Real growth_[max_horizon_months + 1 + month_padding];
};

/// Random words of four standard normals of one customer and path: the steps of the own walk into months
/// 2 + 4k .. 5 + 4k.
template <class Real>
CLV_HD PhiloxBlock<typename lane::Types<Real>::Word> revenue_words(const SubscriptionRun& run,
                                                                   const SubscriptionCustomer& customer,
                                                                   std::uint32_t k,
                                                                   typename lane::Types<Real>::Word path_address) {
    return philox_paths(draw_address(Purpose::revenue, k), path_address, customer.id_low, customer.id_high, run.key_low,
                        run.key_high);
}

/// Noise of a vector of paths: whose draws they take, with which sign, and for PathPoints::sobol towards which anchors.
template <class Real>
struct RevenueNoise {
    typename lane::Types<Real>::Word address;
    Real own_step;  ///< log2 of revenue per standard monthly step
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

/// `path` counts from 0 in the run.
template <class Real>
CLV_HD RevenueNoise<Real> revenue_noise(const SubscriptionRun& run, const SubscriptionCustomer& customer,
                                        typename lane::Types<Real>::Word path,
                                        const PathSeeds<typename lane::Types<Real>::Word>& seeds) {
    using Word = typename lane::Types<Real>::Word;
    RevenueNoise<Real> noise{Word(run.first_path) + path, Real(customer.own_step), {}};
    if (run.points == PathPoints::stratified) {
        noise.address = Word(run.first_path) + antithetic_path(path);
        noise.own_step = with_sign(noise.own_step, antithetic_sign(path));
    } else if (run.points == PathPoints::sobol) {
        noise.anchors = anchors_of<Real>(run.bridge, scrambled_point(seeds, point_of(path)));
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

/// Walks `Vectors` times as many paths as Real has lanes through months 1..`months` and on to the end of a block.
/// `revenue[v].put(m, noise, growth)` gets the sum of base_t (G_t - 1) over the first m months, and G_m.
template <bool Own, bool Market, bool Bridge, int Vectors, class Real, class Revenue>
CLV_HD void walk_revenue(const SubscriptionRun& run, const SubscriptionCustomer& customer,
                         const RevenueNoise<Real>* draws, int months, const LoadPaths<Real>* load, Revenue* revenue) {
    using Word = typename lane::Types<Real>::Word;
    const Real market_step(customer.market_step);
    const Real drift(customer.drift);
    Real drifted(0.0F);  // drift so far
    Real walk[Vectors];  // own walk minus drift, in log2 of revenue; with a bridge the walk itself, in steps
    Real noise[Vectors];
    // The next block's random words are made before this block's months, which wait for their normals meanwhile.
    PhiloxBlock<Word> words[Vectors];
    std::uint32_t k = 0;
    CLV_UNROLL
    for (int v = 0; v < Vectors; ++v) {
        walk[v] = Real(0.0F);
        noise[v] = Real(0.0F);
        revenue[v].put(0, noise[v], Real(1.0F));
        revenue[v].put(1, noise[v], Real(1.0F));
        if constexpr (Own) {
            words[v] = revenue_words<Real>(run, customer, k, draws[v].address);
        }
    }
    for (int first = 2; first <= months; first += 4) {
        Real normal[Vectors][4];
        ++k;
        CLV_UNROLL
        for (int v = 0; v < Vectors; ++v) {
            if constexpr (Own) {
                const auto early = normal_pair<Real>(words[v].word[0], words[v].word[1]);
                const auto late = normal_pair<Real>(words[v].word[2], words[v].word[3]);
                normal[v][0] = early.first;
                normal[v][1] = early.second;
                normal[v][2] = late.first;
                normal[v][3] = late.second;
                if (first + 4 <= months) {
                    words[v] = revenue_words<Real>(run, customer, k, draws[v].address);
                }
            }
        }
        CLV_UNROLL
        for (int step = 0; step < 4; ++step) {
            const int month = first + step;
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
                        walk[v] = bridge_step(towards, walk[v], anchor_of(towards, draws[v].anchors), normal[v][step]);
                        exponent = lane::fused(draws[v].own_step, walk[v], Real(0.0F) - drifted);
                    } else {
                        if constexpr (Own) {
                            walk[v] = lane::fused(draws[v].own_step, normal[v][step], walk[v]);
                        }
                        walk[v] = walk[v] - drift;
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

/// The same for one vector or path, in the variant that run and customer need.
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
    const auto seeds = scramble_seeds<sobol_dimensions>(run.first_path, path, 0U, 0U, run.key_low, run.key_high);
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
                                      run.first_path + path, 0U, 0U, run.key_low, run.key_high);
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
