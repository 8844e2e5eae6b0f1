#include "spreadsheet.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <ctime>
#include <new>
#include <system_error>
#include <type_traits>
#include <utility>
#include <vector>

#include "clv/core/errors.hpp"
#include "clv/core/out_of_memory.hpp"
#include "finished_workbook.hpp"

namespace clv {

namespace {

[[noreturn]] void fail(const std::filesystem::path& path, const std::string& problem) {
    if (errno == EMFILE || errno == ENFILE) {  // the library does not say so
        throw OutputError(fmt::format("cannot write {}: {}, there are too many open files: allow more (ulimit -n)",
                                      path.string(), problem));
    }
    throw OutputError(fmt::format("cannot write {}: {}; check space and permissions, or name another folder",
                                  path.string(), problem));
}

void require_memory() {
    if (is_library_without_memory()) {
        throw std::bad_alloc();
    }
}

/// Calls the library. Where it gets no memory it goes on without what it wanted, and reports no error. Throws
/// std::bad_alloc.
template <class Call>
auto with_memory(const Call& call) {
    errno = 0;
    if constexpr (std::is_void_v<decltype(call())>) {
        call();
        require_memory();
    } else {
        const auto made = call();
        require_memory();
        return made;
    }
}

/// The text without what XML has no place for, U+FFFE and U+FFFF, which are no characters.
std::string of_characters(std::string_view text) {
    std::string characters(text);
    for (const std::string_view none : {"\xEF\xBF\xBE", "\xEF\xBF\xBF"}) {
        for (std::size_t at = characters.find(none); at != std::string::npos; at = characters.find(none, at)) {
            characters.replace(at, none.size(), "\xEF\xBF\xBD");  // the replacement character
        }
    }
    return characters;
}

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

lxw_format* add_format(lxw_workbook* book, CellStyle style) {
    lxw_format* made = workbook_add_format(book);
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

}  // namespace

void Sheet::check(lxw_error error, std::uint32_t row, std::uint16_t column) const {
    if (error == LXW_ERROR_MEMORY_MALLOC_FAILED) {
        throw std::bad_alloc();
    }
    if (error != LXW_NO_ERROR) {
        fail(book_->path_,
             fmt::format("sheet {}, row {}, column {}: {}", name_, row + 1, column + 1, lxw_strerror(error)));
    }
}

void Sheet::write(std::uint32_t row, std::uint16_t column, std::string_view text, CellStyle style) {
    const std::string shown = for_a_cell(of_characters(text));
    lxw_format* const format = book_->format(style);
    check(with_memory([&] { return worksheet_write_string(sheets_[0], row, column, shown.c_str(), format); }), row,
          column);
}

void Sheet::write(std::uint32_t row, std::uint16_t column, double value, CellStyle style) {
    lxw_format* const format = book_->format(style);
    check(with_memory([&] { return worksheet_write_number(sheets_[0], row, column, value, format); }), row, column);
}

void Sheet::write_formula(std::uint32_t row, std::uint16_t column, const std::string& formula, double value,
                          CellStyle style) {
    lxw_format* const format = book_->format(style);
    check(with_memory(
              [&] { return worksheet_write_formula_num(sheets_[0], row, column, formula.c_str(), format, value); }),
          row, column);
}

void Sheet::set_width(std::uint16_t column, double characters) {
    for (lxw_worksheet* sheet : sheets_) {
        with_memory([&] { return worksheet_set_column(sheet, column, column, characters, nullptr); });
    }
}

void Sheet::freeze(std::uint16_t columns) {
    for (lxw_worksheet* sheet : sheets_) {
        with_memory([&] { worksheet_freeze_panes(sheet, 1, columns); });
    }
}

void Sheet::filter(std::uint32_t rows, std::uint16_t columns) {
    for (lxw_worksheet* sheet : sheets_) {
        with_memory([&] { worksheet_autofilter(sheet, 0, 0, rows, static_cast<lxw_col_t>(columns - 1)); });
    }
}

void Sheet::insert_chart(std::uint32_t row, std::uint16_t column, const Twins<lxw_chart>& charts,
                         std::string alt_text) {
    lxw_chart_options options = {};
    options.description = alt_text.data();
    options.x_scale = 1.3;
    options.y_scale = 1.3;
    for (std::size_t k = 0; k < sheets_.size(); ++k) {
        check(with_memory([&] { return worksheet_insert_chart_opt(sheets_[k], row, column, charts[k], &options); }),
              row, column);
    }
}

void Sheet::set_print_layout() {
    for (lxw_worksheet* sheet : sheets_) {
        with_memory([&] {
            worksheet_set_landscape(sheet);
            worksheet_fit_to_pages(sheet, 1, 0);
            worksheet_repeat_rows(sheet, 0, 0);
        });
    }
}

Spreadsheet::Spreadsheet(std::filesystem::path file, std::string title)
    : path_(std::move(file)),
      twin_path_(path_.string() + ".twin"),
      folder_(path_.parent_path().string()),
      book_(open(path_, title)),
      twin_(open(twin_path_, title)) {}

Spreadsheet::Book Spreadsheet::open(const std::filesystem::path& file, std::string title) {
    lxw_workbook_options options = {};
    options.constant_memory = LXW_TRUE;
    options.tmpdir = folder_.empty() ? nullptr : folder_.data();
    Book book(with_memory([&] { return workbook_new_opt(file.c_str(), &options); }));
    if (book == nullptr) {
        throw std::bad_alloc();
    }
    constexpr std::time_t first_day_of_zip = 315532800;  // 1980-01-01
    lxw_doc_properties properties = {};
    properties.title = title.data();
    properties.created = first_day_of_zip;
    with_memory([&] { workbook_set_properties(book.get(), &properties); });
    return book;
}

Sheet Spreadsheet::add_sheet(const std::string& name) {
    const auto sheets = with_memory([&] {
        return Twins<lxw_worksheet>{workbook_add_worksheet(book_.get(), name.c_str()),
                                    workbook_add_worksheet(twin_.get(), name.c_str())};
    });
    if (sheets[0] == nullptr || sheets[1] == nullptr) {
        fail(path_, fmt::format("sheet {} cannot be opened in {}", name, folder_.empty() ? "." : folder_));
    }
    return {*this, sheets, name};
}

Twins<lxw_chart> Spreadsheet::add_line_chart(const std::string& title, const std::string& x_title,
                                             const std::string& y_title, const std::string& x, const std::string& y) {
    const auto charts = with_memory([&] {
        return Twins<lxw_chart>{workbook_add_chart(book_.get(), LXW_CHART_SCATTER_STRAIGHT),
                                workbook_add_chart(twin_.get(), LXW_CHART_SCATTER_STRAIGHT)};
    });
    for (lxw_chart* chart : charts) {
        with_memory([&] {
            chart_add_series(chart, x.c_str(), y.c_str());
            chart_title_set_name(chart, title.c_str());
            chart_axis_set_name(chart->x_axis, x_title.c_str());
            chart_axis_set_name(chart->y_axis, y_title.c_str());
            chart_axis_set_num_format(chart->x_axis, "#,##0");
            chart_axis_set_num_format(chart->y_axis, "#,##0");
            chart_legend_set_position(chart, LXW_CHART_LEGEND_NONE);
        });
    }
    return charts;
}

lxw_format* Spreadsheet::format(CellStyle style) {
    lxw_format*& made = formats_[style];
    if (made == nullptr) {
        made = with_memory([&] { return add_format(book_.get(), style); });
    }
    return made;
}

/// Gives the twin what the workbook has of its rows: their extent, and the formats in the order of their first use.
void Spreadsheet::complete_twin() {
    lxw_worksheet* twin = STAILQ_FIRST(twin_->worksheets);
    lxw_worksheet* sheet = nullptr;
    STAILQ_FOREACH(sheet, book_->worksheets, list_pointers) {
        twin->dim_rowmin = sheet->dim_rowmin;
        twin->dim_rowmax = sheet->dim_rowmax;
        twin->dim_colmin = sheet->dim_colmin;
        twin->dim_colmax = sheet->dim_colmax;
        twin = STAILQ_NEXT(twin, list_pointers);
    }
    std::multimap<std::int32_t, CellStyle> by_index;
    for (const auto& [style, format] : formats_) {
        by_index.emplace(format->xf_index, style);
    }
    for (const auto& [index, style] : by_index) {
        with_memory([&] { return lxw_format_get_xf_index(add_format(twin_.get(), style)); });
    }
}

void Spreadsheet::write(Book book, const std::filesystem::path& file) const {
    const lxw_error error = with_memory([&] { return workbook_close(book.release()); });
    if (error == LXW_ERROR_MEMORY_MALLOC_FAILED) {
        throw std::bad_alloc();
    }
    if (error != LXW_NO_ERROR) {
        fail(file, lxw_strerror(error));
    }
}

void Spreadsheet::close() {
    std::vector<ByteSum> rows;
    lxw_worksheet* sheet = nullptr;
    STAILQ_FOREACH(sheet, book_->worksheets, list_pointers) {
        with_memory([&] { lxw_worksheet_write_single_row(sheet); });
        rows.push_back(rows_in(sheet->optimize_tmpfile, path_));
    }
    complete_twin();
    write(std::move(book_), path_);
    write(std::move(twin_), twin_path_);
    require_whole(path_, twin_path_, rows);
    std::error_code error;
    std::filesystem::remove(twin_path_, error);  // what stays is no result
}

}  // namespace clv
