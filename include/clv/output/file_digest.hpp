#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

namespace clv {

/// What identifies the content of a file.
struct FileDigest {
    std::string sha256;  ///< 64 lower-case hexadecimal digits
    std::uint64_t bytes = 0;
    bool operator==(const FileDigest&) const = default;
};

/// Reads the whole file. Throws InputError if it cannot be read, Interrupted if the user asked to stop.
[[nodiscard]] FileDigest digest_file(const std::filesystem::path& path);

/// Whether it is a file with that digest. Throws InputError if it cannot be read.
[[nodiscard]] bool matches(const std::filesystem::path& path, const FileDigest& expected);

}  // namespace clv
