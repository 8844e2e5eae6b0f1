#pragma once
// libxlsxwriter does not look at every write of its temporary files: what it made is read back.

#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <span>
#include <string_view>

namespace clv {

/// What tells bytes from others.
struct ByteSum {
    std::uint64_t bytes = 0;
    std::uint32_t crc = 0;  ///< CRC-32

    void add(std::string_view more);
    bool operator==(const ByteSum&) const = default;
};

/// The rows of a sheet as the library has collected them in a file. Throws OutputError unless all can be read from it.
[[nodiscard]] ByteSum rows_in(std::FILE* stream, const std::filesystem::path& workbook);

/// Throws OutputError unless the file is a zip whose members have their CRC-32, every tag in them is closed, the sheets
/// hold these rows, and all else is as in the twin, a workbook without rows.
void require_whole(const std::filesystem::path& workbook, const std::filesystem::path& twin,
                   std::span<const ByteSum> sheets);

}  // namespace clv
