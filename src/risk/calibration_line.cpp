#include "calibration_line.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "clv/core/host_device.hpp"
#include "clv/core/instruction_clones.hpp"
#include "clv/random/elementary.hpp"

namespace clv {

namespace {

/// Slope of the log-likelihood and its curvature, the other way round.
struct Curvature {
    double slope_0 = 0.0;
    double slope_1 = 0.0;
    double bend_00 = 0.0;
    double bend_01 = 0.0;
    double bend_11 = 0.0;

    CLV_HD void add(double x, std::int32_t all, std::int32_t events, double probability) {
        const double expected = all * probability;
        const double residual = events - expected;
        const double bend = expected * (1.0 - probability);
        slope_0 += residual;
        slope_1 += residual * x;
        bend_00 += bend;
        bend_01 += bend * x;
        bend_11 += bend * x * x;
    }
};

CLV_HD double logistic_of(double log_odds) {
    return 1.0 / (1.0 + elementary::exp(-log_odds));
}

CLV_FMA_CLONES Curvature curvature_at(CalibrationLine line, const double* x, const std::int32_t* all,
                                      const std::int32_t* events, std::size_t groups) {
    Curvature curvature;
    for (std::size_t g = 0; g < groups; ++g) {
        curvature.add(x[g], all[g], events[g], logistic_of(line.intercept + line.slope * x[g]));
    }
    return curvature;
}

/// Whether no customer without the event is ranked above one who has it, or the other way round, equal probabilities
/// allowed: the likelihood then has no maximum.
bool are_separated(const ClassCounts& counts) {
    const std::size_t groups = counts.all.size();
    std::size_t first_event = groups;
    std::size_t first_other = groups;
    std::size_t last_event = 0;
    std::size_t last_other = 0;
    for (std::size_t g = 0; g < groups && (first_event == groups || first_other == groups); ++g) {
        first_event = counts.events[g] > 0 ? std::min(first_event, g) : first_event;
        first_other = counts.all[g] > counts.events[g] ? std::min(first_other, g) : first_other;
    }
    if (first_event == groups || first_other == groups) {
        return true;
    }
    for (std::size_t g = groups; g-- > 0 && (last_event == 0 || last_other == 0);) {
        last_event = counts.events[g] > 0 ? std::max(last_event, g) : last_event;
        last_other = counts.all[g] > counts.events[g] ? std::max(last_other, g) : last_other;
    }
    return last_event <= first_other || last_other <= first_event;
}

CalibrationLine newton_step(const Curvature& here) {
    const double centre = here.bend_01 / here.bend_00;
    const double slope = (here.slope_1 - centre * here.slope_0) / (here.bend_11 - centre * here.bend_01);
    return {here.slope_0 / here.bend_00 - centre * slope, slope};
}

/// Derivative of the log-likelihood along a step. Of a Newton step where it begins: the square of its length in
/// standard errors.
double rise_along(const Curvature& here, CalibrationLine step) {
    return here.slope_0 * step.intercept + here.slope_1 * step.slope;
}

CalibrationLine after(CalibrationLine at, CalibrationLine step, double share) {
    return {at.intercept + share * step.intercept, at.slope + share * step.slope};
}

constexpr CalibrationLine no_line{std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::quiet_NaN()};

}  // namespace

CalibrationFit::CalibrationFit(std::vector<double> logits, const ClassCounts& counts) : logits_(std::move(logits)) {
    double sum = 0.0;
    double customers = 0.0;
    for (std::size_t g = 0; g < logits_.size(); ++g) {
        sum += counts.all[g] * logits_[g];
        customers += counts.all[g];
    }
    mean_logit_ = sum / customers;
    for (double& logit : logits_) {
        logit -= mean_logit_;
    }
    line_ = fit(counts, {mean_logit_, 1.0}, false, 1e-9);
    fitted_.resize(logits_.size());
    std::ranges::transform(logits_, fitted_.begin(),
                           [this](double x) { return logistic_of(line_.intercept + line_.slope * x); });
}

CalibrationLine CalibrationFit::line() const {
    return {line_.intercept - line_.slope * mean_logit_, line_.slope};
}

CalibrationLine CalibrationFit::line_of(const ClassCounts& counts) const {
    // convergence is quadratic: what is left after the last step is much smaller than it
    const CalibrationLine found = std::isnan(line_.slope) ? no_line : fit(counts, line_, true, 0.03);
    return {found.intercept - found.slope * mean_logit_, found.slope};
}

CalibrationLine CalibrationFit::fit(const ClassCounts& counts, CalibrationLine at, bool from_fitted,
                                    double settled) const {
    constexpr int most_steps = 100;
    if (are_separated(counts)) {
        return no_line;
    }
    const auto curvature_of = [&](CalibrationLine line) {
        return curvature_at(line, logits_.data(), counts.all.data(), counts.events.data(), logits_.size());
    };
    Curvature here;
    if (from_fitted) {
        for (std::size_t g = 0; g < logits_.size(); ++g) {
            here.add(logits_[g], counts.all[g], counts.events[g], fitted_[g]);
        }
    } else {
        here = curvature_of(at);
    }
    for (int count = 0; count < most_steps; ++count) {
        const CalibrationLine step = newton_step(here);
        const double errors = std::sqrt(std::max(0.0, rise_along(here, step)));
        const double move = std::max(std::abs(step.intercept + step.slope * logits_.front()),
                                     std::abs(step.intercept + step.slope * logits_.back()));
        if (!std::isfinite(move) || !std::isfinite(errors)) {
            break;
        }
        if (errors <= settled && move <= 1.0) {
            return after(at, step, 1.0);
        }
        const double safe_share = move <= 1.0 ? 1.0 : elementary::log1p(move) / move;
        double share = 1.0;
        Curvature there = curvature_of(after(at, step, share));
        while (share > safe_share && !(rise_along(there, step) >= 0.0)) {
            share = std::max(safe_share, 0.5 * share);
            there = curvature_of(after(at, step, share));
        }
        at = after(at, step, share);
        here = there;
    }
    return no_line;
}

}  // namespace clv
