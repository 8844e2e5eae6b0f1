#pragma once
// Which row has an id: open addressing over the rows' hashes, four bytes a slot.

#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <utility>
#include <vector>

namespace clv {

class IdIndex {
  public:
    /// The row that was added with this hash, if any. `hashes[row]` are the hashes of the rows added.
    [[nodiscard]] std::optional<std::size_t> find(std::uint64_t hash, const std::vector<std::uint64_t>& hashes) const {
        const std::uint32_t row = slots_[slot_of(hash, hashes)];
        return row == empty ? std::nullopt : std::optional<std::size_t>(row);
    }

    /// The row that probably has this hash, if any: what find() will look at first.
    [[nodiscard]] std::optional<std::size_t> guess(std::uint64_t hash) const noexcept {
        const std::uint32_t row = slots_[hash & (slots_.size() - 1)];
        return row == empty ? std::nullopt : std::optional<std::size_t>(row);
    }
    /// Fetches what guess() needs.
    void prefetch(std::uint64_t hash) const noexcept { __builtin_prefetch(&slots_[hash & (slots_.size() - 1)]); }

    /// Adds the last row of `hashes`, whose hash is not there yet.
    void add_last(const std::vector<std::uint64_t>& hashes) {
        if (4 * hashes.size() > 3 * slots_.size()) {
            slots_.assign(2 * slots_.size(), empty);
            for (std::size_t row = 0; row + 1 < hashes.size(); ++row) {
                slots_[slot_of(hashes[row], hashes)] = static_cast<std::uint32_t>(row);
            }
        }
        slots_[slot_of(hashes.back(), hashes)] = static_cast<std::uint32_t>(hashes.size() - 1);
    }

    static constexpr std::size_t max_rows = std::numeric_limits<std::uint32_t>::max() - 1;

  private:
    static constexpr std::uint32_t empty = std::numeric_limits<std::uint32_t>::max();

    /// The slot of the row with this hash, or the empty one where it would stand.
    [[nodiscard]] std::size_t slot_of(std::uint64_t hash, const std::vector<std::uint64_t>& hashes) const {
        const std::size_t mask = slots_.size() - 1;
        std::size_t slot = hash & mask;
        while (slots_[slot] != empty && hashes[slots_[slot]] != hash) {
            slot = (slot + 1) & mask;
        }
        return slot;
    }

    std::vector<std::uint32_t> slots_ = std::vector<std::uint32_t>(1'024, empty);
};

}  // namespace clv
