#include "clv/data/tables/memory_table.hpp"

namespace clv {
namespace {

void append_field(std::string_view field, std::string& text) {
    if (field.find_first_of(",\"\r\n") == std::string_view::npos) {
        text += field;
        return;
    }
    text += '"';
    for (const char c : field) {
        text += c;
        if (c == '"') {
            text += c;
        }
    }
    text += '"';
}

}  // namespace

void append_csv_header(const MemoryTable& table, std::string& text) {
    bool is_first = true;
    for (const std::string& name : table.names()) {
        text += is_first ? "" : ",";
        append_field(name, text);
        is_first = false;
    }
}

void append_csv_row(const MemoryTable& table, std::size_t row, std::string& text) {
    std::string room;
    const std::size_t columns = table.names().size();
    for (std::size_t column = 0; column < columns; ++column) {
        text += column == 0 ? "" : ",";
        const std::string_view cell = table.text(column, row, room);
        // An empty line would be none.
        if (columns == 1 && cell.empty()) {
            text += "\"\"";
        } else {
            append_field(cell, text);
        }
    }
}

}  // namespace clv
