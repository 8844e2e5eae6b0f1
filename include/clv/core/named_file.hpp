#pragma once

#include <filesystem>
#include <string>

namespace clv {

/// A file that a key of the configuration names: what a run reads, and so never removes or overwrites.
struct NamedFile {
    std::string key;  ///< "input.customers"; "config" for the file of the configuration itself
    std::filesystem::path path;
};

}  // namespace clv
