#include "spreadsheet.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <ctime>
#include <new>
#include <utility>
#include <vector>

#include "clv/core/errors.hpp"
#include "finished_workbook.hpp"

namespace clv {

namespace {

[[noreturn]] void fail(const std::filesystem::path& path, const std::string& problem) {
    throw OutputError(fmt::format("cannot write {}: {}; check space and permissions, or name another folder",
                                  path.string(), problem));
}

/// The library goes on without what it had no memory for, and mostly does not say so; the system does. For a time in
/// which nothing else is done than to call the library.
class MemoryWatch {
  public:
    MemoryWatch() { errno = 0; }
    /// Throws std::bad_alloc.
    static void check() {
        if (errno == ENOMEM) {
            throw std::bad_alloc();
        }
    }
};

/// The text, or as much of it as a cell may hold.
std::string for_a_cell(std::string_view text) {
    constexpr std::size_t most_characters = 32'767;
    std::size_t characters = 0;
    std::size_t room = 0;  // bytes of all but the last character that fits
    for (std::size_t i = 0; i < text.size(); ++i) {
        if ((static_cast<unsigned char>(text[i]) & 0xC0U) != 0x80U && ++characters == most_characters) {
            room = i;
        }
    }
    return characters <= most_characters ? std::string(text) : std::string(text.substr(0, room)) + "\u2026";
}

}  // namespace

void Sheet::check(lxw_error error, std::uint32_t row, std::uint16_t column) const {
    if (error == LXW_ERROR_MEMORY_MALLOC_FAILED) {
        throw std::bad_alloc();
    }
    MemoryWatch::check();
    if (error != LXW_NO_ERROR) {
        fail(book_->path_,
             fmt::format("sheet {}, row {}, column {}: {}", name_, row + 1, column + 1, lxw_strerror(error)));
    }
}

void Sheet::write(std::uint32_t row, std::uint16_t column, std::string_view text, CellStyle style) {
    const std::string shown = for_a_cell(text);
    lxw_format* const format = book_->format(style);
    const MemoryWatch watch;
    check(worksheet_write_string(sheet_, row, column, shown.c_str(), format), row, column);
}

void Sheet::write(std::uint32_t row, std::uint16_t column, double value, CellStyle style) {
    lxw_format* const format = book_->format(style);
    const MemoryWatch watch;
    check(worksheet_write_number(sheet_, row, column, value, format), row, column);
}

void Sheet::write_formula(std::uint32_t row, std::uint16_t column, const std::string& formula, double value,
                          CellStyle style) {
    lxw_format* const format = book_->format(style);
    const MemoryWatch watch;
    check(worksheet_write_formula_num(sheet_, row, column, formula.c_str(), format, value), row, column);
}

void Sheet::set_width(std::uint16_t column, double characters) {
    const MemoryWatch watch;
    check(worksheet_set_column(sheet_, column, column, characters, nullptr), 0, column);
}

void Sheet::freeze(std::uint16_t columns) {
    const MemoryWatch watch;
    worksheet_freeze_panes(sheet_, 1, columns);
    MemoryWatch::check();
}

void Sheet::filter(std::uint32_t rows, std::uint16_t columns) {
    const MemoryWatch watch;
    check(worksheet_autofilter(sheet_, 0, 0, rows, static_cast<lxw_col_t>(columns - 1)), 0, 0);
}

void Sheet::insert_chart(std::uint32_t row, std::uint16_t column, lxw_chart* chart, std::string alt_text) {
    lxw_chart_options options = {};
    options.description = alt_text.data();
    options.x_scale = 1.3;
    options.y_scale = 1.3;
    const MemoryWatch watch;
    check(worksheet_insert_chart_opt(sheet_, row, column, chart, &options), row, column);
}

void Sheet::set_print_layout() {
    const MemoryWatch watch;
    worksheet_set_landscape(sheet_);
    worksheet_fit_to_pages(sheet_, 1, 0);
    worksheet_repeat_rows(sheet_, 0, 0);
    MemoryWatch::check();
}

Spreadsheet::Spreadsheet(std::filesystem::path file, std::string title)
    : path_(std::move(file)), folder_(path_.parent_path().string()) {
    lxw_workbook_options options = {};
    options.constant_memory = LXW_TRUE;
    options.tmpdir = folder_.empty() ? nullptr : folder_.data();
    const MemoryWatch watch;
    book_ = workbook_new_opt(path_.c_str(), &options);
    if (book_ == nullptr) {
        throw std::bad_alloc();
    }
    constexpr std::time_t first_day_of_zip = 315532800;  // 1980-01-01
    lxw_doc_properties properties = {};
    properties.title = title.data();
    properties.created = first_day_of_zip;
    workbook_set_properties(book_, &properties);
    if (errno == ENOMEM) {
        lxw_workbook_free(book_);
        throw std::bad_alloc();
    }
}

Spreadsheet::~Spreadsheet() {
    if (book_ != nullptr) {
        lxw_workbook_free(book_);
    }
}

Sheet Spreadsheet::add_sheet(const std::string& name) {
    const MemoryWatch watch;
    lxw_worksheet* sheet = workbook_add_worksheet(book_, name.c_str());
    MemoryWatch::check();
    if (sheet == nullptr) {
        fail(path_, fmt::format("sheet {} cannot be opened in {}", name, folder_.empty() ? "." : folder_));
    }
    return {*this, sheet, name};
}

lxw_chart* Spreadsheet::add_line_chart(const std::string& title, const std::string& x_title, const std::string& y_title,
                                       const std::string& x, const std::string& y) {
    const MemoryWatch watch;
    lxw_chart* chart = workbook_add_chart(book_, LXW_CHART_SCATTER_STRAIGHT);
    MemoryWatch::check();
    chart_add_series(chart, x.c_str(), y.c_str());
    chart_title_set_name(chart, title.c_str());
    chart_axis_set_name(chart->x_axis, x_title.c_str());
    chart_axis_set_name(chart->y_axis, y_title.c_str());
    chart_axis_set_num_format(chart->x_axis, "#,##0");
    chart_axis_set_num_format(chart->y_axis, "#,##0");
    chart_legend_set_position(chart, LXW_CHART_LEGEND_NONE);
    MemoryWatch::check();
    return chart;
}

lxw_format* Spreadsheet::format(CellStyle style) {
    lxw_format*& made = formats_[style];
    if (made != nullptr) {
        return made;
    }
    const MemoryWatch watch;
    made = workbook_add_format(book_);
    if (made == nullptr) {
        throw std::bad_alloc();
    }
    constexpr double title_points = 16.0;
    constexpr lxw_color_t header_fill = 0xDDE6F0;
    constexpr lxw_color_t grey = 0x555555;
    switch (style) {
        case CellStyle::text:
        case CellStyle::plain_number:
            break;
        case CellStyle::title:
            format_set_bold(made);
            format_set_font_size(made, title_points);
            break;
        case CellStyle::heading:
            format_set_bold(made);
            format_set_bottom(made, LXW_BORDER_THIN);
            break;
        case CellStyle::header:
            format_set_bold(made);
            format_set_bg_color(made, header_fill);
            format_set_bottom(made, LXW_BORDER_THIN);
            break;
        case CellStyle::note:
            format_set_font_color(made, grey);
            break;
        case CellStyle::whole:
            format_set_num_format(made, "#,##0");
            break;
        case CellStyle::number:
            format_set_num_format(made, "#,##0.00");
            break;
        case CellStyle::money:
            format_set_num_format(made, "#,##0.00;[Red]-#,##0.00");
            break;
        case CellStyle::share:
            format_set_num_format(made, "0.0%");
            break;
        case CellStyle::small_share:
            format_set_num_format(made, "0.00000%");
            break;
    }
    return made;
}

void Spreadsheet::close() {
    std::vector<SheetRows> rows;
    lxw_worksheet* sheet = nullptr;
    STAILQ_FOREACH(sheet, book_->worksheets, list_pointers) {
        const MemoryWatch watch;
        lxw_worksheet_write_single_row(sheet);
        MemoryWatch::check();
        rows.push_back(rows_in(sheet->optimize_tmpfile, path_));
    }
    lxw_workbook* book = std::exchange(book_, nullptr);
    const MemoryWatch watch;
    const lxw_error error = workbook_close(book);
    if (error == LXW_ERROR_MEMORY_MALLOC_FAILED || errno == ENOMEM) {
        throw std::bad_alloc();
    }
    if (error != LXW_NO_ERROR) {
        fail(path_, lxw_strerror(error));
    }
    require_whole(path_, rows);
}

}  // namespace clv
