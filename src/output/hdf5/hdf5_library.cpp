#include "hdf5_library.hpp"

#include <hdf5.h>

#include <cerrno>
#include <new>

#include "output/silent_errors.hpp"

namespace clv {

void start_hdf5() {
    // Called at exit with a file that could not be closed, the library's clean-up may not return.
    static const herr_t no_clean_up = H5dont_atexit();
    static_cast<void>(no_clean_up);
    static const bool has_started = [] {
        const SilentErrors silence;  // it cannot be told to print nothing before
        return H5open() >= 0 && H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr) >= 0;
    }();
    if (!has_started) {
        throw std::bad_alloc();
    }
    errno = 0;  // last_hdf5_error() asks it
}

}  // namespace clv
