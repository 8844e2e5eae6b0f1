#include "likelihood_draws.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <numeric>
#include <utility>

#include "clv/core/parallel.hpp"
#include "clv/core/progress.hpp"
#include "clv/math/cholesky.hpp"
#include "clv/math/log_maximum.hpp"
#include "clv/random/philox.hpp"

namespace clv {
namespace {

constexpr double impossible = -std::numeric_limits<double>::infinity();
constexpr double farthest = 13.8;  ///< of a coordinate from its middle: a factor of a million

double bounded(const FreeLikelihood& likelihood, const Point& at) {
    for (const double coordinate : at) {
        if (!(std::abs(coordinate) <= farthest + 0.1)) {
            return impossible;
        }
    }
    const double value = likelihood(at);
    return std::isfinite(value) ? value : impossible;
}

/// Of the standard logistic distribution.
double log_prior(const Point& at) {
    double sum = 0.0;
    for (const double coordinate : at) {
        const double size = std::abs(coordinate);
        sum -= size + 2.0 * std::log1p(std::exp(-size));
    }
    return sum;
}

/// The value, with the gradient by central differences.
Hill hill_of(const FreeLikelihood& density) {
    return [&density](const Point& at, Point* gradient) {
        constexpr double step = 1.0e-4;
        if (gradient != nullptr) {
            gradient->assign(at.size(), 0.0);
            for (std::size_t i = 0; i < at.size(); ++i) {
                Point moved = at;
                moved[i] = at[i] + step;
                const double up = density(moved);
                moved[i] = at[i] - step;
                const double slope = (up - density(moved)) / (2.0 * step);
                (*gradient)[i] = std::isfinite(slope) ? slope : 0.0;
            }
        }
        const double value = density(at);
        return std::isfinite(value) ? value : -1.0e300;
    };
}

/// Minus the second differences of a density.
Eigen::MatrixXd information_of(const FreeLikelihood& density, const Point& at) {
    constexpr double step = 0.02;
    const auto size = static_cast<Eigen::Index>(at.size());
    Eigen::MatrixXd result(size, size);
    const auto moved = [&](std::size_t i, double by_i, std::size_t j, double by_j) {
        Point to = at;
        to[i] += by_i * step;
        to[j] += by_j * step;
        return density(to);
    };
    for (std::size_t i = 0; i < at.size(); ++i) {
        for (std::size_t j = 0; j <= i; ++j) {
            const double second =
                i == j ? moved(i, 1, i, 0) - 2.0 * density(at) + moved(i, -1, i, 0)
                       : 0.25 * (moved(i, 1, j, 1) - moved(i, 1, j, -1) - moved(i, -1, j, 1) + moved(i, -1, j, -1));
            const double entry = -second / (step * step);
            result(static_cast<Eigen::Index>(i), static_cast<Eigen::Index>(j)) = entry;
            result(static_cast<Eigen::Index>(j), static_cast<Eigen::Index>(i)) = entry;
        }
    }
    return result;
}

Box box_around(std::size_t size) {
    return {Point(size, -farthest), Point(size, farthest)};
}

/// Near enough to the top for a proposal or a ratio of likelihoods.
Peak highest(const FreeLikelihood& density, std::vector<Point> starts) {
    for (Point& start : starts) {
        for (double& coordinate : start) {
            coordinate = std::clamp(coordinate, -0.5 * farthest, 0.5 * farthest);
        }
    }
    return climb(hill_of(density), starts, box_around(starts.front().size()),
                 {.least_step = 1.0e-4, .least_gain = 1.0e-6, .most_values = 100});
}

/// Standard normals of proposal `k` (Box, Muller 1958).
std::vector<double> normals(std::size_t count, std::size_t k, std::uint64_t seed) {
    constexpr double unit = 0x1p-32;
    std::vector<double> normal;
    for (std::uint32_t pair = 0; normal.size() < count; ++pair) {
        const PhiloxBlock<std::uint32_t> block =
            philox<std::uint32_t>(draw_address(Purpose::parameters, pair), static_cast<std::uint32_t>(k), 0, 0,
                                  static_cast<std::uint32_t>(seed), static_cast<std::uint32_t>(seed >> 32));
        const double radius = std::sqrt(-2.0 * std::log((block.word[0] + 0.5) * unit));
        const double angle = 2.0 * std::numbers::pi * (block.word[1] + 0.5) * unit;
        normal.push_back(radius * std::cos(angle));
        normal.push_back(radius * std::sin(angle));
    }
    return normal;
}

/// Student's t distribution with a few degrees of freedom, whose tails are heavier than those of what is drawn.
class Proposal {
  public:
    Proposal(Point centre, const Eigen::MatrixXd& covariance)
        : centre_(std::move(centre)), root_(factorise_covariance(covariance)) {
        for (Eigen::Index i = 0; i < root_.rows(); ++i) {
            root_(i, i) = std::max(root_(i, i), least_spread);
        }
    }

