#pragma once
// Trees as tables. A tree of at most seven decisions sends a row to a leaf by seven bits, and what every column adds to
// its score (TreeSHAP: Lundberg and others 2020, "From local explanations to global understanding with explainable AI
// for trees") depends on the row by the same bits alone. So leaves and contributions of all bits are looked up once,
// and a row costs its comparisons and a look-up per tree. Sums are in single precision and in the order of the trees,
// as XGBoost's are: the same bits.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "clv/learning/feature_matrix.hpp"

namespace clv {

class TreeTables {
  public:
    /// Of the first `rounds` trees of a model in XGBoost's universal binary JSON. None if a tree is too large.
    [[nodiscard]] static std::optional<TreeTables> make(const std::string& bytes, std::span<const FeatureKind> kinds,
                                                        int rounds);

    /// [row][column, and last what everybody has] of one tree, or of all trees.
    using Contributions = std::function<std::vector<double>(std::optional<std::size_t> tree, const FeatureMatrix&)>;
    /// Asks `of` about every tree. Once, before contributions().
    void add_contributions(const Contributions& of);

    /// As Booster's.
    [[nodiscard]] std::vector<double> scores(const FeatureMatrix& matrix) const;
    [[nodiscard]] std::vector<double> contributions(const FeatureMatrix& matrix) const;

  private:
    /// A row goes left, or right, by one column.
    struct Decision {
        std::size_t column = 0;
        bool is_category = false;
        bool missing_goes_left = false;
        float threshold = 0.0F;          ///< numbers below go left
        std::vector<std::uint8_t> left;  ///< [0: missing, 1 + category; the last entry: all beyond]: its bit, or 0
        [[nodiscard]] bool goes_left(float value) const;
    };
    struct Tree {
        std::vector<Decision> decisions;   ///< bit of a pattern: whether it goes left; numbers before categories
        std::size_t numbers = 0;           ///< decisions by them
        std::vector<float> leaves;         ///< [pattern]
        std::vector<std::size_t> columns;  ///< that decide
        std::vector<float> contributions;  ///< [place in columns][pattern]
        [[nodiscard]] FeatureMatrix every_pattern(std::size_t columns_of_rows) const;
        [[nodiscard]] std::size_t pattern_of(std::span<const float> row) const;
    };
    struct DecisionOf;
    class Rows;

    TreeTables() = default;
    void give_same_size_to_levels();
    [[nodiscard]] static std::optional<Tree> tree_of(const void* json, std::span<const FeatureKind> kinds);

    std::vector<FeatureKind> kinds_;
    std::vector<Tree> trees_;
    std::vector<std::size_t> levels_;  ///< [column]: entries of its decisions' tables
    float base_ = 0.0F;                ///< score before the first tree
    double common_ = 0.0;              ///< contribution that everybody has
};

}  // namespace clv
