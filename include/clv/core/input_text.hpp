#pragma once
// How files that a run reads are opened: regular files alone. A pipe, socket or device may never end, or never begin.

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>
#include <utility>

#include "clv/core/errors.hpp"

namespace clv {

/// A file that cannot be read, and what to do about it: "FILE: REASON".
class UnreadableInput : public InputError {
  public:
    UnreadableInput(const std::filesystem::path& file, std::string reason)
        : InputError(file.string() + ": " + reason), reason_(std::move(reason)) {}
    /// "is a folder: name the file in it"
    [[nodiscard]] const std::string& reason() const noexcept { return reason_; }

  private:
    std::string reason_;
};

/// A descriptor of a file that is open for reading.
class OpenInput {
  public:
    /// Never waits. Throws UnreadableInput for what is no regular file, or cannot be opened.
    explicit OpenInput(const std::filesystem::path& file);
    ~OpenInput();
    OpenInput(OpenInput&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
    OpenInput& operator=(OpenInput&&) = delete;
    OpenInput(const OpenInput&) = delete;
    OpenInput& operator=(const OpenInput&) = delete;

    [[nodiscard]] int descriptor() const noexcept { return descriptor_; }
    /// Hands the descriptor over, which the caller closes.
    [[nodiscard]] int release() noexcept { return std::exchange(descriptor_, -1); }

  private:
    int descriptor_;
};

/// The content of a document or configuration. Throws UnreadableInput, also where it is larger than any of them.
[[nodiscard]] std::string text_of_input(const std::filesystem::path& file);

/// Brackets and dotted keys around a value of JSON or TOML: what is nested deeper is refused before it is parsed, since
/// parsers and what comes after them go down by recursion.
inline constexpr std::size_t deepest_nesting = 64;
[[nodiscard]] bool nests_too_deep(std::string_view text);

/// Where byte `offset` of a text stands: "LINE:COLUMN", from 1.
[[nodiscard]] std::string place_in_text(std::string_view text, std::size_t offset);

}  // namespace clv
