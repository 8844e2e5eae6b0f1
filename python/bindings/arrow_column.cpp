#include "arrow_column.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
#include <chrono>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <iterator>
#include <utility>

#include "clv/core/errors.hpp"

namespace clv::python {
namespace {

template <class T>
T read(const void* buffer, std::size_t index) noexcept {
    T value;
    std::memcpy(&value, static_cast<const char*>(buffer) + index * sizeof(T), sizeof(T));
    return value;
}

bool bit(const void* buffer, std::size_t index) noexcept {
    return ((static_cast<const std::uint8_t*>(buffer)[index / 8] >> (index % 8)) & 1U) != 0;
}

constexpr std::array<std::pair<std::string_view, ArrowType>, 17> plain_types{{
    {"n", ArrowType::null},
    {"b", ArrowType::boolean},
    {"c", ArrowType::int8},
    {"C", ArrowType::uint8},
    {"s", ArrowType::int16},
    {"S", ArrowType::uint16},
    {"i", ArrowType::int32},
    {"I", ArrowType::uint32},
    {"l", ArrowType::int64},
    {"L", ArrowType::uint64},
    {"f", ArrowType::float32},
    {"g", ArrowType::float64},
    {"u", ArrowType::utf8},
    {"U", ArrowType::large_utf8},
    {"vu", ArrowType::utf8_view},
    {"tdD", ArrowType::date32},
    {"tdm", ArrowType::date64},
}};

/// As Python writes it, so that a column means the same in memory and in the CSV file it is saved to.
void append_double(double value, std::string& text) {
    fmt::format_to(std::back_inserter(text), "{}", value);
    if (std::isfinite(value) && text.find_first_of(".e") == std::string::npos) {
        text += ".0";
    }
}

/// "2011-12-09", or "2011-12-09 12:50:00" where it is not midnight.
void append_time(std::int64_t ticks, std::int64_t ticks_a_second, std::string& text) {
    const std::int64_t ticks_a_day = 86'400 * ticks_a_second;
    std::int64_t day = ticks / ticks_a_day;
    std::int64_t rest = ticks % ticks_a_day;
    if (rest < 0) {
        rest += ticks_a_day;
        --day;
    }
    const std::chrono::year_month_day date{std::chrono::sys_days{std::chrono::days{day}}};
    fmt::format_to(std::back_inserter(text), "{:04}-{:02}-{:02}", static_cast<int>(date.year()),
                   static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()));
    if (rest != 0) {
        const std::int64_t second = rest / ticks_a_second;
        fmt::format_to(std::back_inserter(text), " {:02}:{:02}:{:02}", second / 3600, second / 60 % 60, second % 60);
    }
}

/// A 128-bit integer with `scale` digits behind the point.
void append_decimal(const void* buffer, std::size_t index, int scale, std::string& text) {
    const auto low = read<std::uint64_t>(buffer, 2 * index);
    const auto high = read<std::uint64_t>(buffer, 2 * index + 1);
    __extension__ using Wide = unsigned __int128;
    Wide value = (Wide{high} << 64U) | low;
    const bool is_negative = (high >> 63U) != 0;
    if (is_negative) {
        value = -value;
    }
    std::string digits;
    while (value != 0 || static_cast<int>(digits.size()) <= scale) {
        digits += static_cast<char>('0' + static_cast<int>(value % 10));
        value /= 10;
        if (static_cast<int>(digits.size()) == scale) {
            digits += '.';
            if (value == 0) {
                digits += '0';
                break;
            }
        }
    }
    text += is_negative ? "-" : "";
    text.append(digits.rbegin(), digits.rend());
}

}  // namespace

