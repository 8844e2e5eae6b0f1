#pragma once
// A file in pieces that end where a line does, so that threads can read them side by side.

#include <cstddef>
#include <filesystem>
#include <string>

#include "input_file.hpp"

namespace clv {

class TextPieces {
  public:
    /// Pieces have about `piece_bytes`, or more where a line is longer. Throws InputError, as next() does.
    TextPieces(InputFile file, std::size_t piece_bytes);

    /// Appends the next piece to `text`; false if there is none left.
    bool next(std::string& text);
    /// Whether the last piece has been handed out.
    [[nodiscard]] bool done() const noexcept { return exhausted_ && rest_.empty(); }
    [[nodiscard]] const InputFile& file() const noexcept { return file_; }

  private:
    InputFile file_;
    std::size_t piece_bytes_;
    std::string rest_;  ///< read, and not handed out yet
    bool exhausted_ = false;
};

}  // namespace clv
