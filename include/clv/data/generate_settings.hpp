#pragma once

#include <cstdint>
#include <string>

namespace clv {

/// A synthetic world (config section [generate], command `clv generate`).
struct GenerateSettings {
    std::string kind;  ///< "subscription"; empty: no world is generated
    std::int64_t customers = 10'000;
    std::uint64_t seed = 1;
};

}  // namespace clv
