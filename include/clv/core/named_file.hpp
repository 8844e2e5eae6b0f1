#pragma once

#include <filesystem>
#include <string>

namespace clv {

/// A file that a key of the configuration names: what a run reads, and so never removes or overwrites.
struct NamedFile {
    std::string key;  ///< "input.customers"; "config" for the file of the configuration itself
    std::filesystem::path path;
    bool of_earlier = false;  ///< not this run reads it: the results that stand in the output folder were made from it
};

}  // namespace clv
