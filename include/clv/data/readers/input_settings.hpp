#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "clv/data/tables/memory_table.hpp"

namespace clv {

/// What happens to a row with a fault. Structural faults of the file always refuse it.
enum class OnFault { refuse, reject_rows };

/// A file of which more rows have a fault is not what it is taken for, and refused whatever its rows are worth.
inline constexpr double default_max_rejected = 0.05;

/// Where customers come from and how the file's columns map onto ours (config section [input]).
struct InputSettings {
    std::string customers;                        ///< path of the customers file; empty if none was named
    std::map<std::string, std::string> columns;   ///< our column name -> the file's column name
    std::map<std::string, std::string> defaults;  ///< our column name -> value used where the column is absent
    std::vector<std::string> segment_by;          ///< columns combined with " | " into the segment
    std::optional<OnFault> on_fault{};  ///< absent: transactions are rejected row by row, other input is refused
    double max_rejected = default_max_rejected;  ///< share of the rows read that may be rejected
    std::string summary{};                       ///< path of a purchase summary; empty if none was named
    std::string model{};                         ///< path of a model.json; empty if none was named
    std::string learner{};                       ///< path of a learner.json; empty if none was named
    std::vector<std::string> transactions{};     ///< paths of transactions files
    MemoryTables tables{};                       ///< handed over in memory instead
    int threads = 1;                             ///< that read customers; 0: all

    [[nodiscard]] OnFault fault_rule() const noexcept {
        return on_fault.value_or(transactions.empty() ? OnFault::refuse : OnFault::reject_rows);
    }
    /// Whether customers have no contract.
    [[nodiscard]] bool has_purchases() const noexcept { return !transactions.empty() || !summary.empty(); }
};

}  // namespace clv
