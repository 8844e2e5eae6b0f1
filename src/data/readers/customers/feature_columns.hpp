#pragma once
// All feature columns of a table. Cells of a file come row by row and are set aside, and once there are some thousand
// rows of them, threads take up a column each: what a column keeps depends on the order of its own cells alone.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "feature_builder.hpp"

namespace clv {

class FeatureColumns {
  public:
    explicit FeatureColumns(int threads) : threads_(threads) {}

    /// A column whose cells stand in `field` of the rows.
    FeatureBuilder& add(std::size_t field, std::string name, bool is_numeric) {
        fields_.push_back(field);
        return builders_.emplace_back(std::move(name), is_numeric);
    }

    /// Takes the cells of a row.
    template <class Rows>
    void keep(const Rows& row) {
        if (row.owner() != nullptr) {
            keep_from_memory(row);
            return;
        }
        const std::string_view whole = row.row_text();
        const std::size_t begin = texts_.size();
        texts_ += whole;
        for (const std::size_t field : fields_) {
            const std::string_view cell = row[field];
            if (const std::less_equal<> before;
                before(whole.data(), cell.data()) && before(cell.data() + cell.size(), whole.data() + whole.size())) {
                cells_.push_back(
                    {static_cast<std::uint32_t>(begin + static_cast<std::size_t>(cell.data() - whole.data())),
                     static_cast<std::uint32_t>(cell.size())});
            } else {  // one that held quotes
                cells_.push_back({static_cast<std::uint32_t>(texts_.size()), static_cast<std::uint32_t>(cell.size())});
                texts_ += cell;
            }
        }
        if (++rows_aside_ == most_rows || texts_.size() > most_bytes) {
            take_up();
        }
    }

    /// Room for so many rows in what the columns are so far.
    void reserve(std::size_t rows) {
        take_up();
        for (FeatureBuilder& builder : builders_) {
            builder.reserve(rows);
        }
    }

    /// All of them, once the last row has been kept.
    [[nodiscard]] std::vector<FeatureBuilder>& finished() {
        take_up();
        return builders_;
    }

  private:
    static constexpr std::size_t most_rows = 4'096;
    static constexpr std::size_t most_bytes = std::size_t{16} << 20;
    struct Cell {
        std::uint32_t begin;  ///< in texts_
        std::uint32_t size;
    };

    template <class Rows>
    void keep_from_memory(const Rows& row) {
        for (std::size_t index = 0; index < builders_.size(); ++index) {
            if (builders_[index].is_borrowed()) {
                continue;
            }
            if (row.is_numeric(fields_[index])) {
                builders_[index].add(row.number(fields_[index]));
            } else {
                builders_[index].add(row[fields_[index]]);
            }
        }
    }

    void take_up();

    int threads_;
    std::vector<std::size_t> fields_;
    std::vector<FeatureBuilder> builders_;
    std::string texts_;
    std::vector<Cell> cells_;  ///< [row set aside][column]
    std::size_t rows_aside_ = 0;
};

}  // namespace clv
