#pragma once
// A file that is read front to back, or a table in memory as the CSV file that would hold it.

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>

#include "clv/data/tables/memory_table.hpp"

namespace clv {

class InputFile {
  public:
    /// Throws InputError if the file is missing, unreadable or no regular file.
    explicit InputFile(const std::filesystem::path& path);

    /// `name` stands for the file in messages.
    InputFile(std::shared_ptr<const MemoryTable> table, std::string name);

    /// Reads up to `bytes` bytes; 0 at the end. Throws InputError if reading fails.
    std::size_t read(char* to, std::size_t bytes);
    [[nodiscard]] const std::string& name() const noexcept { return name_; }
    /// 0 if unknown (a table in memory).
    [[nodiscard]] std::uint64_t total_bytes() const noexcept { return total_bytes_; }

  private:
    struct Close {
        void operator()(std::FILE* file) const noexcept { std::fclose(file); }
    };
    std::size_t read_table(char* to, std::size_t bytes);

    std::string name_;
    std::uint64_t total_bytes_;
    std::unique_ptr<std::FILE, Close> file_;
    std::shared_ptr<const MemoryTable> table_;  ///< null: a file
    std::size_t next_row_ = 0;
    std::string text_;  ///< of rows, up to text_read_ handed out
    std::size_t text_read_ = 0;
};

}  // namespace clv
