#pragma once
// A feature column in one pass over its cells, before it is known whether it is numeric.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "clv/data/tables/customer_table.hpp"
#include "clv/data/tables/parse_number.hpp"
#include "data/tables/text_dictionary.hpp"

namespace clv {

/// Keeps cells as numbers until one is not a number, and as numbered texts until there are too many distinct ones.
/// What is still kept at the end is the column: numbers before texts, or neither.
class FeatureBuilder {
  public:
    /// `is_numeric`: cells come as numbers.
    explicit FeatureBuilder(std::string name, bool is_numeric = false)
        : name_(std::move(name)), countable_(!is_numeric) {}

    void add(std::string_view cell);
    void add(const NumberCell& cell);
    /// The column is all there, with `owner`, and nothing is to be added.
    void borrow(std::span<const double> values, std::shared_ptr<const void> owner);
    /// Whether the column is borrowed.
    [[nodiscard]] bool is_borrowed() const noexcept { return !lent_.empty(); }
    /// Copies the entries `rows` of what was borrowed.
    void copy(std::span<const std::uint32_t> rows);
    /// Infinite numbers, which are kept as missing.
    [[nodiscard]] std::uint64_t infinite() const noexcept { return infinite_; }
    void reserve(std::size_t rows);
    /// The column; none if it is a text column with too many distinct texts.
    [[nodiscard]] std::optional<FeatureColumn> finish() &&;
    [[nodiscard]] const std::string& name() const noexcept { return name_; }

  private:
    std::string name_;
    bool numeric_ = true;
    bool countable_;
    std::vector<double> numbers_;
    std::span<const double> lent_;
    std::shared_ptr<const void> owner_;
    std::uint64_t infinite_ = 0;
    std::vector<std::uint32_t> codes_;
    TextDictionary dictionary_;
};

}  // namespace clv
