#include "text_pieces.hpp"

#include <algorithm>
#include <string_view>

#include "clv/data/readers/csv_reader.hpp"

namespace clv {

namespace {

/// Where the last line of `text` that is known to be whole ends; 0 if there is none.
std::size_t end_of_lines(std::string_view text) {
    if (const std::size_t feed = text.rfind('\n'); feed != std::string_view::npos) {
        return feed + 1;
    }
    // Lone carriage returns; the last one may be half of a pair.
    const std::size_t carriage = text.empty() ? std::string_view::npos : text.rfind('\r', text.size() - 2);
    return carriage == std::string_view::npos || carriage + 1 >= text.size() ? 0 : carriage + 1;
}

}  // namespace

TextPieces::TextPieces(InputFile file, std::size_t piece_bytes)
    : file_(std::move(file)), piece_bytes_(std::max<std::size_t>(piece_bytes, 1)) {}

bool TextPieces::next(std::string& text) {
    // A longer line than this is a fault, which the reader of the piece finds.
    constexpr std::size_t longest = 2 * CsvReader::max_row_bytes;
    std::size_t end = 0;
    for (std::size_t wanted = piece_bytes_; !exhausted_ && end == 0 && rest_.size() < longest; wanted *= 2) {
        const std::size_t begin = rest_.size();
        const std::size_t bytes = wanted > begin ? wanted - begin : wanted;
        rest_.resize(begin + bytes);
        std::size_t got = 0;
        while (got < bytes && !exhausted_) {
            const std::size_t more = file_.read(rest_.data() + begin + got, bytes - got);
            exhausted_ = more == 0;
            got += more;
        }
        rest_.resize(begin + got);
        end = end_of_lines(rest_);
    }
    if (exhausted_ || end == 0) {
        end = rest_.size();
    }
    text.append(rest_, 0, end);
    rest_.erase(0, end);
    return end > 0;
}

}  // namespace clv
