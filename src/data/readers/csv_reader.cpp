#include "clv/data/readers/csv_reader.hpp"

#include <fmt/format.h>
#include <utf8.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <memory>
#include <utility>

#include "input_file.hpp"

namespace clv {
namespace {

constexpr std::array<bool, 256> ends_plain_field = [] {
    std::array<bool, 256> ends{};
    ends[','] = ends['\n'] = ends['\r'] = true;
    return ends;
}();

bool ends_field(char c) {
    return ends_plain_field[static_cast<unsigned char>(c)];
}

std::uint64_t count_line_ends(const char* first, const char* last) {
    std::uint64_t count = 0;
    for (const char* c = first; c != last; ++c) {
        count += *c == '\n' || (*c == '\r' && !(c + 1 != last && c[1] == '\n')) ? 1 : 0;
    }
    return count;
}

}  // namespace

CsvReader::CsvReader(Source source, std::string name, std::uint64_t total_bytes, std::size_t chunk_bytes, bool is_first)
    : source_(std::move(source)), name_(std::move(name)), total_bytes_(total_bytes) {
    constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
    buffer_.resize(std::max(chunk_bytes, byte_order_mark.size()));
    while (is_first && end_ < byte_order_mark.size() && !exhausted_) {
        fill();
    }
    if (is_first && std::string_view(buffer_.data(), end_).starts_with(byte_order_mark)) {
        row_end_ = byte_order_mark.size();
    }
}

CsvReader::CsvReader(const std::filesystem::path& file) : CsvReader(std::make_shared<InputFile>(file)) {}

CsvReader::CsvReader(std::shared_ptr<const MemoryTable> table, std::string name)
    : CsvReader(std::make_shared<InputFile>(std::move(table), std::move(name))) {
    in_memory_ = true;
}

CsvReader::CsvReader(const std::shared_ptr<InputFile>& file)
    : CsvReader([file](char* to, std::size_t bytes) { return file->read(to, bytes); }, file->name(),
                file->total_bytes(), default_chunk_bytes, true) {}

CsvReader CsvReader::from_text(std::string text, std::string name, std::size_t chunk_bytes) {
    const std::uint64_t bytes = text.size();
    auto source = [text = std::move(text), at = std::size_t{0}](char* to, std::size_t wanted) mutable {
        const std::size_t got = std::min(wanted, text.size() - at);
        text.copy(to, got, at);
        at += got;
        return got;
    };
    return {std::move(source), std::move(name), bytes, chunk_bytes, true};
}

CsvReader CsvReader::from_piece(std::string_view text, std::string name, bool is_first) {
    auto source = [text](char* to, std::size_t wanted) mutable {
        const std::size_t got = text.copy(to, wanted);
        text.remove_prefix(got);
        return got;
    };
    return {std::move(source), std::move(name), text.size(), text.size() + 1, is_first};
}

/// Keeps the row that was begun, makes room and reads on.
void CsvReader::fill() {
    const std::size_t kept = end_ - row_begin_;
    if (row_begin_ > 0) {
        std::memmove(buffer_.data(), buffer_.data() + row_begin_, kept);
        row_begin_ = 0;
        end_ = kept;
    }
    if (end_ == buffer_.size()) {
        buffer_.resize(2 * buffer_.size());
    }
    const std::size_t got = source_(buffer_.data() + end_, buffer_.size() - end_);
    end_ += got;
    bytes_read_ += got;
    exhausted_ = got == 0;
}

bool CsvReader::next() {
    if (fault_) {
        return false;
    }
    row_begin_ = row_end_;
    Scan scan = Scan::needs_more;
    while ((scan = scan_row()) == Scan::needs_more) {
        fill();
    }
    if (scan != Scan::complete) {
        fields_.clear();
        row_end_ = row_begin_ = end_;
    }
    return scan == Scan::complete;
}

CsvReader::Scan CsvReader::skip_empty_lines() {
    while (row_begin_ < end_ && (buffer_[row_begin_] == '\n' || buffer_[row_begin_] == '\r')) {
        if (buffer_[row_begin_] == '\r') {
            if (row_begin_ + 1 == end_ && !exhausted_) {
                return Scan::needs_more;
            }
            row_begin_ += row_begin_ + 1 < end_ && buffer_[row_begin_ + 1] == '\n' ? 1 : 0;
        }
        ++row_begin_;
        ++next_line_;
    }
    if (row_begin_ < end_) {
        return Scan::complete;
    }
    return exhausted_ ? Scan::at_end : Scan::needs_more;
}

/// A row that is cut off by the end of the buffer is scanned again once there is more of it.
CsvReader::Scan CsvReader::scan_row() {
    fields_.clear();
    unescaped_.clear();
    if (const Scan scan = skip_empty_lines(); scan != Scan::complete) {
        return scan;
    }
    std::size_t position = row_begin_;
    std::uint64_t line = next_line_;
    for (;;) {
        field_begin_ = position;
        const bool quoted = position < end_ && buffer_[position] == '"';
        const Scan scan = quoted ? scan_quoted_field(position, line) : scan_plain_field(position, line);
        if (position - row_begin_ > max_row_bytes) {
            return refuse(FaultKind::row_too_long, fields_.size(), next_line_,
                          fmt::format("a row is over {} bytes", max_row_bytes),
                          "check for a missing line end or an unclosed quote");
        }
        if (scan != Scan::complete) {
            return scan;
        }
        if (position == end_ || buffer_[position] != ',') {
            break;
        }
        ++position;
    }
    row_text_end_ = position;
    if (position < end_) {
        if (buffer_[position] == '\r') {
            if (position + 1 == end_ && !exhausted_) {
                return Scan::needs_more;
            }
            position += position + 1 < end_ && buffer_[position + 1] == '\n' ? 1 : 0;
        }
        ++position;
        ++line;
    }
    if (!has_sound_bytes(row_text_end_)) {
        return Scan::faulty;
    }
    row_end_ = position;
    next_line_ = line;
    return Scan::complete;
}

CsvReader::Scan CsvReader::scan_plain_field(std::size_t& position, std::uint64_t line) {
    const std::size_t begin = position;
    const char* c = buffer_.data() + position;
    const char* const last = buffer_.data() + end_;
    while (c != last && !ends_field(*c)) {
        ++c;
    }
    position = static_cast<std::size_t>(c - buffer_.data());
    if (position - begin > max_field_bytes) {
        return refuse_field_size(begin, position, line);
    }
    if (position == end_ && !exhausted_) {
        return Scan::needs_more;
    }
    fields_.push_back({begin, position - begin, begin, line, false});
    return Scan::complete;
}

CsvReader::Scan CsvReader::scan_quoted_field(std::size_t& position, std::uint64_t& line) {
    const std::size_t opening = position;
    const std::uint64_t opening_line = line;
    const std::size_t unescaped_begin = unescaped_.size();
    std::size_t copied_to = opening + 1;
    bool doubled = false;
    std::size_t at = opening + 1;
    for (;;) {
        const void* quote = std::memchr(buffer_.data() + at, '"', end_ - at);
        const std::size_t stop =
            quote == nullptr ? end_ : static_cast<std::size_t>(static_cast<const char*>(quote) - buffer_.data());
        if (stop - opening - 1 > max_field_bytes) {
            position = stop;
            return refuse_field_size(opening, stop, opening_line);
        }
        // A quote at the end of the buffer may be the first of two.
        if (stop + 1 >= end_ && !exhausted_) {
            position = end_;
            return Scan::needs_more;
        }
        if (stop == end_) {
            return has_sound_bytes(end_) ? refuse(FaultKind::unterminated_quote, fields_.size() + 1, opening_line,
                                                  "a quote opens here and never closes",
                                                  "close the quote, or double it if it belongs to the text")
                                         : Scan::faulty;
        }
        if (stop + 1 < end_ && buffer_[stop + 1] == '"') {
            unescaped_.append(buffer_.data() + copied_to, stop + 1 - copied_to);
            copied_to = at = stop + 2;
            doubled = true;
            continue;
        }
        if (doubled) {
            unescaped_.append(buffer_.data() + copied_to, stop - copied_to);
        }
        line += count_line_ends(buffer_.data() + opening, buffer_.data() + stop);
        position = stop + 1;
        if (position < end_ && !ends_field(buffer_[position])) {
            return has_sound_bytes(position)
                       ? refuse(FaultKind::text_after_quote, fields_.size() + 1, line, "text follows a closing quote",
                                "quote the whole field and double the quotes inside it")
                       : Scan::faulty;
        }
        fields_.push_back(doubled
                              ? Field{unescaped_begin, unescaped_.size() - unescaped_begin, opening, opening_line, true}
                              : Field{opening + 1, stop - opening - 1, opening, opening_line, false});
        return Scan::complete;
    }
}

/// Checks the current row up to `end` for NUL bytes and invalid UTF-8; false if it set a fault.
bool CsvReader::has_sound_bytes(std::size_t end) {
    constexpr std::uint64_t ones = 0x0101010101010101U;
    constexpr std::uint64_t high_bits = 0x8080808080808080U;
    const char* const first = buffer_.data() + row_begin_;
    const char* const last = buffer_.data() + end;
    std::uint64_t high = 0;
    std::uint64_t zero = 0;
    const char* c = first;
    for (; last - c >= 8; c += 8) {
        std::uint64_t word = 0;
        std::memcpy(&word, c, 8);
        high |= word & high_bits;
        zero |= (word - ones) & ~word & high_bits;
    }
    for (; c != last; ++c) {
        high |= static_cast<unsigned char>(*c) & 0x80U;
        zero |= *c == '\0' ? 1U : 0U;
    }
    if (high == 0 && zero == 0) {
        return true;
    }
    const char* const nul = std::find(first, last, '\0');
    const char* const invalid = high == 0 ? last : utf8::find_invalid(first, last);
    const char* const bad = std::min(nul, invalid);
    if (bad == last) {
        return true;
    }
    const auto bad_position = static_cast<std::size_t>(bad - buffer_.data());
    const auto later = [&](const Field& field) { return field.buffer_begin > bad_position; };
    const bool in_unfinished_field =
        field_begin_ <= bad_position && (fields_.empty() || field_begin_ > fields_.back().buffer_begin);
    const auto column_number =
        static_cast<std::size_t>(std::find_if(fields_.begin(), fields_.end(), later) - fields_.begin()) +
        (in_unfinished_field ? 1 : 0);
    const std::uint64_t line = next_line_ + count_line_ends(first, bad);
    if (bad == nul) {
        refuse(FaultKind::nul_byte, column_number, line, "a NUL byte",
               "give plain CSV text in UTF-8; this looks like a binary or UTF-16 file");
    } else {
        refuse(FaultKind::invalid_utf8, column_number, line,
               fmt::format("byte 0x{:02X} is not valid UTF-8", static_cast<unsigned char>(*bad)),
               "save the file as UTF-8");
    }
    return false;
}

CsvReader::Scan CsvReader::refuse(FaultKind kind, std::size_t column_number, std::uint64_t line, std::string problem,
                                  std::string remedy) {
    fault_ = Fault{kind, line, column_number, {}, {}, {}, std::move(problem), std::move(remedy)};
    return Scan::faulty;
}

CsvReader::Scan CsvReader::refuse_field_size(std::size_t field_begin, std::size_t position, std::uint64_t line) {
    // A binary file is better told so than told about its long fields; the last bytes may be half a character.
    if (std::memchr(buffer_.data() + row_begin_, '\0', position - row_begin_) != nullptr &&
        !has_sound_bytes(position)) {
        return Scan::faulty;
    }
    return refuse(FaultKind::field_too_long, fields_.size() + 1, line,
                  fmt::format("a field that starts with '{}' is over {} bytes",
                              shortened({buffer_.data() + field_begin, 40}, 30), max_field_bytes),
                  "shorten it, or check for a missing line end or an unclosed quote");
}

CsvReader open_csv(const std::string& path, const MemoryTables& tables) {
    const auto table = tables.find(path);
    return table == tables.end() ? CsvReader(std::filesystem::path(path)) : CsvReader(table->second, path);
}

}  // namespace clv
