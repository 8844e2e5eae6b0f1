#include "feature_builder.hpp"

#include <limits>
#include <utility>

#include "clv/data/tables/parse_number.hpp"

namespace clv {

void FeatureBuilder::add(std::string_view cell) {
    if (numeric_) {
        const NumberCell number = parse_number(cell);
        if (number.kind == CellKind::number) {
            numbers_.push_back(number.value);
        } else if (number.kind == CellKind::blank) {
            numbers_.push_back(std::numeric_limits<double>::quiet_NaN());
        } else {
            numeric_ = false;
            numbers_ = std::vector<double>();
        }
    }
    if (countable_) {
        if (const auto code = dictionary_.find_or_add(trimmed(cell))) {
            codes_.push_back(*code);
        } else {
            countable_ = false;
            codes_ = std::vector<std::uint32_t>();
            dictionary_ = TextDictionary();
        }
    }
}

void FeatureBuilder::add(const NumberCell& cell) {
    infinite_ += cell.kind == CellKind::infinite ? 1 : 0;
    numbers_.push_back(cell.kind == CellKind::number ? cell.value : std::numeric_limits<double>::quiet_NaN());
}

void FeatureBuilder::borrow(std::span<const double> values, std::shared_ptr<const void> owner) {
    lent_ = values;
    owner_ = std::move(owner);
}

void FeatureBuilder::copy(std::span<const std::uint32_t> rows) {
    numbers_.reserve(rows.size());
    for (const std::uint32_t row : rows) {
        numbers_.push_back(lent_[row]);
    }
    borrow({}, nullptr);
}

void FeatureBuilder::reserve(std::size_t rows) {
    if (numeric_) {
        numbers_.reserve(rows);
    }
    if (countable_) {
        codes_.reserve(rows);
    }
}

std::optional<FeatureColumn> FeatureBuilder::finish() && {
    FeatureColumn column;
    column.name = std::move(name_);
    if (numeric_) {
        column.numbers = std::move(numbers_);
        column.lent = lent_;
        column.owner = std::move(owner_);
        return column;
    }
    if (!countable_) {
        return std::nullopt;
    }
    column.codes = std::move(codes_);
    column.categories = dictionary_.texts();
    return column;
}

}  // namespace clv
