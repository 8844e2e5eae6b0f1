#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace clv {

/// Customers of one segment by periods of their life; [0] is period 1, at the end of which the first renewal is due.
/// Who is observed only from a later renewal on is at risk from that on, which makes the likelihood of the counts one
/// that is conditional on having been there.
struct RenewalCounts {
    std::string segment;                 ///< "all" where there are no segments
    std::vector<double> at_risk;         ///< up for the renewal; a fraction where lives end within periods
    std::vector<std::uint64_t> churned;  ///< who did not renew
    std::uint64_t customers = 0;         ///< up for some renewal; 0: all of them were up for the first
    std::vector<std::string> warnings{};
};

}  // namespace clv
