#pragma once
// What the purchase models say, found anew by integrating over what sets customers apart: their purchase rate and their
// own dropout. By the trapezoidal rule in the logarithm of a rate or the log-odds of a probability, where the errors of
// smooth integrands that vanish at both ends fall exponentially.

#include <algorithm>
#include <boost/math/special_functions/gamma.hpp>
#include <cmath>
#include <vector>

#include "clv/models/purchase_models.hpp"

namespace clv::test {

struct Node {
    double value;     ///< of the trait
    double rest;      ///< 1 - value, of a probability
    double log_odds;  ///< ln(value / rest), of a probability
    double log_weight;
    double weight;  ///< the weights add up to 1
};

/// Integrands are followed down to e^-tail of what they are.
inline constexpr double tail = 32.0;

/// Of a gamma distribution. `wider`: by how many units of the logarithm the integrand may reach beyond it.
inline std::vector<Node> gamma_nodes(double shape, double rate, double step, double wider = 0.0) {
    const double middle = std::log(shape / rate);
    const double spread = 12.0 / std::sqrt(shape);
    std::vector<Node> nodes;
    for (double u = middle - tail / shape - spread; u < middle + spread + 4.0 + wider; u += step) {
        const double value = std::exp(u);
        const double log_density = shape * (u + std::log(rate)) - rate * value - std::lgamma(shape);
        const double log_weight = std::log(step) + log_density;
        nodes.push_back({value, 0.0, 0.0, log_weight, std::exp(log_weight)});
    }
    return nodes;
}

/// Of a beta distribution. `heavier`: by how much less than b the power of 1 - value may be in what is integrated.
inline std::vector<Node> beta_nodes(double a, double b, double step, double heavier = 0.0) {
    const double middle = std::log(a / b);
    const double spread = 12.0 / std::sqrt(std::min(a, b));
    const double log_norm = std::lgamma(a + b) - std::lgamma(a) - std::lgamma(b);
    std::vector<Node> nodes;
    for (double u = middle - tail / a - spread; u < middle + tail / (b - heavier) + spread; u += step) {
        const double log_p = -std::log1p(std::exp(-u));
        const double log_q = -std::log1p(std::exp(u));
        const double log_weight = std::log(step) + log_norm + a * log_p + b * log_q;
        nodes.push_back({std::exp(log_p), std::exp(log_q), u, log_weight, std::exp(log_weight)});
    }
    return nodes;
}

template <class Function>
double mean_over(const std::vector<Node>& nodes, Function f) {
    double sum = 0.0;
    for (const Node& node : nodes) {
        sum += node.weight > 0.0 ? node.weight * f(node) : 0.0;
    }
    return sum;
}

/// P(X = n), X Poisson.
inline double poisson(int n, double mean) {
    return std::exp(n * std::log(mean) - mean - std::lgamma(n + 1.0));
}

/// P(X(t) = n) of a new customer.
inline double count_probability(const PurchaseModel& model, int n, double t, double step) {
    const auto [r, alpha, a, b] = model.parameters;
    if (model.law == PurchaseLaw::bg_bb) {
        const auto buys = beta_nodes(r, alpha, step);
        const auto binomial = [&](int periods) {
            const double ways = std::lgamma(periods + 1.0) - std::lgamma(n + 1.0) - std::lgamma(periods - n + 1.0);
            return n > periods ? 0.0 : mean_over(buys, [&](const Node& p) {
                return std::exp(ways) * std::pow(p.value, n) * std::pow(p.rest, periods - n);
            });
        };
        const auto leaves = beta_nodes(a, b, step);
        const int periods = static_cast<int>(t);
        double sum = binomial(periods) * mean_over(leaves, [&](const Node& q) { return std::pow(q.rest, periods); });
        for (int lived = n; lived < periods; ++lived) {
            sum +=
                binomial(lived) * mean_over(leaves, [&](const Node& q) { return q.value * std::pow(q.rest, lived); });
        }
        return sum;
    }
    const auto rates = gamma_nodes(r, alpha, step);
    const double exactly = mean_over(rates, [&](const Node& rate) { return poisson(n, rate.value * t); });
    if (model.law == PurchaseLaw::nbd) {
        return exactly;
    }
    if (model.law == PurchaseLaw::pareto_nbd) {
        const auto leaves = gamma_nodes(a, b, step);
        return mean_over(rates, [&](const Node& rate) {
            if (n > 0 && boost::math::gamma_p(n, rate.value * t) < 1e-17) {
                return 0.0;
            }
            return mean_over(leaves, [&](const Node& leave) {
                const double both = rate.value + leave.value;
                const double lived = std::exp(-leave.value * t) * poisson(n, rate.value * t);
                return lived +
                       leave.value / both * std::pow(rate.value / both, n) * boost::math::gamma_p(n + 1.0, both * t);
            });
        });
    }
    const int chances = n + (model.law == PurchaseLaw::mbg_nbd ? 1 : 0);
    if (chances == 0) {
        return exactly;
    }
    const auto leaves = beta_nodes(a, b, step);
    const double at_least =
        n == 0 ? 1.0 : mean_over(rates, [&](const Node& rate) { return boost::math::gamma_p(n, rate.value * t); });
    return exactly * mean_over(leaves, [&](const Node& q) { return std::pow(q.rest, chances); }) +
           at_least * mean_over(leaves, [&](const Node& q) { return q.value * std::pow(q.rest, chances - 1); });
}

/// The customers of one history.
class Traits {
  public:
    Traits(const PurchaseModel& model, double x, double recency, double age, double step)
        : law_(model.law), x_(x), recency_(recency), age_(age) {
        const auto [r, alpha, a, b] = model.parameters;
        // Traits of those still alive; others may have bought faster.
        const double wider = std::log((alpha + age) / (alpha + recency));
        const double fine = step / std::sqrt(1.0 + x);
        switch (law_) {
            case PurchaseLaw::bg_bb:
                rates_ = beta_nodes(r + x, alpha + age - x, step, age > recency ? age - recency : 0.0);
                leaves_ = beta_nodes(a, b + age, step, age > recency ? age - recency : 0.0);
                break;
            case PurchaseLaw::pareto_nbd:
                rates_ = gamma_nodes(r + x, alpha + age, fine, wider);
                leaves_ = gamma_nodes(a, b + age, step, std::log((b + age) / (b + recency)));
                break;
            case PurchaseLaw::bg_nbd:
            case PurchaseLaw::mbg_nbd:
                rates_ = gamma_nodes(r + x, alpha + age, fine, wider);
                leaves_ = law_ == PurchaseLaw::bg_nbd ? beta_nodes(a, b + x, step, x > 0.0 ? 1.0 : 0.0)
                                                      : beta_nodes(a, b + x + 1.0, step, 1.0);
                break;
            case PurchaseLaw::nbd:
                rates_ = gamma_nodes(r + x, alpha + age, fine, wider);
                leaves_ = {{0.0, 1.0, 0.0, 0.0, 1.0}};
                break;
        }
        double odds = 0.0;
        for (const Node& rate : rates_) {
            for (const Node& leave : leaves_) {
                odds += std::exp(rate.log_weight + leave.log_weight + log_dropped(rate, leave));
            }
        }
        alive_ = 1.0 / (1.0 + odds);
    }

