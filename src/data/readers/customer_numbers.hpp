#pragma once
// Customers of a file, numbered in order of first appearance. Rows of one customer often follow each other.

#include <fmt/format.h>

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "clv/core/errors.hpp"
#include "clv/data/tables/content_hash.hpp"
#include "clv/data/tables/customer_table.hpp"
#include "data/tables/id_index.hpp"

namespace clv {

class CustomerNumbers {
  public:
    [[nodiscard]] std::optional<std::size_t> find(std::string_view id) {
        if (!hashes_.empty() && ids_[last_] == id) {
            return last_;
        }
        hash_ = customer_id_hash(id);
        const auto found = index_.find(hash_, hashes_);
        if (!found) {
            return std::nullopt;
        }
        if (ids_[*found] != id) {
            throw InputError(
                fmt::format("the ids '{}' and '{}' have the same hash: change one of them", ids_[*found], id));
        }
        last_ = *found;
        return last_;
    }

    /// Adds the id that find() has just not found.
    std::size_t add(std::string_view id) {
        if (ids_.size() == IdIndex::max_rows) {
            throw InputError(fmt::format("more than {} customers: split the file", IdIndex::max_rows));
        }
        ids_.push_back(id);
        hashes_.push_back(hash_);
        index_.add_last(hashes_);
        last_ = ids_.size() - 1;
        return last_;
    }

    [[nodiscard]] const IdColumn& ids() const noexcept { return ids_; }

  private:
    IdColumn ids_;
    std::vector<std::uint64_t> hashes_;
    IdIndex index_;
    std::uint64_t hash_ = 0;
    std::size_t last_ = 0;
};

}  // namespace clv
