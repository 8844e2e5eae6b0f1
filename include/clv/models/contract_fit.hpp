#pragma once
// Maximum likelihood of the models of contract renewal, from how many customers were up for every renewal and how many
// of them left.

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "clv/data/tables/renewal_counts.hpp"
#include "clv/math/fit_status.hpp"
#include "clv/models/bdw.hpp"
#include "clv/models/contract_effects.hpp"
#include "clv/models/contract_law.hpp"
#include "clv/models/sbg.hpp"

namespace clv {

/// alpha, beta, c; c is 1 for sbg.
using ContractParameters = std::array<double, 3>;

/// Parameters that the law has, the first of ContractParameters.
[[nodiscard]] constexpr std::size_t parameter_count(ContractLaw law) noexcept {
    return law == ContractLaw::sbg ? 2 : 3;
}

struct ContractModel {
    ContractLaw law = ContractLaw::sbg;
    ContractParameters parameters{1.0, 1.0, 1.0};

    /// -ln P(renews at the end of period t | was there), t = 1, 2, ..
    [[nodiscard]] double hazard(int period) const;
    [[nodiscard]] double retention(int period) const;
    /// P(still a customer after period t), t = 0, 1, ..
    [[nodiscard]] double survival(int period) const;
    /// -ln of S(to) / S(from), by beta functions.
    [[nodiscard]] double cumulative_hazard(int from, int to) const;
    /// See ShiftedBetaGeometric and BetaDiscreteWeibull.
    [[nodiscard]] double residual_lifetime(int renewal, double discount_rate) const;
};

struct ContractFit {
    ContractModel model;                   ///< with covariates, at 0 of all of them
    ContractParameters standard_errors{};  ///< natural scale; NaN unless converged
    double log_likelihood = 0.0;
    double aic = 0.0;
    FitStatus status = FitStatus::not_converged;
    std::uint64_t customers = 0;  ///< up for some renewal
    std::vector<std::string> warnings;
    ContractEffects effects{};  ///< none without covariates
};

/// From the counts of every period ([0] is period 1). Throws InputError if the counts are no counts of renewals.
[[nodiscard]] ContractFit fit_contract(std::span<const double> at_risk, std::span<const std::uint64_t> churned,
                                       ContractLaw law);

/// A segment's counts and what was fitted to them.
struct ContractSegment {
    RenewalCounts counts;
    ContractFit fit;
};

/// The content of a contract model.json: one fit per segment, sorted by name; a single one without segments, or with
/// covariates, is "all".
struct ContractFits {
    ContractLaw law = ContractLaw::sbg;
    int period_months = 1;  ///< between renewals
    std::vector<ContractSegment> segments;

    [[nodiscard]] bool has_covariates() const noexcept {
        return segments.size() == 1 && segments.front().fit.effects.size() > 0;
    }
};

/// Throws InputError where a segment has no renewals.
[[nodiscard]] ContractFits fit_contracts(std::vector<RenewalCounts> segments, ContractLaw law, int period_months);

}  // namespace clv