ArrowColumn::ArrowColumn(const ArrowSchema& schema, const std::string& name)
    : name_(name), dictionary_schema_(schema.dictionary) {
    const std::string_view format = schema.format;
    const auto refuse = [&](std::string_view what) {
        return InputError(fmt::format(
            "a column of a type that no table of ours has ({}, column {}): {}", format, name,
            what.empty() ? "convert it to numbers, text, booleans or dates, or leave the column out" : what));
    };
    const auto plain = std::ranges::find(plain_types, format, [](const auto& entry) { return entry.first; });
    if (plain != plain_types.end()) {
        type_ = plain->second;
    } else if (format.starts_with("ts") && format.size() >= 4) {
        type_ = ArrowType::timestamp;
        constexpr std::string_view units = "smun";
        constexpr std::array<std::int64_t, 4> ticks{1, 1'000, 1'000'000, 1'000'000'000};
        const std::size_t unit = units.find(format[2]);
        if (unit == std::string_view::npos) {
            throw refuse("");
        }
        ticks_a_second_ = ticks[unit];
    } else if (format.starts_with("d:") && std::ranges::count(format, ',') == 1) {
        type_ = ArrowType::decimal128;
        scale_ = std::atoi(format.data() + format.find(',') + 1);
        if (scale_ < 0) {
            throw refuse("convert it to floating point");
        }
    } else {
        throw refuse("");
    }
    if (dictionary_schema_ != nullptr) {
        ArrowColumn values(*dictionary_schema_, name);  // refuses what a dictionary may not hold
    }
}

void ArrowColumn::append(const ArrowArray& array, std::size_t offset, std::size_t rows) {
    if (rows == 0) {
        return;
    }
    Piece piece;
    piece.first_row = pieces_.empty() ? 0 : pieces_.back().first_row + pieces_.back().rows;
    piece.offset = offset;
    piece.rows = rows;
    piece.array = &array;
    if (type_ != ArrowType::null && array.null_count != 0 && array.n_buffers > 0) {
        piece.validity = static_cast<const std::uint8_t*>(array.buffers[0]);
    }
    if (dictionary_schema_ != nullptr) {
        auto dictionary = std::make_shared<ArrowColumn>(*dictionary_schema_, name_);
        dictionary->append(*array.dictionary, static_cast<std::size_t>(array.dictionary->offset),
                           static_cast<std::size_t>(array.dictionary->length));
        piece.dictionary = std::move(dictionary);
    }
    pieces_.push_back(std::move(piece));
}

bool ArrowColumn::is_numeric() const noexcept {
    return dictionary_schema_ == nullptr && type_ >= ArrowType::int8 && type_ <= ArrowType::decimal128;
}

ArrowColumn::Cell ArrowColumn::cell(std::size_t row) const noexcept {
    const Piece* piece = pieces_.data();
    if (pieces_.size() > 1) {
        piece = &*std::prev(std::ranges::upper_bound(pieces_, row, {}, &Piece::first_row));
    }
    const std::size_t index = piece->offset + row - piece->first_row;
    const bool is_missing = type_ == ArrowType::null || (piece->validity != nullptr && !bit(piece->validity, index));
    return {piece->array, index, piece->dictionary.get(), is_missing};
}

std::int64_t ArrowColumn::integer(const Cell& cell) const noexcept {
    const void* values = cell.array->buffers[1];
    switch (type_) {
        case ArrowType::int8:
            return read<std::int8_t>(values, cell.index);
        case ArrowType::uint8:
            return read<std::uint8_t>(values, cell.index);
        case ArrowType::int16:
            return read<std::int16_t>(values, cell.index);
        case ArrowType::uint16:
            return read<std::uint16_t>(values, cell.index);
        case ArrowType::int32:
        case ArrowType::date32:
            return read<std::int32_t>(values, cell.index);
        case ArrowType::uint32:
            return read<std::uint32_t>(values, cell.index);
        default:
            return read<std::int64_t>(values, cell.index);
    }
}

double ArrowColumn::floating(const Cell& cell) const noexcept {
    const void* values = cell.array->buffers[1];
    switch (type_) {
        case ArrowType::float32:
            return static_cast<double>(read<float>(values, cell.index));
        case ArrowType::float64:
            return read<double>(values, cell.index);
        case ArrowType::uint64:
            return static_cast<double>(read<std::uint64_t>(values, cell.index));
        default:
            return static_cast<double>(integer(cell));
    }
}

