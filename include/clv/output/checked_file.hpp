#pragma once
// A file written front to back in which no failure goes unnoticed: every write and the close are checked.

#include <cstdint>
#include <filesystem>
#include <string_view>

namespace clv {

class CheckedFile {
  public:
    /// Creates or truncates `path`. Throws OutputError, like every function here.
    explicit CheckedFile(std::filesystem::path path);
    ~CheckedFile();
    CheckedFile(const CheckedFile&) = delete;
    CheckedFile& operator=(const CheckedFile&) = delete;

    void write(std::string_view bytes);
    /// Without it the file is only closed, unchecked, by the destructor.
    void close();
    [[nodiscard]] const std::filesystem::path& path() const noexcept { return path_; }
    [[nodiscard]] std::uint64_t bytes_written() const noexcept { return bytes_written_; }

  private:
    std::filesystem::path path_;
    int descriptor_ = -1;
    std::uint64_t bytes_written_ = 0;
};

/// Writes `text` as the whole of the file. Throws OutputError.
void write_text_file(const std::filesystem::path& path, std::string_view text);

/// Throws the OutputError for a system call on `path` that failed with `error_number` (of <cerrno>) after
/// `bytes_written` bytes.
[[noreturn]] void throw_write_error(const std::filesystem::path& path, int error_number, std::uint64_t bytes_written);

}  // namespace clv