    [[nodiscard]] double alive() const { return alive_; }
    [[nodiscard]] double expected(double t) const {
        return alive_ * mean([&](const Node& rate, const Node& leave) {
                   switch (law_) {
                       case PurchaseLaw::bg_bb: {
                           double sum = 0.0;
                           for (double k = 1.0; k <= t; k += 1.0) {
                               sum += rate.value * std::pow(leave.rest, k);
                           }
                           return sum;
                       }
                       case PurchaseLaw::bg_nbd:
                       case PurchaseLaw::mbg_nbd:
                           return -std::expm1(-rate.value * leave.value * t) / leave.value;
                       case PurchaseLaw::pareto_nbd:
                           return rate.value * -std::expm1(-leave.value * t) / leave.value;
                       case PurchaseLaw::nbd:
                           break;
                   }
                   return rate.value * t;
               });
    }
    [[nodiscard]] double discounted(double discount) const {
        return alive_ * mean([&](const Node& rate, const Node& leave) {
                   switch (law_) {
                       case PurchaseLaw::bg_bb:
                           return rate.value * leave.rest / (discount + leave.value);
                       case PurchaseLaw::bg_nbd:
                       case PurchaseLaw::mbg_nbd:
                           return rate.value / (rate.value * leave.value + discount);
                       case PurchaseLaw::pareto_nbd:
                           return rate.value / (leave.value + discount);
                       case PurchaseLaw::nbd:
                           break;
                   }
                   return rate.value / discount;
               });
    }

  private:
    template <class Function>
    [[nodiscard]] double mean(Function f) const {
        return mean_over(rates_, [&](const Node& rate) {
            return mean_over(leaves_, [&](const Node& leave) { return f(rate, leave); });
        });
    }
    /// ln of the likelihood of the history of somebody who dropped out, over that of one who did not.
    [[nodiscard]] double log_dropped(const Node& rate, const Node& leave) const {
        const double silence = age_ - recency_;
        switch (law_) {
            case PurchaseLaw::bg_bb: {
                // one period after the other, each with a chance to stay and a miss
                const double log_step = -std::log1p(std::exp(leave.log_odds)) - std::log1p(std::exp(rate.log_odds));
                double sum = 0.0;
                for (double k = 0.0; k < silence; k += 1.0) {
                    sum += std::exp(k * log_step);
                }
                return std::log(leave.value * sum) - silence * log_step;
            }
            case PurchaseLaw::bg_nbd:
                return x_ == 0.0 ? -INFINITY : leave.log_odds + rate.value * silence;
            case PurchaseLaw::mbg_nbd:
                return leave.log_odds + rate.value * silence;
            case PurchaseLaw::pareto_nbd: {
                const double both = rate.value + leave.value;
                return std::log(leave.value / both) + both * silence + std::log1p(-std::exp(-both * silence));
            }
            case PurchaseLaw::nbd:
                break;
        }
        return -INFINITY;
    }

    PurchaseLaw law_;
    double x_;
    double recency_;
    double age_;
    std::vector<Node> rates_;
    std::vector<Node> leaves_;
    double alive_ = 1.0;
};

}  // namespace clv::test
