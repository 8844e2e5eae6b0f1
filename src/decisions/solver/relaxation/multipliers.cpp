#include "multipliers.hpp"

#include <ClpEventHandler.hpp>
#include <ClpSimplex.hpp>
#include <CoinPackedVector.hpp>
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>

#include "clv/core/errors.hpp"
#include "clv/core/progress.hpp"

namespace clv::decisions {

namespace {

/// Ends a solution of Clp that goes round in circles, or that the user wants to stop.
class EventLimit final : public ClpEventHandler {
  public:
    explicit EventLimit(std::int64_t* left) : left_(left) {}
    [[nodiscard]] ClpEventHandler* clone() const override { return new EventLimit(*this); }
    int event(Event) override {
        constexpr int go_on = -1;
        return --*left_ < 0 || is_interrupted() ? 0 : go_on;
    }

  private:
    static bool is_interrupted() {
        try {
            throw_if_interrupted();
        } catch (const Interrupted&) {
            return true;
        }
        return false;
    }
    std::int64_t* left_;
};

/// The lower model: the largest of the cutting planes, minimised within a box by Clp. Unknowns are prices in scales and
/// the model's value against that at the centre, in thousandths, which keeps the solver's tolerances far below ours.
class CuttingPlanes {
  public:
    CuttingPlanes(const std::vector<double>& scale, double unit) : scale_(scale), unit_(unit) {
        const EventLimit limit(&events_left_);
        lp_.passInEventHandler(&limit);
        lp_.setLogLevel(0);
        lp_.setPrimalTolerance(1.0e-9);
        lp_.setDualTolerance(1.0e-9);
        lp_.resize(0, static_cast<int>(scale.size()) + 1);
        const int value = static_cast<int>(scale.size());
        lp_.setColumnBounds(value, -COIN_DBL_MAX, COIN_DBL_MAX);
        lp_.setObjectiveCoefficient(value, 1.0);
    }

    /// value >= value of the point + slope x (prices - its prices)
    void add(const DualPoint& point, double reference) {
        CoinPackedVector row;
        double constant = point.value - reference;
        for (std::size_t j = 0; j < scale_.size(); ++j) {
            constant -= point.slope[j] * point.prices[j];
            const double coefficient = point.slope[j] * scale_[j] / unit_;
            if (coefficient != 0.0) {
                row.insert(static_cast<int>(j), -coefficient);
            }
        }
        row.insert(static_cast<int>(scale_.size()), 1.0);
        lp_.addRow(row.getNumElements(), row.getIndices(), row.getElements(), constant / unit_, COIN_DBL_MAX);
    }

    struct Step {
        std::vector<double> prices;
        double value;  ///< of the model, against the reference
        bool is_solved;
    };
    [[nodiscard]] Step minimise(std::span<const double> lowest, std::span<const double> highest) {
        for (std::size_t j = 0; j < scale_.size(); ++j) {
            lp_.setColumnBounds(static_cast<int>(j), lowest[j] / scale_[j], highest[j] / scale_[j]);
        }
        constexpr std::int64_t most_events = 20'000;
        constexpr int most_iterations = 10'000;
        lp_.setMaximumIterations(most_iterations);
        events_left_ = most_events;
        lp_.dual();
        if (lp_.status() != 0) {
            events_left_ = most_events;
            lp_.primal();
        }
        throw_if_interrupted();
        Step step{{}, lp_.objectiveValue() * unit_, lp_.status() == 0};
        const double* solution = lp_.primalColumnSolution();
        for (std::size_t j = 0; j < scale_.size(); ++j) {
            step.prices.push_back(std::clamp(solution[j] * scale_[j], lowest[j], highest[j]));
        }
        return step;
    }

  private:
    const std::vector<double>& scale_;
    double unit_;
    std::int64_t events_left_ = 0;
    ClpSimplex lp_;
};

}  // namespace

DualMinimum minimise_dual(const DualFunction& dual, const DualSearch& search) {
    constexpr double enough_descent = 0.1;
    constexpr double good_descent = 0.5;
    DualMinimum best{dual(search.start), false, 1};
    const double reference = best.point.value;
    const double magnitude = std::max({search.magnitude, std::abs(reference), 1.0e-6});
    const double unit = 1.0e-3 * magnitude;
    CuttingPlanes model(search.scale, unit);
    model.add(best.point, reference);
    const std::size_t sides = search.start.size();
    std::vector<double> lowest(sides);
    std::vector<double> highest(sides);
    double radius = search.radius;
    while (best.evaluations < search.most_evaluations) {
        throw_if_interrupted();
        bool is_held = false;  // by the trust region
        for (std::size_t j = 0; j < sides; ++j) {
            lowest[j] = std::max(search.lowest[j], best.point.prices[j] - radius * search.scale[j]);
            highest[j] = std::min(search.highest[j], best.point.prices[j] + radius * search.scale[j]);
        }
        const CuttingPlanes::Step step = model.minimise(lowest, highest);
        for (std::size_t j = 0; j < sides; ++j) {
            const double hold = 1.0e-6 * radius * search.scale[j];
            is_held |= (step.prices[j] < lowest[j] + hold && lowest[j] > search.lowest[j]) ||
                       (step.prices[j] > highest[j] - hold && highest[j] < search.highest[j]);
        }
        if (!step.is_solved) {
            break;  // the best prices so far prove a bound all the same
        }
        const double expected = best.point.value - reference - step.value;
        if (expected <= search.tolerance * std::max(std::abs(best.point.value), unit)) {
            if (!is_held) {
                best.is_minimum = true;
                break;
            }
            radius *= 4.0;
            if (!std::isfinite(radius)) {
                break;
            }
            continue;
        }
        DualPoint next = dual(step.prices);
        ++best.evaluations;
        model.add(next, reference);
        const double descent = best.point.value - next.value;
        if (descent >= good_descent * expected && is_held) {
            radius *= 2.0;
        } else if (descent < -expected) {
            radius *= 0.5;
        }
        if (descent >= enough_descent * expected || (descent > 0.0 && expected < 1.0e-7 * magnitude)) {
            best.point = std::move(next);
        }
    }
    return best;
}

}  // namespace clv::decisions
