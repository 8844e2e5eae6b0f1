#pragma once
// Models of renewal with covariates (see contract_effects.hpp): one fit for everybody, a curve for each customer.

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "clv/data/tables/customer_table.hpp"
#include "clv/data/tables/renewal_counts.hpp"
#include "clv/models/contract_fit.hpp"
#include "clv/models/hazards.hpp"

namespace clv {

/// Those with equal covariates z, and their renewals; [0] is period 1. Who is observed only from a later renewal on is
/// at risk from that on: the likelihood is conditional on having been there.
struct RenewalGroup {
    std::vector<double> z;
    std::vector<double> at_risk;
    std::vector<std::uint64_t> churned;
    double customers = 0.0;  ///< up for some renewal
};

/// In ascending order of their covariates.
struct RenewalGroups {
    std::vector<ContractColumn> columns;
    std::vector<RenewalGroup> groups;
};

/// Of customers with tenure_months and churned; `names` are columns of the file, numbers or texts. Throws InputError
/// for one that is missing, blank for somebody, the same for everybody, said by the others, or moves with time.
[[nodiscard]] RenewalGroups group_renewals(const CustomerTable& customers, const std::vector<std::string>& names,
                                           int period_months);
/// Of segments; `covariates` have one entry for each. Throws likewise.
[[nodiscard]] RenewalGroups group_renewals(const std::vector<RenewalCounts>& segments,
                                           const std::vector<FeatureColumn>& covariates);

/// Counts of all segments together, called "all".
[[nodiscard]] RenewalCounts pooled_renewals(const std::vector<RenewalCounts>& segments);

/// Maximum likelihood. Sums are taken in a fixed order, so that neither the order of customers nor `threads` (0: all)
/// moves a bit. Warnings name what the data leave open. Throws InputError where nobody was up for a renewal.
[[nodiscard]] ContractFit fit_contract(const RenewalGroups& renewals, ContractLaw law, int threads = 0);

/// Logarithms of a customer's alpha and beta are held within this distance of 0, where retention is that of a limit to
/// seven digits: farther out, differences of beta functions would be rounding alone.
inline constexpr double farthest_log = 18.0;

/// The model of a customer with these covariates, from logarithms of parameters, alpha's effects and beta's.
[[nodiscard]] ContractModel contract_at(ContractLaw law, std::span<const double> parameters_and_effects,
                                        std::span<const double> z);
/// Logarithms of the fitted parameters, alpha's effects and beta's.
[[nodiscard]] std::vector<double> parameters_and_effects(const ContractFit& fit);

/// [t - 1]: mean over customers of P(still a customer after period t), t = 1 .. periods.
[[nodiscard]] std::vector<double> mean_survival(const ContractFit& fit, const RenewalGroups& renewals, int periods);

/// Gives every customer the hazards of its own covariates and tenure. Throws InputError for a column that is missing or
/// blank, or a level that the model does not know.
void use_covariates(SurvivalFit& survival, const CustomerTable& customers, const ContractFits& contracts,
                    int horizon_months);

/// Draws of a fit with covariates that paths share out; a multiple of 16, see SubscriptionColumns::hazard_draws.
inline constexpr std::size_t contract_draws = 64;

/// [customer][draw]: the factor on the customer's hazards in `survival`, which use_covariates() gave, under which as
/// many months within the horizon are lost to churn as under a draw of parameters and effects; 1 where no renewal is
/// due. Draws are normal ones around the estimates. Where a fit holds draws from the likelihood its estimates may be a
/// limit, at which nobody leaves: then the customer's hazards become those of the draw nearest to the mean of all.
/// Empty where a fit has neither: then it is used as if it were known.
[[nodiscard]] std::vector<float> share_out_draws(SurvivalFit& survival, const ContractFits& contracts,
                                                 const CustomerTable& customers, int horizon_months, std::uint64_t seed,
                                                 int threads = 0);

}  // namespace clv
