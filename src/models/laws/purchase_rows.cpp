#include "purchase_rows.hpp"

#include <algorithm>
#include <utility>

namespace clv {

PurchaseRows::PurchaseRows(std::vector<PurchaseRow> rows) : rows_(std::move(rows)) {
    for (const PurchaseRow& row : rows_) {
        times_.push_back(row.recency);
        times_.push_back(row.age);
    }
    std::ranges::sort(times_);
    times_.erase(std::unique(times_.begin(), times_.end()), times_.end());
    const auto place = [&](double time) {
        return static_cast<std::uint32_t>(std::ranges::lower_bound(times_, time) - times_.begin());
    };
    std::vector<AtAge> at_time(times_.size());
    weight_above_.resize(rows_.empty() ? 0 : static_cast<std::size_t>(rows_.back().x));
    for (const PurchaseRow& row : rows_) {
        spans_.push_back({place(row.recency), place(row.age)});
        AtAge& at = at_time[spans_.back().age];
        at.age = row.age;
        at.weight += row.weight;
        at.purchases += row.weight * row.x;
        if (row.x > 0.0) {
            weight_above_[static_cast<std::size_t>(row.x) - 1] += row.weight;
        }
    }
    for (std::size_t j = weight_above_.size(); j-- > 1;) {
        weight_above_[j - 1] += weight_above_[j];
    }
    std::ranges::copy_if(at_time, std::back_inserter(ages_), [](const AtAge& at) { return at.weight > 0.0; });
}

}  // namespace clv
