#pragma once
// Reads CSV (RFC 4180) row by row in bounded memory, and knows where every field stands.
//
// Quoted fields may hold commas, doubled quotes and line ends. A row ends with LF, CRLF or a lone CR, or with the
// file. A UTF-8 byte order mark and empty lines are skipped. A quote inside an unquoted field is a character like any
// other. Whatever leaves the rest of the file in doubt stops the reader: see fault().

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "clv/data/tables/fault.hpp"
#include "clv/data/tables/memory_table.hpp"

namespace clv {

class InputFile;

class CsvReader {
  public:
    static constexpr std::size_t max_field_bytes = std::size_t{1} << 20;
    static constexpr std::size_t max_row_bytes = std::size_t{8} << 20;
    static constexpr std::size_t default_chunk_bytes = std::size_t{1} << 18;

    /// Throws InputError if the file is missing, unreadable or no regular file.
    explicit CsvReader(const std::filesystem::path& file);

    /// Reads a table in memory as the CSV file that would hold it; `name` stands for the file in messages.
    CsvReader(std::shared_ptr<const MemoryTable> table, std::string name);

    /// Reads `text`; `name` stands for the file in messages.
    [[nodiscard]] static CsvReader from_text(std::string text, std::string name = "text",
                                             std::size_t chunk_bytes = default_chunk_bytes);

    /// Reads `text`, which must outlive it, as a piece of a file; only the first piece may begin with a byte order
    /// mark.
    [[nodiscard]] static CsvReader from_piece(std::string_view text, std::string name, bool is_first);

    /// Moves to the next row; false at the end of the file or at a fault. Throws InputError if reading fails.
    [[nodiscard]] bool next();

    /// Fields of the current row. Views are valid until the next call of next().
    [[nodiscard]] std::size_t size() const noexcept { return fields_.size(); }
    [[nodiscard]] std::string_view operator[](std::size_t index) const noexcept {
        const Field& field = fields_[index];
        return {(field.unescaped ? unescaped_.data() : buffer_.data()) + field.begin, field.size};
    }
    /// Physical line on which a field starts; the first line is 1.
    [[nodiscard]] std::uint64_t line(std::size_t index) const noexcept { return fields_[index].line; }
    /// Physical line on which the row starts.
    [[nodiscard]] std::uint64_t line() const noexcept { return fields_.front().line; }
    /// The row as it stands in the file, without its line end.
    [[nodiscard]] std::string_view row_text() const noexcept {
        return {buffer_.data() + row_begin_, row_text_end_ - row_begin_};
    }

    /// Physical lines up to the end of the current row.
    [[nodiscard]] std::uint64_t lines_read() const noexcept { return next_line_ - 1; }

    /// Why next() stopped before the end of the file.
    [[nodiscard]] const std::optional<Fault>& fault() const noexcept { return fault_; }
    [[nodiscard]] const std::string& name() const noexcept { return name_; }
    /// Whether rows are those of a table in memory.
    [[nodiscard]] bool in_memory() const noexcept { return in_memory_; }
    /// Size of the input; 0 if unknown (a table in memory).
    [[nodiscard]] std::uint64_t total_bytes() const noexcept { return total_bytes_; }
    /// Bytes up to the end of the current row.
    [[nodiscard]] std::uint64_t bytes_consumed() const noexcept { return bytes_read_ - (end_ - row_end_); }

  private:
    struct Field {
        std::size_t begin;  ///< in buffer_ or unescaped_
        std::size_t size;
        std::size_t buffer_begin;  ///< in buffer_, with its quote
        std::uint64_t line;
        bool unescaped;  ///< held doubled quotes, and stands in unescaped_
    };
    enum class Scan { complete, needs_more, at_end, faulty };
    using Source = std::function<std::size_t(char*, std::size_t)>;

    CsvReader(Source source, std::string name, std::uint64_t total_bytes, std::size_t chunk_bytes, bool is_first);
    explicit CsvReader(const std::shared_ptr<InputFile>& file);
    void fill();
    [[nodiscard]] Scan skip_empty_lines();
    [[nodiscard]] Scan scan_row();
    [[nodiscard]] Scan scan_quoted_field(std::size_t& position, std::uint64_t& line);
    [[nodiscard]] Scan scan_plain_field(std::size_t& position, std::uint64_t line);
    [[nodiscard]] bool has_sound_bytes(std::size_t end);
    Scan refuse(FaultKind kind, std::size_t column_number, std::uint64_t line, std::string problem, std::string remedy);
    Scan refuse_field_size(std::size_t field_begin, std::size_t position, std::uint64_t line);

    Source source_;  ///< returns 0 at the end
    std::string name_;
    bool in_memory_ = false;
    std::uint64_t total_bytes_ = 0;
    std::uint64_t bytes_read_ = 0;
    bool exhausted_ = false;

    std::vector<char> buffer_;
    std::size_t row_begin_ = 0;
    std::size_t row_text_end_ = 0;
    std::size_t row_end_ = 0;      ///< after the line end
    std::size_t end_ = 0;          ///< of what was read
    std::size_t field_begin_ = 0;  ///< of the field being scanned
    std::string unescaped_;
    std::vector<Field> fields_;
    std::uint64_t next_line_ = 1;
    std::optional<Fault> fault_;
};

/// The file, or the table that stands in its place. Throws InputError if it is not there.
[[nodiscard]] CsvReader open_csv(const std::string& path, const MemoryTables& tables);

}  // namespace clv
