#pragma once
// Distinct texts, numbered in order of first appearance.

#include <xxhash.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace clv {

class TextDictionary {
  public:
    static constexpr std::size_t max_texts = 65'536;
    static constexpr std::size_t max_bytes = std::size_t{16} << 20;

    /// The number of `text`; none if it is new and there is no room for it.
    [[nodiscard]] std::optional<std::uint32_t> find_or_add(std::string_view text) {
        if (const auto found = codes_.find(text); found != codes_.end()) {
            return found->second;
        }
        if (codes_.size() == max_texts || bytes_ + text.size() > max_bytes) {
            return std::nullopt;
        }
        const auto code = static_cast<std::uint32_t>(codes_.size());
        codes_.emplace(text, code);
        bytes_ += text.size();
        return code;
    }

    [[nodiscard]] std::vector<std::string> texts() const {
        std::vector<std::string> texts(codes_.size());
        for (const auto& [text, code] : codes_) {
            texts[code] = text;
        }
        return texts;
    }

  private:
    struct Hash {
        using is_transparent = void;
        std::size_t operator()(std::string_view text) const noexcept { return XXH3_64bits(text.data(), text.size()); }
    };
    std::unordered_map<std::string, std::uint32_t, Hash, std::equal_to<>> codes_;
    std::size_t bytes_ = 0;
};

}  // namespace clv
