#pragma once
// A workbook being written, on libxlsxwriter: sheets row by row, errors as OutputError.

#include <xlsxwriter.h>

#include <array>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "output/silent_errors.hpp"

namespace clv {

/// How cells look; numbers keep 16 digits whatever they show.
enum class CellStyle { text, title, heading, header, note, plain_number, whole, number, money, share, small_share };

class Spreadsheet;

/// A part of the workbook and the same part of its twin, which has all of the workbook but its rows. The library does
/// not look at every write: one that was lost leaves a difference between the two.
template <class Part>
using Twins = std::array<Part*, 2>;

/// One sheet, to be filled from the top: a row that is above the last one written is lost.
class Sheet {
  public:
    static constexpr std::uint32_t most_rows = 1'048'576;
    static constexpr std::uint16_t most_columns = 16'384;

    /// A text that is longer than a cell may be (32,767 characters) is cut off, and ends with an ellipsis.
    void write(std::uint32_t row, std::uint16_t column, std::string_view text, CellStyle style = CellStyle::text);
    void write(std::uint32_t row, std::uint16_t column, double value, CellStyle style);
    /// `value` is what the formula comes to; programs that do not calculate show it.
    void write_formula(std::uint32_t row, std::uint16_t column, const std::string& formula, double value,
                       CellStyle style);
    void set_width(std::uint16_t column, double characters);
    /// The first row and `columns` columns stay in sight.
    void freeze(std::uint16_t columns);
    /// The header can filter the rows below it.
    void filter(std::uint32_t rows, std::uint16_t columns);
    void insert_chart(std::uint32_t row, std::uint16_t column, const Twins<lxw_chart>& charts, std::string alt_text);
    /// Printed in landscape, one page wide, the header on every page.
    void set_print_layout();
    [[nodiscard]] const std::string& name() const noexcept { return name_; }

  private:
    friend class Spreadsheet;
    Sheet(Spreadsheet& book, Twins<lxw_worksheet> sheets, std::string name)
        : book_(&book), sheets_(sheets), name_(std::move(name)) {}
    void check(lxw_error error, std::uint32_t row, std::uint16_t column) const;

    Spreadsheet* book_;
    Twins<lxw_worksheet> sheets_;
    std::string name_;
};

class Spreadsheet {
  public:
    /// Temporary files stand beside `file`. `title` is its property; its date is always the same, so that the same
    /// cells give the same bytes.
    Spreadsheet(std::filesystem::path file, std::string title);

    [[nodiscard]] Sheet add_sheet(const std::string& name);
    /// A line through points, x and y being ranges such as "=Frontier!$A$2:$A$9".
    [[nodiscard]] Twins<lxw_chart> add_line_chart(const std::string& title, const std::string& x_title,
                                                  const std::string& y_title, const std::string& x,
                                                  const std::string& y);
    /// Writes the file, reads it back and compares it with its twin; throws OutputError. Without it there is no file.
    void close();

  private:
    friend class Sheet;
    struct FreeBook {
        void operator()(lxw_workbook* book) const { lxw_workbook_free(book); }
    };
    using Book = std::unique_ptr<lxw_workbook, FreeBook>;

    [[nodiscard]] Book open(const std::filesystem::path& file, std::string title);
    [[nodiscard]] lxw_format* format(CellStyle style);
    void complete_twin();
    void write(Book book, const std::filesystem::path& file) const;

    SilentErrors silence_;
    std::filesystem::path path_;
    std::filesystem::path twin_path_;
    std::string folder_;
    Book book_;
    Book twin_;
    std::map<CellStyle, lxw_format*> formats_;
};

}  // namespace clv