    struct Drawn {
        Point at;
        double log_density = 0.0;  ///< up to what all have in common
    };
    /// Draw `k` of round `round`.
    [[nodiscard]] Drawn draw(std::size_t k, std::uint64_t round) const {
        const std::size_t size = centre_.size();
        const std::vector<double> normal = normals(size + freedom, k, seed + round);
        double chi_square = 0.0;
        for (std::size_t i = size; i < size + freedom; ++i) {
            chi_square += normal[i] * normal[i];
        }
        const double wide = std::sqrt(static_cast<double>(freedom) / chi_square);
        double square = 0.0;
        Drawn drawn{centre_, 0.0};
        for (std::size_t i = 0; i < size; ++i) {
            square += wide * wide * normal[i] * normal[i];
            for (std::size_t j = 0; j <= i; ++j) {
                drawn.at[i] += root_(static_cast<Eigen::Index>(i), static_cast<Eigen::Index>(j)) * wide * normal[j];
            }
        }
        drawn.log_density = -0.5 * static_cast<double>(freedom + size) * std::log1p(square / freedom);
        return drawn;
    }

  private:
    static constexpr std::size_t freedom = 5;
    static constexpr double least_spread = 1.0e-6;
    static constexpr std::uint64_t seed = 0x4c494b454c49484fULL;  // no run's own
    Point centre_;
    Eigen::MatrixXd root_;
};

struct Weighted {
    std::vector<Point> points;
    std::vector<double> weights;  ///< of sum 1
    double effective = 0.0;

