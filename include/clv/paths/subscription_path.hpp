#pragma once
// From draws to the value of a path. The vectors of the CPU backend take each step for many paths at a time; a thread
// of the CUDA kernel takes them one after the other (simulate_path).

#include "clv/paths/subscription_revenue.hpp"

namespace clv {

/// Paid months under every alternative.
template <class Real, int Alternatives>
struct PaidMonths {
    typename lane::Types<Real>::Integer paid[Alternatives];
    typename lane::Types<Real>::Integer longest;  ///< of all alternatives
};

/// Seeds of the replicates that `path` belongs to; garbage where a run needs none.
template <class Word>
CLV_HD PathSeeds<Word> path_seeds(const SubscriptionRun& run, const SubscriptionCustomer& customer, Word path) {
    if (run.points == PathPoints::independent) {
        return {};
    }
    return scramble_seeds<sobol_dimensions>(run.first_path, path, customer.id_low, customer.id_high, run.key);
}

/// The words that decide when a path churns and whether it accepts.
template <class Word>
struct ChurnWords {
    Word churn;
    Word acceptance;
};

/// The churn words of paths, which count from 0 in the run.
template <class Word>
CLV_HD ChurnWords<Word> churn_words(const SubscriptionRun& run, const SubscriptionCustomer& customer, Word path,
                                    const PathSeeds<Word>& seeds) {
    const auto draws = philox_paths(draw_address(Purpose::churn, 0), Word(run.first_path) + path, customer.id_low,
                                    customer.id_high, run.key);
    if (run.points == PathPoints::independent) {
        return {draws.word[0], draws.word[1]};
    }
    const ScrambleSeeds<Word, 1> first_dimension{seeds.shuffle, {seeds.digits[0]}};
    return {scrambled_point(first_dimension, point_of(path)).word[0], draws.word[1]};
}

/// The Exp(1) draw of a path, divided by the factor on the customer's hazards that the path lives with: hazards that
/// are a factor higher are reached by a draw that is as much lower.
CLV_HD float scaled_churn_draw(const SubscriptionRun& run, const SubscriptionCustomer& customer, float draw,
                               std::uint32_t path) {
    return run.hazard_draw == nullptr ? draw : draw * customer.inverse_hazard_factor[run.hazard_draw[path]];
}

/// The paid months of paths, which count from 0 in the run and have an Exp(1) draw each; `load` reads their entries in
/// the market tables.
template <class Real, int Alternatives>
CLV_HD PaidMonths<Real, Alternatives> paid_months(const SubscriptionRun& run, const SubscriptionCustomer& customer,
                                                  Real churn_draw, typename lane::Types<Real>::Word path,
                                                  const LoadPaths<Real>& load) {
    using Word = typename lane::Types<Real>::Word;
    using Integer = typename lane::Types<Real>::Integer;
    const SubscriptionLifetime<Real, Alternatives> lifetime(run, customer, churn_draw, Word(run.first_path) + path,
                                                            load);
    PaidMonths<Real, Alternatives> months;
    months.longest = Integer(0);
    CLV_UNROLL
    for (int a = 0; a < Alternatives; ++a) {
        months.paid[a] = run.pays_in_churn_month
                             ? lane::minimum(lifetime.survived(a) + Integer(1), Integer(run.horizon_months))
                             : lifetime.survived(a);
        months.longest = lane::maximum(months.longest, months.paid[a]);
    }
    return months;
}

/// Value in currency under none, or under an accepted action without uncertain volume or price: the table's value of
/// the paid months plus what the noise of their revenue is worth, and of the active months' where they earn otherwise.
CLV_HD double tabled_value(const ValueTable& table, double margin, std::int32_t paid, float noise, float active_noise) {
    return table.value[paid] +
           (margin * static_cast<double>(noise) + table.active_margin * static_cast<double>(active_noise));
}

/// Value under an accepted action whose volume or price is drawn.
CLV_HD double drawn_value(const ActionLaw& action, const ValueTable& table, const SubscriptionCustomer& customer,
                          std::int32_t paid, float noise, std::int32_t active, float active_noise, double volume,
                          double price) {
    const double active_margin = active_margin_of(action, customer.margin, volume, price);
    const double active_revenue = customer.revenue_value[active] + static_cast<double>(active_noise);
    return table.value[paid] + (customer.margin * static_cast<double>(noise) + active_margin * active_revenue);
}

/// Revenue that the customer pays in the active months, discounted.
CLV_HD double revenue_while_active(const SubscriptionCustomer& customer, std::int32_t active, float active_noise,
                                   double volume, double price) {
    return volume * price * (customer.revenue_value[active] + static_cast<double>(active_noise));
}

/// One path of the subscription law under every alternative. `revenue` (RevenueTable or alike) gets its months, `sink`
/// its results:
///   paid(months)                      paid months under none
///   added_months(alternative, months)   paid months under an accepted action minus those under none
///   active(alternative, months)       paid months in which an accepted action with a monthly cost was active
///   active_revenue(alternative, value)  what is paid in those months, discounted, where it costs a share of that
///   value(alternative, value)         value in currency (0 = none), for eligible alternatives
template <int Alternatives, class Revenue, class Sink>
CLV_HD void simulate_path(const SubscriptionRun& run, const SubscriptionCustomer& customer, std::uint32_t path,
                          Revenue& revenue, Sink& sink) {
    const std::uint32_t address = run.first_path + path;
    const LoadPaths<float> load{grouped_index(path, 1, run.horizon_months)};
    const auto seeds = path_seeds(run, customer, path);
    const auto words = churn_words(run, customer, path, seeds);
    const float churn_draw = scaled_churn_draw(run, customer, exponential_draw<float>(words.churn), path);
    const auto months = paid_months<float, Alternatives>(run, customer, churn_draw, path, load);
    CLV_UNROLL
    for (int a = 1; a < Alternatives; ++a) {  // before the walk, which wants the registers
        if (customer.may_get(a) && words.acceptance < run.actions[a - 1].acceptance_threshold) {
            sink.added_months(a, months.paid[a] - months.paid[0]);
        }
    }
    RevenueNoise<float> noise = revenue_noise<float>(run, customer, path);
    if (run.points == PathPoints::sobol) {
        noise.anchors = path_anchors<float>(run, path, seeds);
    }
    walk_revenue<float>(run, customer, noise, months.longest, load, revenue);
    sink.paid(months.paid[0]);
    const double without =
        tabled_value(customer.value[0], customer.margin, months.paid[0], revenue.noise(months.paid[0]), 0.0F);
    sink.value(0, without);
    CLV_UNROLL
    for (int a = 1; a < Alternatives; ++a) {
        if (!customer.may_get(a)) {
            continue;
        }
        const ActionLaw& action = run.actions[a - 1];
        if (words.acceptance >= action.acceptance_threshold) {
            sink.value(a, without - action.cost);
            continue;
        }
        const ValueTable& table = customer.value[a];
        const std::int32_t paid = months.paid[a];
        const std::int32_t active = lane::minimum(paid, action.duration_months);
        double volume = action.multiplier(MultiplierKind::revenue).median;
        double price = action.multiplier(MultiplierKind::price).median;
        if (action.has_certain_revenue()) {
            sink.value(a, tabled_value(table, customer.margin, paid, revenue.noise(paid), revenue.noise(active)));
        } else {
            volume = multiplier_draw<float>(run, customer, action, MultiplierKind::revenue, address);
            price = multiplier_draw<float>(run, customer, action, MultiplierKind::price, address);
            sink.value(a, drawn_value(action, table, customer, paid, revenue.noise(paid), active, revenue.noise(active),
                                      volume, price));
        }
        if (action.monthly_cost != 0.0) {
            sink.active(a, active);
        }
        if (action.monthly_cost_share != 0.0) {
            sink.active_revenue(a, revenue_while_active(customer, active, revenue.noise(active), volume, price));
        }
    }
}

}  // namespace clv
