#pragma once
// Distinct texts, numbered in order of first appearance: open addressing over the low bits of their hashes, eight bytes
// a slot, and the texts one after the other.

#include <xxhash.h>

#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace clv {

class TextDictionary {
  public:
    static constexpr std::size_t max_texts = 65'536;
    static constexpr std::size_t max_bytes = std::size_t{16} << 20;

    /// The number of `text`; none if it is new and there is no room for it.
    [[nodiscard]] std::optional<std::uint32_t> find_or_add(std::string_view text) {
        const std::uint64_t hash = XXH3_64bits(text.data(), text.size());
        const auto tag = static_cast<std::uint32_t>(hash >> 32);
        std::size_t slot = hash & (slots_.size() - 1);
        while (slots_[slot].code != empty) {
            if (slots_[slot].tag == tag && (*this)[slots_[slot].code] == text) {
                return slots_[slot].code;
            }
            slot = (slot + 1) & (slots_.size() - 1);
        }
        if (ends_.size() == max_texts || texts_.size() + text.size() > max_bytes) {
            return std::nullopt;
        }
        const auto code = static_cast<std::uint32_t>(ends_.size());
        slots_[slot] = {tag, code};
        texts_ += text;
        ends_.push_back(static_cast<std::uint32_t>(texts_.size()));
        if (2 * ends_.size() > slots_.size()) {
            grow();
        }
        return code;
    }

    [[nodiscard]] std::vector<std::string> texts() const {
        std::vector<std::string> texts;
        texts.reserve(ends_.size());
        for (std::uint32_t code = 0; code < ends_.size(); ++code) {
            texts.emplace_back((*this)[code]);
        }
        return texts;
    }

  private:
    static constexpr std::uint32_t empty = std::numeric_limits<std::uint32_t>::max();
    struct Slot {
        std::uint32_t tag = 0;  ///< the high bits of the hash
        std::uint32_t code = empty;
    };

    [[nodiscard]] std::string_view operator[](std::uint32_t code) const {
        const std::uint32_t begin = code == 0 ? 0 : ends_[code - 1];
        return std::string_view(texts_).substr(begin, ends_[code] - begin);
    }

    void grow() {
        std::vector<Slot> slots(2 * slots_.size());
        for (std::uint32_t code = 0; code < ends_.size(); ++code) {
            const std::string_view text = (*this)[code];
            const std::uint64_t hash = XXH3_64bits(text.data(), text.size());
            std::size_t slot = hash & (slots.size() - 1);
            while (slots[slot].code != empty) {
                slot = (slot + 1) & (slots.size() - 1);
            }
            slots[slot] = {static_cast<std::uint32_t>(hash >> 32), code};
        }
        slots_.swap(slots);
    }

    std::vector<Slot> slots_ = std::vector<Slot>(16);
    std::string texts_;
    std::vector<std::uint32_t> ends_;  ///< [code], in texts_
};

}  // namespace clv
