#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace clv {

/// Customers of one segment by periods of their life; [0] is period 1, at the end of which the first renewal is due.
struct RenewalCounts {
    std::string segment;                 ///< "all" where there are no segments
    std::vector<std::uint64_t> at_risk;  ///< up for the renewal
    std::vector<std::uint64_t> churned;  ///< who did not renew
};

}  // namespace clv