    [[nodiscard]] bool any_is_possible() const noexcept { return effective > 0.0; }
};

Weighted weighted_draws(const FreeLikelihood& density, const Proposal& proposal, std::size_t count, std::uint64_t round,
                        int threads) {
    Weighted result{std::vector<Point>(count), std::vector<double>(count), 0.0};
    for_each_block(threads, count, [&](std::size_t /*slot*/, std::size_t k) {
        throw_if_interrupted();
        Proposal::Drawn drawn = proposal.draw(k, round);
        result.weights[k] = density(drawn.at) - drawn.log_density;
        result.points[k] = std::move(drawn.at);
    });
    const double largest = *std::ranges::max_element(result.weights);
    double sum = 0.0;
    for (double& weight : result.weights) {
        weight = std::exp(weight - largest);
        sum += weight;
    }
    double squares = 0.0;
    for (double& weight : result.weights) {
        weight /= sum;
        squares += weight * weight;
    }
    result.effective = 1.0 / squares;
    return result;
}

/// Around the weighted mean, with the weighted covariance.
Proposal fitted_to(const Weighted& draws) {
    const std::size_t size = draws.points.front().size();
    Point mean(size, 0.0);
    for (std::size_t k = 0; k < draws.points.size(); ++k) {
        for (std::size_t i = 0; i < size; ++i) {
            mean[i] += draws.weights[k] * draws.points[k][i];
        }
    }
    const auto count = static_cast<Eigen::Index>(size);
    Eigen::MatrixXd covariance = Eigen::MatrixXd::Zero(count, count);
    for (std::size_t k = 0; k < draws.points.size(); ++k) {
        for (std::size_t i = 0; i < size; ++i) {
            for (std::size_t j = 0; j < size; ++j) {
                covariance(static_cast<Eigen::Index>(i), static_cast<Eigen::Index>(j)) +=
                    draws.weights[k] * (draws.points[k][i] - mean[i]) * (draws.points[k][j] - mean[j]);
            }
        }
    }
    return {std::move(mean), covariance};
}

/// Systematic resampling in the order of `rank`: every draw stands for the same weight of its neighbours.
std::vector<Point> resampled(const Weighted& draws, const std::function<double(const Point&)>& rank) {
    std::vector<double> ranks(draws.points.size());
    std::vector<std::size_t> order(draws.points.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    for (std::size_t k = 0; k < order.size(); ++k) {
        ranks[k] = draws.weights[k] > 0.0 ? rank(draws.points[k]) : 0.0;
    }
    std::ranges::stable_sort(order, {}, [&](std::size_t k) { return ranks[k]; });
    std::vector<Point> points;
    double reached = 0.0;
    for (const std::size_t k : order) {
        reached += draws.weights[k];
        while (points.size() < likelihood_draw_count &&
               (static_cast<double>(points.size()) + 0.5) / likelihood_draw_count < reached) {
            points.push_back(draws.points[k]);
        }
    }
    points.resize(likelihood_draw_count, points.back());  // where rounding has left the sum below 1
    return points;
}

/// With the coordinate at its end and all others free.
double highest_at_end(const FreeLikelihood& likelihood, const Point& at, const OpenEnd& end) {
    const auto place = static_cast<std::ptrdiff_t>(end.coordinate);
    const FreeLikelihood pinned = [&](const Point& others) {
        Point point = others;
        point.insert(point.begin() + place, end.high ? farthest : -farthest);
        return likelihood(point);
    };
    Point others = at;
    others.erase(others.begin() + place);
    return others.empty() ? pinned(others) : highest(pinned, {others}).value;
}

}  // namespace

LikelihoodDraws draw_from_likelihood(const FreeLikelihood& likelihood, const Point& start,
                                     const std::function<double(const Point&)>& rank, int threads) {
    constexpr std::size_t first_draws = 256;
    constexpr std::size_t last_draws = 1'024;
    constexpr std::uint64_t rounds = 3;
    const FreeLikelihood density = [&](const Point& at) {
        const double value = bounded(likelihood, at);
        return value == impossible ? impossible : value + log_prior(at);
    };
    const Peak peak = highest(density, {start, Point(start.size(), 0.0)});
    const auto factor = factorise(information_of(density, peak.at));
    const auto size = static_cast<Eigen::Index>(start.size());
    Proposal proposal(peak.at, factor ? inverse_of(*factor) : Eigen::MatrixXd(Eigen::MatrixXd::Identity(size, size)));
    for (std::uint64_t round = 0; round < rounds; ++round) {
        const Weighted draws = weighted_draws(density, proposal, first_draws, round, threads);
        if (!draws.any_is_possible()) {
            break;
        }
        proposal = fitted_to(draws);
    }
    const Weighted last = weighted_draws(density, proposal, last_draws, rounds, threads);
    if (!last.any_is_possible()) {  // numbers so far apart that nothing near the peak has a likelihood
        return {std::vector<Point>(likelihood_draw_count, start), 1.0};
    }
    return {resampled(last, rank), last.effective};
}

bool is_near_normal(const FreeLikelihood& likelihood, const Point& at, const Eigen::MatrixXd& covariance) {
    constexpr double away = 2.0;  // standard deviations
    constexpr double least = 1.0;
    constexpr double most = 3.0;
    const Eigen::MatrixXd root = factorise_covariance(covariance);
    const double top = likelihood(at);
    for (Eigen::Index column = 0; column < root.cols(); ++column) {
        for (const double side : {-away, away}) {
            Point moved = at;
            for (std::size_t i = 0; i < at.size(); ++i) {
                moved[i] += side * root(static_cast<Eigen::Index>(i), column);
            }
            const double fall = top - likelihood(moved);
            if (!(fall >= least && fall <= most)) {
                return false;
            }
        }
    }
    return true;
}

std::vector<OpenEnd> open_ends(const FreeLikelihood& likelihood, Point at, Eigen::MatrixXd covariance) {
    constexpr double well_known = 0.5;  // standard deviation of a coordinate
    for (double& coordinate : at) {
        coordinate = std::clamp(coordinate, -farthest, farthest);
    }
    const FreeLikelihood inside = [&](const Point& point) { return bounded(likelihood, point); };
    if (covariance.size() == 0) {
        if (const auto factor = factorise(information_of(inside, at))) {
            covariance = inverse_of(*factor);
        }
    }
    const double top = inside(at);
    std::vector<OpenEnd> ends;
    for (std::size_t i = 0; i < at.size(); ++i) {
        const auto index = static_cast<Eigen::Index>(i);
        const double sd = covariance.size() > 0 ? std::sqrt(covariance(index, index)) : HUGE_VAL;
        if (sd < well_known) {
            continue;
        }
        const double low = top - highest_at_end(inside, at, {i, false});
        const double high = top - highest_at_end(inside, at, {i, true});
        const double excused = sd > largest_log_sd ? std::min(low, high) : -HUGE_VAL;  // the nearer end at least
        if (low <= std::max(largest_loss_at_limit, excused)) {
            ends.push_back({i, false});
        }
        if (high <= std::max(largest_loss_at_limit, excused)) {
            ends.push_back({i, true});
        }
    }
    return ends;
}

}  // namespace clv
