#include "clv/risk/forecast_scores.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <stdexcept>

namespace clv {

double sorted_quantile(std::span<const double> sorted, double level) {
    const auto rank = static_cast<std::size_t>(std::ceil(level * static_cast<double>(sorted.size()) - 1e-9));
    return sorted[std::clamp<std::size_t>(rank, 1, sorted.size()) - 1];
}

namespace {

ForecastScore score_sorted(const std::vector<double>& sorted, double actual, double uniform) {
    if (sorted.empty()) {
        throw std::invalid_argument("a forecast without paths has no score");
    }
    const auto count = static_cast<double>(sorted.size());
    ForecastScore score;
    score.actual = actual;
    score.mean = std::accumulate(sorted.begin(), sorted.end(), 0.0) / count;
    score.low = sorted_quantile(sorted, 0.05);
    score.high = sorted_quantile(sorted, 0.95);
    const auto [first, last] = std::ranges::equal_range(sorted, actual);
    const auto below = static_cast<double>(first - sorted.begin());
    const auto until = static_cast<double>(last - sorted.begin());
    score.pit = (below + uniform * (until - below)) / count;
    if (below == until) {  // the truth lies between two paths, and may be anywhere in the gap
        score.pit = (below + uniform) / (count + 1.0);
    }
    // between neighbours the distribution function is i / N: add up (i / N - 1{y <= z})^2 over the gaps
    double crps = std::max(0.0, sorted.front() - actual) + std::max(0.0, actual - sorted.back());
    for (std::size_t i = 1; i < sorted.size(); ++i) {
        const double share = static_cast<double>(i) / count;
        const double before = std::clamp(actual, sorted[i - 1], sorted[i]) - sorted[i - 1];
        const double after = sorted[i] - sorted[i - 1] - before;
        crps += share * share * before + (1.0 - share) * (1.0 - share) * after;
    }
    score.crps = crps;
    return score;
}

}  // namespace

ForecastScore score_counts(std::span<const std::uint32_t> paths, std::uint32_t actual, double uniform) {
    std::vector<std::size_t> tally;  // [count]: paths, of counts below the number of paths
    std::vector<double> sorted;
    std::vector<double> large;
    for (const std::uint32_t count : paths) {
        if (count >= paths.size()) {
            large.push_back(count);
            continue;
        }
        tally.resize(std::max<std::size_t>(tally.size(), count + std::size_t{1}));
        ++tally[count];
    }
    for (std::size_t count = 0; count < tally.size(); ++count) {
        sorted.insert(sorted.end(), tally[count], static_cast<double>(count));
    }
    std::ranges::sort(large);
    sorted.insert(sorted.end(), large.begin(), large.end());
    return score_sorted(sorted, static_cast<double>(actual), uniform);
}

ForecastScore score_values(std::span<const double> paths, double actual, double uniform) {
    std::vector<double> sorted(paths.begin(), paths.end());
    std::ranges::sort(sorted);
    return score_sorted(sorted, actual, uniform);
}

double band_coverage(std::span<const ForecastScore> scores, double level) {
    const auto held = std::ranges::count_if(
        scores, [level](const ForecastScore& score) { return std::abs(score.pit - 0.5) <= 0.5 * level; });
    return static_cast<double>(held) / static_cast<double>(scores.size());
}

std::vector<double> pit_histogram(std::span<const ForecastScore> scores, std::size_t bins) {
    std::vector<double> shares(bins, 0.0);
    for (const ForecastScore& score : scores) {
        const auto bin = static_cast<std::size_t>(score.pit * static_cast<double>(bins));
        shares[std::min(bin, bins - 1)] += 1.0 / static_cast<double>(scores.size());
    }
    return shares;
}

double mean_crps(std::span<const ForecastScore> scores) {
    double sum = 0.0;
    for (const ForecastScore& score : scores) {
        sum += score.crps;
    }
    return sum / static_cast<double>(scores.size());
}

double mean_absolute_error(std::span<const double> forecast, std::span<const ForecastScore> scores) {
    double sum = 0.0;
    for (std::size_t i = 0; i < scores.size(); ++i) {
        sum += std::abs(forecast[i] - scores[i].actual);
    }
    return sum / static_cast<double>(scores.size());
}

double interval_score(double low, double high, double actual, double level) {
    const double penalty = 2.0 / (1.0 - level);
    return high - low + penalty * std::max(0.0, low - actual) + penalty * std::max(0.0, actual - high);
}

}  // namespace clv
