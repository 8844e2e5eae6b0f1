#include "clv/output/tables/csv_table.hpp"

#include <fmt/format.h>

#include <stdexcept>

#include "clv/output/files.hpp"

namespace clv {

namespace {

struct CellCount {
    std::size_t operator()(const CodedTexts& texts) const { return texts.codes.size(); }
    std::size_t operator()(const IdRange& ids) const { return ids.size(); }
    std::size_t operator()(const Ranks& ranks) const { return ranks.values.size(); }
    template <class T>
    std::size_t operator()(std::span<const T> values) const {
        return values.size();
    }
};

struct WriteCell {
    CsvWriter& csv;
    std::size_t row;
    void operator()(const CodedTexts& texts) const { csv.cell(std::string_view(texts.names[texts.codes[row]])); }
    void operator()(const IdRange& ids) const { csv.cell(ids[row]); }
    void operator()(const Ranks& ranks) const {
        if (const std::uint32_t rank = ranks.values[row]; rank != 0) {
            csv.cell(std::uint64_t{rank});
        } else {
            csv.empty_cell();
        }
    }
    void operator()(std::span<const std::string> texts) const { csv.cell(std::string_view(texts[row])); }
    template <class T>
    void operator()(std::span<const T> values) const {
        csv.cell(values[row]);
    }
};

}  // namespace

void CsvTable::append(std::size_t rows, std::span<const CsvColumn> columns) {
    std::vector<const CsvColumn*> in_order;
    std::vector<std::string> header;
    for (const ColumnSpec& spec : file_spec(file_).columns) {
        bool found = spec.is_optional;
        for (const CsvColumn& column : columns) {
            if ((column.pattern.empty() ? std::string_view(column.name) : column.pattern) != spec.name) {
                continue;
            }
            if (std::visit(CellCount{}, column.cells) != rows) {
                throw std::logic_error(fmt::format("{}: column {} has not {} rows", file_, column.name, rows));
            }
            found = true;
            in_order.push_back(&column);
            header.push_back(column.name);
        }
        if (!found) {
            throw std::logic_error(fmt::format("{}: no column {}", file_, spec.name));
        }
    }
    if (in_order.size() != columns.size()) {
        throw std::logic_error(fmt::format("{}: a column that the file table does not have", file_));
    }
    if (!csv_) {
        csv_.emplace(path_, header);
        header_ = header;
    }
    if (header != header_) {
        throw std::logic_error(fmt::format("{}: other columns than in the rows before", file_));
    }
    for (std::size_t row = 0; row < rows; ++row) {
        for (const CsvColumn* column : in_order) {
            std::visit(WriteCell{*csv_, row}, column->cells);
        }
        csv_->end_row();
    }
}

void CsvTable::close() {
    csv_.value().close();
}

void write_csv_table(const std::filesystem::path& path, std::string_view file, std::size_t rows,
                     std::span<const CsvColumn> columns) {
    CsvTable table(path, file);
    table.append(rows, columns);
    table.close();
}

}  // namespace clv
