#include "single_column.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <vector>

namespace clv {

namespace {

struct Scored {
    double score;
    std::int8_t outcome;
};

/// Ties count half.
double auc(std::vector<Scored>& scored) {
    std::ranges::sort(scored, {}, &Scored::score);
    double below = 0.0;
    double pairs = 0.0;
    double positives = 0.0;
    for (std::size_t begin = 0; begin < scored.size();) {
        std::size_t end = begin;
        double yes = 0.0;
        for (; end < scored.size() && scored[end].score == scored[begin].score; ++end) {
            yes += scored[end].outcome;
        }
        const double no = static_cast<double>(end - begin) - yes;
        pairs += yes * (below + 0.5 * no);
        below += no;
        positives += yes;
        begin = end;
    }
    return positives == 0.0 || below == 0.0 ? 0.5 : pairs / (positives * below);
}

}  // namespace

double auc_of_column(std::span<const float> values, const LearnedColumn& column, const Outcomes& outcomes,
                     std::span<const std::uint64_t> id_hash) {
    std::vector<Scored> scored;
    scored.reserve(values.size());
    if (column.kind == FeatureKind::number) {
        for (std::size_t i = 0; i < values.size(); ++i) {
            if (outcomes[i] != unknown_outcome) {
                const double value = std::isnan(values[i]) ? -HUGE_VAL : static_cast<double>(values[i]);
                scored.push_back({value, outcomes[i]});
            }
        }
        const double rising = auc(scored);
        return std::max(rising, 1.0 - rising);
    }
    const std::size_t blank = column.levels.size();
    const auto level_of = [&](std::size_t i) {
        return std::isnan(values[i]) ? blank : static_cast<std::size_t>(values[i]);
    };
    std::array<std::vector<std::array<double, 2>>, 2> counts;  // [half][level]: customers, of whom yes
    counts.fill(std::vector<std::array<double, 2>>(blank + 1));
    double yes = 0.0;
    double known = 0.0;
    for (std::size_t i = 0; i < values.size(); ++i) {
        if (outcomes[i] != unknown_outcome) {
            auto& [customers, of_whom] = counts[id_hash[i] & 1][level_of(i)];
            customers += 1.0;
            of_whom += outcomes[i];
            known += 1.0;
            yes += outcomes[i];
        }
    }
    const double share = known > 0.0 ? yes / known : 0.0;
    for (std::size_t i = 0; i < values.size(); ++i) {
        if (outcomes[i] != unknown_outcome) {
            const auto& [customers, of_whom] = counts[1 - (id_hash[i] & 1)][level_of(i)];
            scored.push_back({(of_whom + share) / (customers + 1.0), outcomes[i]});
        }
    }
    return std::max(0.5, auc(scored));
}

}  // namespace clv
