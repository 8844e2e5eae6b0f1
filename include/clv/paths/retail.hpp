#pragma once
// The retail (non-contractual) path law: what a customer buys who has signed nothing. Written once, for one path on the
// host, one lane of a vector, or one thread of a GPU.
//
//   alive     with the probability that the purchase history leaves
//   rate      of purchases, and of dropping out: exact draws from their posteriors, which are independent given alive
//   clock     purchases come as a Poisson process on a clock that the shared calendar drives, which in a week with
//             factor f runs f weeks; or, at opportunities (BG/BB), when the clock passes the next exponential draw
//   dropout   after a purchase (BG/NBD, MBG/NBD), or at any time (Pareto/NBD, BG/BB): once its hazard reaches one
//             exponential draw
//   spend     of each purchase from the Gamma-Gamma model, given the customer's posterior
//
// Time is in weeks from today. A path asks for its purchases one after the other; what it does not need is not drawn.

#include <cstddef>
#include <cstdint>

#include "clv/paths/action_law.hpp"
#include "clv/random/gamma_draw.hpp"

namespace clv {

enum class DropoutTime : std::uint32_t { never, after_purchase, any_time };

/// Where the numbers of a source of uncertainty come from, counted in paths from the path's own: 0 all of them, except
/// where it is found out what each contributes.
struct SourceShifts {
    std::uint32_t parameters = 0;
    std::uint32_t customers = 0;
    std::uint32_t process = 0;
    std::uint32_t market = 0;
};

/// An action of a retail run.
struct RetailAction {
    ActionLaw law;
    float end_weeks;  ///< until when the multipliers act; infinite where that is not before the horizon
};

/// What all customers of a run share.
struct RetailRun {
    int horizon_months;
    float horizon_weeks;
    float months_per_week;
    PhiloxKey key;
    std::uint32_t first_path;
    std::uint32_t paths;
    SourceShifts shift;
    std::uint32_t draw_mask;  ///< draws of the parameters - 1, a power of two - 1
    bool shuffles_draws;      ///< a path's draw is a random one, and not address & mask
    DropoutTime dropout;
    bool has_opportunities;   ///< purchases come at opportunities alone
    float opportunity_weeks;  ///< time between them
    bool has_spend;           ///< false: every purchase is worth 1
    /// [path][w]: the clock after w weeks, w = 0..calendar_weeks, then infinities to calendar_entries + 1 entries; null
    /// where the clock is the time.
    const float* calendar;
    int calendar_weeks;
    int calendar_entries;  ///< a power of two above calendar_weeks
    int action_count;
    RetailAction actions[max_alternatives - 1];
};

/// What a customer's purchase history leaves open, under every draw of the parameters. Scales turn gamma draws into
/// what they stand for.
struct RetailPosterior {
    const float* alive;           ///< [draw]: probability; 2 where it is 1
    const float* rate_shape;      ///< [draw]
    const float* rate_other;      ///< [draw]: BG/BB, second shape of the beta distribution of buying
    const float* rate_scale;      ///< [draw]: purchases a week per unit
    const float* dropout_shape;   ///< [draw]: 0 where nobody drops out
    const float* dropout_other;   ///< [draw]: second shape where dropout has a beta distribution
    const float* dropout_scale;   ///< [draw]: Pareto/NBD, dropouts a week per unit
    const float* spend_customer;  ///< [draw]: shape of the customer's spend scale
    const float* spend_purchase;  ///< [draw]: shape of one purchase
    const float* spend_scale;     ///< [draw]: currency
};

inline constexpr std::size_t retail_posterior_entries = 10;
static_assert(sizeof(RetailPosterior) == retail_posterior_entries * sizeof(const float*));

/// The posterior that stands in a table [entry][draw], entries in the order of the members.
CLV_HD RetailPosterior retail_posterior(const float* table, std::size_t draws) {
    return {table,
            table + draws,
            table + 2 * draws,
            table + 3 * draws,
            table + 4 * draws,
            table + 5 * draws,
            table + 6 * draws,
            table + 7 * draws,
            table + 8 * draws,
            table + 9 * draws};
}

struct RetailCustomer {
    std::uint32_t id_low;
    std::uint32_t id_high;
    RetailPosterior posterior;
    double margin;
    std::uint32_t eligible;  ///< bit a: the customer may get actions[a]

