#include "feature_columns.hpp"

#include "clv/core/parallel.hpp"

namespace clv {

void FeatureColumns::take_up() {
    if (rows_aside_ == 0) {
        return;
    }
    const std::string_view texts = texts_;
    for_each_block(threads_, builders_.size(), [&](std::size_t /*slot*/, std::size_t index) {
        for (std::size_t row = 0; row < rows_aside_; ++row) {
            const Cell cell = cells_[row * builders_.size() + index];
            builders_[index].add(texts.substr(cell.begin, cell.size));
        }
    });
    texts_.clear();
    cells_.clear();
    rows_aside_ = 0;
}

}  // namespace clv
