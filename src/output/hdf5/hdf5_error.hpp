#pragma once

#include <string>

namespace clv {

/// What the HDF5 library says of the call that failed last.
struct Hdf5Error {
    std::string reason;  ///< the innermost message; of a failed system call only the system's reason
    bool out_of_memory = false;
};
[[nodiscard]] Hdf5Error last_hdf5_error();

}  // namespace clv
