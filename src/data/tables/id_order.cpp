#include "id_order.hpp"

#include <algorithm>
#include <cstddef>
#include <string_view>

#include "clv/core/progress.hpp"

namespace clv {

namespace {

/// An id by its first bytes after what all ids share: most comparisons need no more.
struct Key {
    std::uint64_t prefix;
    std::uint32_t index;
};

std::uint64_t prefix_of(std::string_view text) {
    std::uint64_t prefix = 0;
    for (std::size_t i = 0; i < 8; ++i) {
        prefix = prefix << 8 | (i < text.size() ? static_cast<unsigned char>(text[i]) : 0U);
    }
    return prefix;
}

std::size_t shared_prefix(const IdColumn& ids) {
    const std::string_view first = ids[0];
    std::size_t shared = first.size();
    for (std::size_t i = 1; i < ids.size() && shared > 0; ++i) {
        const auto [end, other] = std::mismatch(first.begin(), first.begin() + static_cast<std::ptrdiff_t>(shared),
                                                ids[i].begin(), ids[i].end());
        shared = static_cast<std::size_t>(end - first.begin());
    }
    return shared;
}

}  // namespace

std::vector<std::uint32_t> order_of(const IdColumn& ids) {
    if (ids.size() == 0) {
        return {};
    }
    const std::size_t shared = shared_prefix(ids);
    std::vector<Key> keys(ids.size());
    for (std::uint32_t i = 0; i < ids.size(); ++i) {
        keys[i] = {prefix_of(ids[i].substr(shared)), i};
    }
    const auto before = [&](const Key& one, const Key& other) {
        throw_if_interrupted();
        return one.prefix != other.prefix ? one.prefix < other.prefix : ids[one.index] < ids[other.index];
    };
    if (!std::is_sorted(keys.begin(), keys.end(), before)) {
        std::sort(keys.begin(), keys.end(), before);
    }
    std::vector<std::uint32_t> order(ids.size());
    std::transform(keys.begin(), keys.end(), order.begin(), [](const Key& key) { return key.index; });
    return order;
}

}  // namespace clv
