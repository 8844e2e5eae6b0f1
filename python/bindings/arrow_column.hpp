#pragma once
// Cells of one column of an Arrow table.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "arrow_abi.hpp"
#include "clv/data/tables/parse_number.hpp"

namespace clv::python {

enum class ArrowType : std::uint8_t {
    null,
    boolean,
    int8,
    uint8,
    int16,
    uint16,
    int32,
    uint32,
    int64,
    uint64,
    float32,
    float64,
    decimal128,
    utf8,
    large_utf8,
    utf8_view,
    date32,
    date64,
    timestamp
};

class ArrowColumn {
  public:
    /// `name` is for messages. Throws InputError if the type is none that stands in a CSV file.
    ArrowColumn(const ArrowSchema& schema, const std::string& name);

    /// Adds the next `rows` rows, from `offset` of the array on; the array must outlive the column.
    void append(const ArrowArray& array, std::size_t offset, std::size_t rows);

    [[nodiscard]] bool is_numeric() const noexcept;
    [[nodiscard]] NumberCell number(std::size_t row) const noexcept;
    [[nodiscard]] std::string_view text(std::size_t row, std::string& room) const;
    [[nodiscard]] std::span<const double> doubles() const noexcept;

  private:
    struct Piece {
        std::size_t first_row = 0;
        std::size_t offset = 0;
        std::size_t rows = 0;
        const std::uint8_t* validity = nullptr;  ///< null: nothing is missing
        const ArrowArray* array = nullptr;
        std::shared_ptr<const ArrowColumn> dictionary;
    };
    struct Cell {
        const ArrowArray* array;
        std::size_t index;  ///< in the array's buffers
        const ArrowColumn* dictionary;
        bool is_missing;
    };

    [[nodiscard]] Cell cell(std::size_t row) const noexcept;
    [[nodiscard]] std::int64_t integer(const Cell& cell) const noexcept;
    [[nodiscard]] double floating(const Cell& cell) const noexcept;
    [[nodiscard]] std::string_view characters(const Cell& cell) const noexcept;

    std::string name_;
    ArrowType type_ = ArrowType::null;  ///< of a dictionary column, that of its indices
    int scale_ = 0;                     ///< of decimals
    std::int64_t ticks_a_second_ = 1;   ///< of time stamps
    const ArrowSchema* dictionary_schema_ = nullptr;
    std::vector<Piece> pieces_;
};

}  // namespace clv::python
