#pragma once

#include <map>
#include <string>
#include <vector>

namespace clv {

/// What happens to a row with a fault. Structural faults of the file always refuse it.
enum class OnFault { refuse, reject_rows };

/// Where customers come from and how the file's columns map onto ours (config section [input]).
struct InputSettings {
    std::string customers;                        ///< path of the customers file; empty if none was named
    std::map<std::string, std::string> columns;   ///< our column name -> the file's column name
    std::map<std::string, std::string> defaults;  ///< our column name -> value used where the column is absent
    std::vector<std::string> segment_by;          ///< columns combined with " | " into the segment
    OnFault on_fault = OnFault::refuse;
    std::string summary{};  ///< path of a purchase summary; empty if none was named
    std::string model{};    ///< path of a model.json; empty if none was named
};

}  // namespace clv
