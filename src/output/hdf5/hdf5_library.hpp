#pragma once

namespace clv {

/// To be called before a file is made or opened: from then on HDF5 prints nothing, and errno is 0. Throws
/// std::bad_alloc where it has no memory to begin with.
void start_hdf5();

}  // namespace clv
