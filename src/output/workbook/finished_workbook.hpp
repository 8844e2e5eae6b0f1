#pragma once
// libxlsxwriter does not look at every write of its temporary files: what it made is read back.

#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <span>

namespace clv {

/// The rows of a sheet as the library has collected them.
struct SheetRows {
    std::uint64_t bytes = 0;
    std::uint32_t crc = 0;  ///< CRC-32
};

/// Throws OutputError unless all that was written to the stream can be read from its file.
[[nodiscard]] SheetRows rows_in(std::FILE* stream, const std::filesystem::path& workbook);

/// Throws OutputError unless the file is a zip whose members have their CRC-32, every tag in them is closed, and the
/// sheets hold these rows.
void require_whole(const std::filesystem::path& workbook, std::span<const SheetRows> sheets);

}  // namespace clv
