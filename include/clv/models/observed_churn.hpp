#pragma once
// What customers' tenures say of churn, by segment, and whether some are missing who should be among them.

#include <string>
#include <string_view>
#include <vector>

#include "clv/data/tables/customer_table.hpp"
#include "clv/models/kaplan_meier.hpp"

namespace clv {

struct ObservedChurn {
    std::string segment;  ///< "all" if there are no segments
    KaplanMeier estimate;
    std::size_t customers = 0;
    std::vector<std::string> warnings;
};

/// Who churned, and who was at risk, in months of life, where a period is one month, or in periods at whose end a
/// renewal is due and churn happens: then a renewal is observed where observation began before it was due. One entry
/// per segment, in their order. The columns tenure_months and churned must be there.
[[nodiscard]] std::vector<ObservedChurn> observe_churn(const CustomerTable& customers, int period_months,
                                                       bool churns_at_renewals);

/// How new customers must have come if the data are complete: [month of life] of those still there stand for as many
/// as joined that long ago, each for 1 / survival(tenure). A file of those who were there at some date or later lacks
/// those who had left before, which looks as if fewer had joined long ago.
struct ImpliedGrowth {
    double yearly = 0.0;  ///< of the number of new customers, as a fraction
    double z = 0.0;       ///< of the mean time since joining against that of steady joining, in standard errors
};

/// Of tenures in periods up to where survival falls below a quarter, beyond which weights are mostly noise. Both are 0
/// where there are too few customers or months to tell. `survival` is [period], after it.
[[nodiscard]] ImpliedGrowth implied_growth(const std::vector<double>& survival, const std::vector<double>& tenures,
                                           const std::vector<std::uint8_t>& churned, int period_months);

}  // namespace clv
