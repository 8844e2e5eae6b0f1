// Hazards of customers under a model of renewal with covariates, and how far its draws move them.

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <utility>

#include "clv/core/errors.hpp"
#include "clv/core/parallel.hpp"
#include "clv/core/progress.hpp"
#include "clv/math/cholesky.hpp"
#include "clv/models/contract_covariates.hpp"
#include "clv/models/draw_points.hpp"
#include "clv/paths/certain_churn.hpp"
#include "clv/random/elementary.hpp"
#include "covariate_columns.hpp"
#include "models/parameter_draws.hpp"

namespace clv {
namespace {

/// What lies ahead of customers with equal covariates and tenure.
struct Ahead {
    std::vector<double> z;
    std::uint32_t lived = 0;   ///< months
    std::size_t customer = 0;  ///< the first of them
};

struct Alike {
    std::vector<Ahead> kinds;
    std::vector<std::size_t> of;  ///< [customer]: index into kinds
};

Alike alike_customers(const CustomerTable& customers, const std::vector<ContractColumn>& columns) {
    std::vector<std::string> names;
    for (const ContractColumn& column : columns) {
        names.push_back(column.name);
    }
    const CovariateColumns of = covariate_columns(customers, names);
    Alike alike;
    std::map<std::pair<std::vector<double>, std::uint32_t>, std::size_t> known;
    for (std::size_t i = 0; i < customers.size(); ++i) {
        throw_if_interrupted();
        std::pair key{covariates_of(of, columns, i), months_lived(customers, i)};
        const auto [kind, is_new] = known.try_emplace(std::move(key), alike.kinds.size());
        if (is_new) {
            alike.kinds.push_back({kind->first.first, kind->first.second, i});
        }
        alike.of.push_back(kind->second);
    }
    return alike;
}

/// The model of those customers by these parameters and effects. Throws InputError where numbers end.
ContractModel model_of(const Ahead& ahead, ContractLaw law, const std::vector<double>& by,
                       const CustomerTable& customers) {
    const ContractModel model = contract_at(law, by, ahead.z);
    if (!std::isfinite(model.parameters[0]) || !std::isfinite(model.parameters[1])) {
        throw InputError(
            fmt::format("covariates of customer {} are too large for the model's effects: give them in the units that "
                        "the model was fitted in",
                        customers.customer_id[ahead.customer]));
    }
    return model;
}

/// Logarithms of parameters and effects, draw by draw; none where the fit does not say how far it may be off.
std::vector<std::vector<double>> draws_of(const ContractFit& fit, std::uint64_t seed) {
    const DrawPoints points{seed};
    const ContractEffects& effects = fit.effects;
    std::vector<std::vector<double>> draws;
    if (!effects.draws.empty()) {
        for (std::size_t k = 0; k < contract_draws; ++k) {
            draws.push_back(effects.draws[place_among(effects.draws.size(), points, DrawStream::contract, k)]);
        }
        return draws;
    }
    const std::size_t size = effects.covariance.size();
    if (size == 0) {
        return draws;
    }
    Eigen::MatrixXd covariance(static_cast<Eigen::Index>(size), static_cast<Eigen::Index>(size));
    for (std::size_t i = 0; i < size; ++i) {
        for (std::size_t j = 0; j < size; ++j) {
            covariance(static_cast<Eigen::Index>(i), static_cast<Eigen::Index>(j)) = effects.covariance[i][j];
        }
    }
    const Eigen::MatrixXd root = factorise_covariance(covariance);
    for (std::size_t k = 0; k < contract_draws; ++k) {
        const std::vector<double> normal = points.normals(DrawStream::contract, k, size);
        std::vector<double> draw = parameters_and_effects(fit);
        for (std::size_t i = 0; i < size; ++i) {
            for (std::size_t j = 0; j <= i; ++j) {
                draw[i] += root(static_cast<Eigen::Index>(i), static_cast<Eigen::Index>(j)) * normal[j];
            }
        }
        draws.push_back(std::move(draw));
    }
    return draws;
}

/// Writes the hazards of the months ahead, `horizon` of them.
void write_curve(const ContractModel& model, std::uint32_t lived, std::uint32_t period, std::span<float> curve) {
    for (std::uint32_t index = 0; index < curve.size(); ++index) {
        const std::uint32_t month = lived + index + 1;
        const double hazard = month % period == 0 ? model.hazard(static_cast<int>(month / period)) : 0.0;
        curve[index] = static_cast<float>(std::min(hazard, double{certain_churn_hazard}));
    }
}

/// The renewals within the horizon: the first's period, and how many months follow each until the next or the end.
struct RenewalsAhead {
    int first = 0;
    std::vector<double> months;
};

RenewalsAhead renewals_ahead(std::uint32_t lived, std::uint32_t period, std::uint32_t horizon) {
    RenewalsAhead ahead{static_cast<int>(lived / period) + 1, {}};
    for (std::uint32_t due = (lived / period + 1) * period; due <= lived + horizon; due += period) {
        ahead.months.push_back(std::min(period, lived + horizon - due + 1));
    }
    return ahead;
}

/// [renewal]: the cumulative hazard after it.
std::vector<double> hazards_ahead(const ContractModel& model, const RenewalsAhead& ahead) {
    std::vector<double> hazards;
    double sum = 0.0;
    for (std::size_t k = 0; k < ahead.months.size(); ++k) {
        sum += model.hazard(ahead.first + static_cast<int>(k));
        hazards.push_back(sum);
    }
    return hazards;
}

/// Months within the horizon that are lost to churn where all hazards are multiplied by a factor, and the derivative.
struct MonthsLost {
    double months = 0.0;
    double by_factor = 0.0;
};
MonthsLost months_lost(const std::vector<double>& hazards, const RenewalsAhead& ahead, double factor) {
    MonthsLost lost;
    for (std::size_t k = 0; k < hazards.size(); ++k) {
        const double left = -elementary::expm1(-factor * hazards[k]);
        lost.months += ahead.months[k] * left;
        lost.by_factor += ahead.months[k] * hazards[k] * (1.0 - left);
    }
    return lost;
}

/// The same under a model.
double months_lost(const ContractModel& model, const RenewalsAhead& ahead) {
    double lost = 0.0;
    double survival = 1.0;
    for (std::size_t k = 0; k < ahead.months.size(); ++k) {
        survival *= model.retention(ahead.first + static_cast<int>(k));
        lost += ahead.months[k] * (1.0 - survival);
    }
    return lost;
}

/// The factor on hazards under which as many months are lost, `at_one` being those without: by Newton's steps, which
/// come from below, since what is lost grows ever more slowly.
double factor_for(const std::vector<double>& hazards, const RenewalsAhead& ahead, const MonthsLost& at_one,
                  double lost) {
    constexpr double largest_factor = 0x1p10;
    constexpr double last_step = 1.0e-3;  // relative; what it leaves is its square
    constexpr int most_steps = 60;
    double factor = 1.0;
    MonthsLost at = at_one;
    for (int step = 0; step < most_steps && at.by_factor > 0.0; ++step) {
        const double next =
            std::clamp(factor + (lost - at.months) / at.by_factor, 1.0 / largest_factor, largest_factor);
        const bool is_settled = std::abs(next - factor) <= last_step * factor;
        factor = next;
        if (is_settled) {
            break;
        }
        at = months_lost(hazards, ahead, factor);
    }
    return factor;
}

/// The draw nearest to the mean of all.
std::size_t middle_draw(const std::vector<double>& lost) {
    double mean = 0.0;
    for (const double months : lost) {
        mean += months / static_cast<double>(lost.size());
    }
    const auto distance = [&](double months) { return std::abs(months - mean); };
    return static_cast<std::size_t>(std::ranges::min_element(lost, {}, distance) - lost.begin());
}

}  // namespace

void use_covariates(SurvivalFit& survival, const CustomerTable& customers, const ContractFits& contracts,
                    int horizon_months) {
    const ContractSegment& segment = contracts.segments.front();
    const std::vector<double> at = parameters_and_effects(segment.fit);
    const Alike alike = alike_customers(customers, segment.fit.effects.columns);
    const auto period = static_cast<std::uint32_t>(contracts.period_months);
    const auto horizon = static_cast<std::uint32_t>(horizon_months);
    const std::uint32_t observed = static_cast<std::uint32_t>(segment.counts.at_risk.size()) * period;
    survival.hazards.pool.resize(alike.kinds.size() * horizon);
    for (std::size_t kind = 0; kind < alike.kinds.size(); ++kind) {
        throw_if_interrupted();
        const Ahead& ahead = alike.kinds[kind];
        write_curve(model_of(ahead, contracts.law, at, customers), ahead.lived, period,
                    std::span(survival.hazards.pool).subspan(kind * horizon, horizon));
    }
    for (const std::size_t kind : alike.of) {
        const std::uint32_t lived = alike.kinds[kind].lived;
        survival.hazards.customers.push_back({std::uint64_t{kind} * horizon, horizon, 0.0F});
        survival.observed_months.push_back(std::min(observed - std::min(lived, observed), horizon));
    }
}

std::vector<float> share_out_draws(SurvivalFit& survival, const ContractFits& contracts, const CustomerTable& customers,
                                   int horizon_months, std::uint64_t seed, int threads) {
    constexpr std::size_t block_kinds = 256;
    const ContractFit& fit = contracts.segments.front().fit;
    const std::vector<std::vector<double>> draws = draws_of(fit, seed);
    if (draws.empty()) {
        return {};
    }
    const std::vector<double> at = parameters_and_effects(fit);
    const Alike alike = alike_customers(customers, fit.effects.columns);
    const auto horizon = static_cast<std::uint32_t>(horizon_months);
    const auto period = static_cast<std::uint32_t>(contracts.period_months);
    std::vector<float> of_kind(alike.kinds.size() * draws.size(), 1.0F);
    const auto take = [&](std::size_t kind) {
        throw_if_interrupted();
        const Ahead& ahead = alike.kinds[kind];
        const RenewalsAhead renewals = renewals_ahead(ahead.lived, period, horizon);
        const auto model_by = [&](const std::vector<double>& by) {
            return model_of(ahead, contracts.law, by, customers);
        };
        std::vector<double> lost;
        for (const std::vector<double>& draw : draws) {
            lost.push_back(months_lost(model_by(draw), renewals));
        }
        const std::vector<double>* base = &at;
        if (!fit.effects.draws.empty()) {
            base = &draws[middle_draw(lost)];
            write_curve(model_by(*base), ahead.lived, period,
                        std::span(survival.hazards.pool).subspan(kind * horizon, horizon));
        }
        const std::vector<double> hazards = hazards_ahead(model_by(*base), renewals);
        const MonthsLost at_one = months_lost(hazards, renewals, 1.0);
        for (std::size_t draw = 0; draw < draws.size(); ++draw) {
            of_kind[kind * draws.size() + draw] = static_cast<float>(factor_for(hazards, renewals, at_one, lost[draw]));
        }
    };
    for_each_block(threads, (alike.kinds.size() + block_kinds - 1) / block_kinds, [&](std::size_t, std::size_t block) {
        const std::size_t end = std::min(alike.kinds.size(), (block + 1) * block_kinds);
        for (std::size_t kind = block * block_kinds; kind < end; ++kind) {
            take(kind);
        }
    });
    std::vector<float> factors;
    factors.reserve(customers.size() * draws.size());
    for (const std::size_t kind : alike.of) {
        const auto own = of_kind.begin() + static_cast<std::ptrdiff_t>(kind * draws.size());
        factors.insert(factors.end(), own, own + static_cast<std::ptrdiff_t>(draws.size()));
    }
    return factors;
}

}  // namespace clv
