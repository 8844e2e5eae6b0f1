#include <algorithm>
#include <cmath>
#include <vector>

#include "clv/paths/subscription_revenue.hpp"
#include "clv/random/elementary.hpp"
#include "clv/simulation/subscription_setup.hpp"

namespace clv {

namespace {

/// The hazard of every month added up, month after month; infinite after the last.
class Hazards {
  public:
    Hazards(const std::vector<float>& hazard, double multiplier, int active_months)
        : hazard_(hazard), multiplier_(multiplier), active_months_(active_months) {
        step();
    }
    /// Month, from 0, at whose end `until` is reached.
    [[nodiscard]] std::size_t month() const noexcept { return month_ - 1; }
    [[nodiscard]] double until() const noexcept { return until_; }
    void pass(double reached) {
        while (until_ <= reached) {
            step();
        }
    }

  private:
    void step() {
        if (month_ < hazard_.size()) {
            const bool active = static_cast<int>(month_) < active_months_;
            until_ += (active ? multiplier_ : 1.0) * static_cast<double>(hazard_[month_]);
        } else {
            until_ = HUGE_VAL;
        }
        ++month_;
    }
    const std::vector<float>& hazard_;
    double multiplier_;
    int active_months_;
    std::size_t month_ = 0;
    double until_ = 0.0;
};

/// Mean variance of the gain within equal strata of probability: what is left of it in the mean of one point each.
class WithinStrata {
  public:
    explicit WithinStrata(double strata) : width_(1.0 / std::min(strata, most)), scale_(std::min(1.0, most / strata)) {}

    void add(double probability, double gain) {
        while (probability > 0.0) {
            const double part = std::min(probability, width_ - filled_);
            filled_ += part;
            sum_ += part * gain;
            squares_ += part * (gain * gain);
            probability -= part;
            if (filled_ >= width_ * (1.0 - 1e-12)) {
                close();
            }
        }
    }
    [[nodiscard]] double variance() {
        close();
        return std::max(0.0, within_ * scale_);
    }

  private:
    static constexpr double most = 256.0;  // of finer ones every step has its own: twice as many, half the variance
    void close() {
        within_ += squares_ - sum_ * sum_ / width_;
        filled_ = sum_ = squares_ = 0.0;
    }
    double width_;
    double scale_;
    double filled_ = 0.0;
    double sum_ = 0.0;
    double squares_ = 0.0;
    double within_ = 0.0;
};

}  // namespace

ProfitPrior SubscriptionSetup::profit_prior(std::size_t i, const CustomerTables& tables, int alternative) const {
    constexpr double known = 0.25;
    constexpr double guessed = 1.0;
    const SubscriptionRun& run = run_of(i);
    const ActionLaw& action = run.actions[alternative - 1];
    const MultiplierLaw& hazard = action.multiplier(MultiplierKind::hazard);
    Hazards plain(tables.hazard, 1.0, 0);
    Hazards kept(tables.hazard, hazard.median, action.duration_months);
    const std::size_t months = tables.hazard.size();
    const double* without = tables.value.data();
    const double* with = without + (months + 1) * static_cast<std::size_t>(alternative);
    double margin = 0.0;  // that the table leaves to the paths
    if (!action.has_certain_revenue()) {
        margin = active_margin_of(action, columns_.margin[i], action.multiplier(MultiplierKind::revenue).median,
                                  action.multiplier(MultiplierKind::price).median);
    }
    const auto paid = [&](std::size_t ended) {  // months, of who leaves in month ended + 1, or never
        return ended < months && run.pays_in_churn_month ? ended + 1 : ended;
    };
    const auto active = static_cast<std::size_t>(action.duration_months);

    // Both churn months are steps of one exponential draw: from one step of either to the next the gain is one number.
    GainMoments moments;
    const bool spread = run.points != PathPoints::independent;
    WithinStrata strata(spread ? static_cast<double>(run.paths) / static_cast<double>(path_replicates) : 1.0);
    double alive = 1.0;
    for (;;) {
        const std::size_t with_months = paid(kept.month());
        const double gain = with[with_months] + action.cost +
                            margin * tables.revenue_value[std::min(with_months, active)] - without[paid(plain.month())];
        const double next = std::min(plain.until(), kept.until());
        const double alive_then = next < 700.0 ? elementary::exp(-next) : 0.0;
        const double probability = alive - alive_then;
        strata.add(probability, gain);
        moments.first += probability * gain;
        moments.second += probability * (gain * gain);
        moments.third += probability * (gain * gain) * gain;
        moments.fourth += probability * (gain * gain) * (gain * gain);
        if (alive_then == 0.0) {
            break;
        }
        plain.pass(next);
        kept.pass(next);
        alive = alive_then;
    }
    const double acceptance = std::min(1.0, static_cast<double>(action.acceptance_threshold) * 0x1p-32);
    const bool exact = market_.hazard.empty() && hazard.is_certain() && columns_.hazard_draws == 0;
    return prior_of(moments, acceptance, strata.variance(), exact ? known : guessed);
}

}  // namespace clv