NumberCell ArrowColumn::number(std::size_t row) const noexcept {
    const Cell at = cell(row);
    if (at.is_missing) {
        return {CellKind::blank, 0.0};
    }
    if (type_ == ArrowType::decimal128) {
        std::string room;
        append_decimal(at.array->buffers[1], at.index, scale_, room);
        return parse_number(room);
    }
    const double value = floating(at);
    if (std::isnan(value)) {
        return {CellKind::not_a_number, 0.0};
    }
    if (std::isinf(value)) {
        return {CellKind::infinite, 0.0};
    }
    return {CellKind::number, value == 0.0 ? 0.0 : value};
}

std::string_view ArrowColumn::characters(const Cell& cell) const noexcept {
    const void* const* buffers = cell.array->buffers;
    if (type_ == ArrowType::utf8) {
        const auto begin = read<std::int32_t>(buffers[1], cell.index);
        const auto end = read<std::int32_t>(buffers[1], cell.index + 1);
        return {static_cast<const char*>(buffers[2]) + begin, static_cast<std::size_t>(end - begin)};
    }
    if (type_ == ArrowType::large_utf8) {
        const auto begin = read<std::int64_t>(buffers[1], cell.index);
        const auto end = read<std::int64_t>(buffers[1], cell.index + 1);
        return {static_cast<const char*>(buffers[2]) + begin, static_cast<std::size_t>(end - begin)};
    }
    // A view: size, then up to 12 characters, or 4 of them, the buffer and the place in it.
    const char* view = static_cast<const char*>(buffers[1]) + 16 * cell.index;
    const auto size = static_cast<std::size_t>(read<std::int32_t>(view, 0));
    if (size <= 12) {
        return {view + 4, size};
    }
    const auto buffer = read<std::int32_t>(view, 2);
    const auto offset = read<std::int32_t>(view, 3);
    return {static_cast<const char*>(buffers[2 + buffer]) + offset, size};
}

std::string_view ArrowColumn::text(std::size_t row, std::string& room) const {
    const Cell at = cell(row);
    if (at.is_missing) {
        return {};
    }
    if (at.dictionary != nullptr) {
        return at.dictionary->text(static_cast<std::size_t>(integer(at)), room);
    }
    room.clear();
    switch (type_) {
        case ArrowType::null:
            return {};
        case ArrowType::boolean:
            return bit(at.array->buffers[1], at.index) ? "True" : "False";
        case ArrowType::utf8:
        case ArrowType::large_utf8:
        case ArrowType::utf8_view:
            return characters(at);
        case ArrowType::float32:
            fmt::format_to(std::back_inserter(room), "{}", read<float>(at.array->buffers[1], at.index));
            break;
        case ArrowType::float64:
            append_double(floating(at), room);
            break;
        case ArrowType::decimal128:
            append_decimal(at.array->buffers[1], at.index, scale_, room);
            break;
        case ArrowType::uint64:
            fmt::format_to(std::back_inserter(room), "{}", read<std::uint64_t>(at.array->buffers[1], at.index));
            break;
        case ArrowType::date32:
            append_time(integer(at) * 86'400, 1, room);
            break;
        case ArrowType::date64:
            append_time(integer(at), 1'000, room);
            break;
        case ArrowType::timestamp:
            append_time(integer(at), ticks_a_second_, room);
            break;
        default:
            fmt::format_to(std::back_inserter(room), "{}", integer(at));
    }
    return room;
}

std::span<const double> ArrowColumn::doubles() const noexcept {
    if (type_ != ArrowType::float64 || dictionary_schema_ != nullptr || pieces_.size() != 1) {
        return {};
    }
    const Piece& piece = pieces_.front();
    for (std::size_t i = 0; piece.validity != nullptr && i < piece.rows; ++i) {
        if (!bit(piece.validity, piece.offset + i)) {
            return {};
        }
    }
    const auto* values = static_cast<const double*>(piece.array->buffers[1]);
    const bool is_aligned = std::bit_cast<std::uintptr_t>(values) % alignof(double) == 0;
    return is_aligned ? std::span<const double>(values + piece.offset, piece.rows) : std::span<const double>();
}

}  // namespace clv::python
