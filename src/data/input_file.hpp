#pragma once
// A file that is read front to back, or a pipe.

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>

namespace clv {

class InputFile {
  public:
    /// Throws InputError if the file is missing, a folder or unreadable.
    explicit InputFile(const std::filesystem::path& path);

    /// Reads up to `bytes` bytes; 0 at the end. Throws InputError if reading fails.
    std::size_t read(char* to, std::size_t bytes);
    [[nodiscard]] const std::string& name() const noexcept { return name_; }
    /// 0 if unknown (a pipe).
    [[nodiscard]] std::uint64_t total_bytes() const noexcept { return total_bytes_; }

  private:
    struct Close {
        void operator()(std::FILE* file) const noexcept { std::fclose(file); }
    };
    std::string name_;
    std::uint64_t total_bytes_;
    std::unique_ptr<std::FILE, Close> file_;
};

}  // namespace clv