    [[nodiscard]] CLV_HD bool may_get(int alternative) const {
        return alternative == 0 || (eligible >> (alternative - 1) & 1U) != 0;
    }
};

/// Gamma draws of a path.
enum class RetailGamma : std::uint32_t { rate = 0, rate_other = 1, dropout = 2, dropout_other = 3, spend = 4 };

namespace retail {

template <class Real>
using Word = typename lane::Types<Real>::Word;
template <class Real>
using Integer = typename lane::Types<Real>::Integer;

CLV_HD std::uint32_t gamma_address(RetailGamma which) {
    return draw_address(Purpose::retail_gamma, static_cast<std::uint32_t>(which) << 12);
}

/// Which draw a path of this number uses; of parameters and calendar (`of`) independent ones where draws are shuffled
/// to tell the two apart.
template <class Real>
CLV_HD Integer<Real> shared_draw(const RetailRun& run, Word<Real> number, std::uint32_t of) {
    if (run.shuffles_draws) {
        number = philox_paths<Word<Real>>(draw_address(Purpose::retail_parameters, of), number, 0, 0, run.key).word[0];
    }
    return lane::as_integer(number & Word<Real>(run.draw_mask));
}

template <class Real>
CLV_HD Integer<Real> parameter_draw(const RetailRun& run, Word<Real> path) {
    return shared_draw<Real>(run, path + Word<Real>(run.shift.parameters), 0);
}

template <class Real>
CLV_HD Integer<Real> calendar_draw(const RetailRun& run, Word<Real> path) {
    return shared_draw<Real>(run, path + Word<Real>(run.shift.market), 1);
}

/// Whether a path has a future, and words for small shapes of what it is made of.
template <class Real>
struct Start {
    Real alive;           ///< above 0: the customer is alive
    Word<Real> small[3];  ///< rate, dropout, dropout_other
};

/// Words of chance: acceptance of an action, and the exponential draw that ends the path.
template <class Real>
struct Chance {
    Word<Real> acceptance;
    Word<Real> dropout;
};

template <class Real>
CLV_HD PhiloxBlock<Word<Real>> words_of(const RetailRun& run, const RetailCustomer& customer, std::uint32_t address,
                                        Word<Real> path, std::uint32_t shift) {
    return philox_paths<Word<Real>>(address, path + Word<Real>(shift), customer.id_low, customer.id_high, run.key);
}

template <class Real>
CLV_HD Start<Real> start(const RetailRun& run, const RetailCustomer& customer, Word<Real> path) {
    const auto block = words_of<Real>(run, customer, draw_address(Purpose::retail, 0), path, run.shift.customers);
    const Real uniform = (lane::to_real(block.word[0]) + Real(0.5F)) * Real(0x1p-32F);
    const Real alive = lane::gather(customer.posterior.alive, parameter_draw<Real>(run, path));
    return {alive - uniform, {block.word[1], block.word[2], block.word[3]}};
}

template <class Real>
CLV_HD Chance<Real> chance(const RetailRun& run, const RetailCustomer& customer, Word<Real> path) {
    const auto block = words_of<Real>(run, customer, draw_address(Purpose::retail, 1), path, run.shift.process);
    return {block.word[0], block.word[1]};
}

template <class Real>
CLV_HD Real gamma_of(const RetailRun& run, const RetailCustomer& customer, RetailGamma which, const float* shape,
                     Word<Real> small, Word<Real> path, Integer<Real> draw) {
    return gamma_draw(lane::gather(shape, draw), small, gamma_address(which), path + Word<Real>(run.shift.customers),
                      customer.id_low, customer.id_high, run.key);
}

/// Purchases a week of the clock; with opportunities, minus the logarithm of not buying at one, per week.
template <class Real>
CLV_HD Real rate(const RetailRun& run, const RetailCustomer& customer, Word<Real> path, Word<Real> small) {
    const Integer<Real> draw = parameter_draw<Real>(run, path);
    const RetailPosterior& posterior = customer.posterior;
    Real units = gamma_of<Real>(run, customer, RetailGamma::rate, posterior.rate_shape, small, path, draw);
    if (run.has_opportunities) {
        const auto words = words_of<Real>(run, customer, draw_address(Purpose::retail, 2), path, run.shift.customers);
        const Real other =
            gamma_of<Real>(run, customer, RetailGamma::rate_other, posterior.rate_other, words.word[0], path, draw);
        units = log_one_plus(units / other);
    }
    return units * lane::gather(posterior.rate_scale, draw);
}

/// Hazard of dropping out: per purchase or, at any time, per week.
template <class Real>
CLV_HD Real dropout_hazard(const RetailRun& run, const RetailCustomer& customer, Word<Real> path, Word<Real> small,
                           Word<Real> small_other) {
    if (run.dropout == DropoutTime::never) {
        return Real(0.0F);
    }
    const Integer<Real> draw = parameter_draw<Real>(run, path);
    const RetailPosterior& posterior = customer.posterior;
    const Real shape = lane::gather(posterior.dropout_shape, draw);
    Real units = gamma_of<Real>(run, customer, RetailGamma::dropout, posterior.dropout_shape, small, path, draw);
    if (run.dropout == DropoutTime::after_purchase || run.has_opportunities) {
        const Real other =
            gamma_of<Real>(run, customer, RetailGamma::dropout_other, posterior.dropout_other, small_other, path, draw);
        units = log_one_plus(units / other);
    }
    const Real hazard = units * lane::gather(posterior.dropout_scale, draw);
    return lane::select(Real(0.0F) < shape, hazard, Real(0.0F));
}

/// What a unit of a purchase's gamma draw is worth: the customer's own scale of spend, in currency.
template <class Real>
CLV_HD Real spend_scale(const RetailRun& run, const RetailCustomer& customer, Word<Real> path) {
    const Integer<Real> draw = parameter_draw<Real>(run, path);
    const RetailPosterior& posterior = customer.posterior;
    // q > 1 (RetailSetup): the shape is never small
    const Real units = gamma_of<Real>(run, customer, RetailGamma::spend, posterior.spend_customer, path, path, draw);
    return lane::gather(posterior.spend_scale, draw) / units;
}

/// How the purchases of a path run under an alternative.
template <class Real>
struct Course {
    Real volume;     ///< factor on the rate
    Real hazard;     ///< factor on dropout
    Real end;        ///< weeks in which they act
    Real end_clock;  ///< what the clock shows then
};

/// The clock after `weeks` in [0, horizon]. `row`: the path's first entry of `calendar`.
template <class Real>
CLV_HD Real clock_at(const RetailRun& run, const float* calendar, Integer<Real> row, Real weeks) {
    if (run.calendar == nullptr) {
        return weeks;
    }
    const Integer<Real> whole = lane::minimum(lane::whole_part(weeks), Integer<Real>(run.calendar_weeks - 1));
    const Real before = lane::gather(calendar, row + whole);
    const Real after = lane::gather(calendar, row + whole + Integer<Real>(1));
    return lane::fused(weeks - lane::to_real(whole), after - before, before);
}

/// When the clock shows `clock`; calendar_weeks, which is no earlier than the horizon, where that is later.
template <class Real>
CLV_HD Real time_of(const RetailRun& run, const float* calendar, Integer<Real> row, Real clock) {
    if (run.calendar == nullptr) {
        return clock;
    }
    Integer<Real> at(0);
    for (int step = run.calendar_entries / 2; step >= 1; step /= 2) {
        const Integer<Real> next = at + Integer<Real>(step);
        at = lane::select(clock < lane::gather(calendar, row + next), at, next);
    }
    const Real before = lane::gather(calendar, row + at);
    const Real after = lane::gather(calendar, row + at + Integer<Real>(1));
    return lane::to_real(at) + (clock - before) / (after - before);
}

/// The next purchase after the clock showed `clock`, which moves on: when it comes, and the words of its spend.
template <class Real>
struct Purchase {
    Real weeks;
    Real clock;
};

/// Block of purchase k = 0, 1, ..: its gap, and the first attempt at its spend.
template <class Real>
CLV_HD PhiloxBlock<Word<Real>> purchase_words(const RetailRun& run, const RetailCustomer& customer, std::uint32_t k,
                                              Word<Real> path) {
    return words_of<Real>(run, customer, draw_address(Purpose::purchase, k), path, run.shift.process);
}

/// Clocks run faster while an action multiplies volume: `clock` counts purchases at the plain rate.
template <class Real>
CLV_HD Real plain_clock(const Course<Real>& course, Real clock) {
    const Real active = course.volume * course.end_clock;
    const Real plain = lane::select(active < clock, clock - active + course.end_clock, clock / course.volume);
    return lane::minimum(plain, Real(0x1p100F));  // finite also where nothing is bought
}

template <class Real>
CLV_HD Purchase<Real> next_purchase(const RetailRun& run, const float* calendar, Integer<Real> row,
                                    const Course<Real>& course, Real rate, Real clock, Word<Real> gap) {
    clock = clock + exponential_draw<Real>(gap) / rate;
    Real weeks = time_of(run, calendar, row, plain_clock(course, clock));
    if (run.has_opportunities) {  // at the next one, from which the wait begins anew
        const Real opportunity = lane::minimum(weeks / Real(run.opportunity_weeks), Real(0x1p20F));
        const Integer<Real> whole = lane::whole_part(opportunity);
        const Integer<Real> next = lane::select(lane::to_real(whole) < opportunity, whole + Integer<Real>(1), whole);
        weeks = lane::to_real(next) * Real(run.opportunity_weeks);
        const Real plain = clock_at(run, calendar, row, lane::minimum(weeks, Real(run.horizon_weeks)));
        const Real over = lane::maximum(plain - course.end_clock, Real(0.0F));
        clock = lane::fused(course.volume, lane::minimum(plain, course.end_clock), over);
    }
    return {weeks, clock};
}

/// When the hazard reaches `draw`, where dropout may come at any time.
template <class Real>
CLV_HD Real dropout_weeks(const Course<Real>& course, Real hazard, Real draw) {
    const Real active = hazard * course.hazard;
    const Real until_end = active * course.end;  // NaN (0 x infinity) is no less than the draw
    return lane::select(until_end < draw, (draw - until_end) / hazard + course.end, draw / active);
}

/// Currency of purchase k, from its words.
template <class Real>
CLV_HD Real spend(const RetailRun& run, const RetailCustomer& customer, std::uint32_t k,
                  const PhiloxBlock<Word<Real>>& words, Real scale, Word<Real> path) {
    if (!run.has_spend) {
        return Real(1.0F);
    }
    constexpr std::uint32_t attempts = 16;  // addresses of a purchase, the last for a small shape
    const Real shape = lane::gather(customer.posterior.spend_purchase, parameter_draw<Real>(run, path));
    const auto is_small = shape < Real(1.0F);
    const GammaShape<Real> constants = gamma_shape(lane::select(is_small, shape + Real(1.0F), shape));
    const std::uint32_t address = draw_address(Purpose::spend, k * attempts);
    const Real normal = normal_pair<Real>(words.word[1], words.word[2]).first;
    Real units = gamma_attempt(constants, normal, words.word[3]);
    units = gamma_attempts(constants, units, address, path + Word<Real>(run.shift.process), customer.id_low,
                           customer.id_high, run.key);
    if (lane::any(is_small)) {
        const auto block = words_of<Real>(run, customer, address + attempts - 1, path, run.shift.process);
        units = lane::select(is_small, units * small_shape_factor(shape, block.word[0]), units);
    }
    return units * scale;
}

/// Purchases of a path that have an address.
inline constexpr std::uint32_t max_purchases = 1U << 20;

/// Currency that a purchase earns at a multiple of the usual price, of which an action may take a share.
CLV_HD double purchase_cash(const RetailCustomer& customer, float spend, double net_price) {
    return static_cast<double>(spend) * (net_price - (1.0 - customer.margin));
}

/// Currency that an accepted action costs in active months of which 1 each is worth `annuity` today.
CLV_HD double accepted_cost(const ActionLaw& action, double annuity) {
    return action.cost + (action.cost_if_accepted + action.monthly_cost * annuity);
}

/// Month, from 0, that holds a time before the horizon.
CLV_HD int month_of(const RetailRun& run, float weeks) {
    const int month = static_cast<int>(weeks * run.months_per_week);
    return month < run.horizon_months ? month : run.horizon_months - 1;
}

}  // namespace retail

}  // namespace clv
