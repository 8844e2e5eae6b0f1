#pragma once
// Public data sets that tests compare with; they live outside the repository.

#include <cstdlib>
#include <filesystem>

namespace clv {

/// The folder named by CLV_REFERENCE_DATA, or ../shared/data beside the sources.
inline std::filesystem::path reference_data() {
    const char* folder = std::getenv("CLV_REFERENCE_DATA");
    return folder != nullptr ? std::filesystem::path(folder)
                             : std::filesystem::path(CLV_SOURCE_DIR) / ".." / "shared" / "data";
}

}  // namespace clv
