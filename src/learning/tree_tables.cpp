#include "tree_tables.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <map>
#include <nlohmann/json.hpp>
#include <utility>

namespace clv {

namespace {

using nlohmann::json;

constexpr std::size_t most_decisions = 7;  ///< of a tree of depth 3
constexpr std::size_t lanes = 512;         ///< rows at a time
constexpr float missing = std::numeric_limits<float>::quiet_NaN();

using Patterns = std::array<std::uint32_t, lanes>;

/// Where trees start: the score of the mean that the model keeps, in single precision as there.
float base_of(const json& learner) {
    const auto& text = learner.at("learner_model_param").at("base_score").get_ref<const std::string&>();
    const float mean = std::strtof(text.c_str(), nullptr);
    return learner.at("objective").at("name") == "binary:logistic" ? -std::log(1.0F / mean - 1.0F) : std::log(mean);
}

/// Nodes of a tree as XGBoost lists them.
struct Nodes {
    std::vector<int> left, right, column, default_left, split_type;
    std::vector<float> condition;  ///< or a leaf's value
    std::vector<int> categories, with_categories, first_category, category_count;

    explicit Nodes(const json& tree)
        : left(tree.at("left_children")),
          right(tree.at("right_children")),
          column(tree.at("split_indices")),
          default_left(tree.at("default_left")),
          split_type(tree.at("split_type")),
          condition(tree.at("split_conditions")),
          categories(tree.at("categories")),
          with_categories(tree.at("categories_nodes")),
          first_category(tree.at("categories_segments")),
          category_count(tree.at("categories_sizes")) {}

    [[nodiscard]] bool is_leaf(int node) const { return left[static_cast<std::size_t>(node)] < 0; }

    /// Whether the node decides by such a column as there is.
    [[nodiscard]] bool is_of(std::span<const FeatureKind> kinds, int node) const {
        const auto at = static_cast<std::size_t>(node);
        const auto by = static_cast<std::size_t>(column[at]);
        const bool is_category = split_type[at] == 1;
        return by < kinds.size() && is_category == (kinds[by] == FeatureKind::category) &&
               !(is_category && chosen(node).empty());
    }

    /// Categories that go right.
    [[nodiscard]] std::span<const int> chosen(int node) const {
        const auto found = std::ranges::find(with_categories, node);
        if (found == with_categories.end()) {
            return {};
        }
        const auto at = static_cast<std::size_t>(found - with_categories.begin());
        return std::span(categories)
            .subspan(static_cast<std::size_t>(first_category[at]), static_cast<std::size_t>(category_count[at]));
    }
};

}  // namespace

/// The decision of a node, which is to be that bit.
struct TreeTables::DecisionOf {
    const Nodes& nodes;
    [[nodiscard]] Decision operator()(int node, std::size_t bit) const {
        const auto at = static_cast<std::size_t>(node);
        Decision decision;
        decision.column = static_cast<std::size_t>(nodes.column[at]);
        decision.is_category = nodes.split_type[at] == 1;
        decision.missing_goes_left = nodes.default_left[at] != 0;
        decision.threshold = nodes.condition[at];
        if (decision.is_category) {
            const auto left = static_cast<std::uint8_t>(1U << bit);
            const std::span<const int> chosen = nodes.chosen(node);
            decision.left.assign(static_cast<std::size_t>(std::ranges::max(chosen)) + 3, left);
            decision.left.front() = decision.missing_goes_left ? left : 0;
            for (const int category : chosen) {
                decision.left[static_cast<std::size_t>(category) + 1] = 0;
            }
        }
        return decision;
    }
};

bool TreeTables::Decision::goes_left(float value) const {
    if (std::isnan(value)) {
        return missing_goes_left;
    }
    if (!is_category) {
        return value < threshold;
    }
    return left[std::min(static_cast<std::size_t>(value) + 1, left.size() - 1)] != 0;
}

std::size_t TreeTables::Tree::pattern_of(std::span<const float> row) const {
    std::size_t pattern = 0;
    for (std::size_t bit = 0; bit < decisions.size(); ++bit) {
        pattern |= decisions[bit].goes_left(row[decisions[bit].column]) ? std::size_t{1} << bit : 0;
    }
    return pattern;
}

/// A row for every pattern that there can be: of each column values that its decisions take differently.
FeatureMatrix TreeTables::Tree::every_pattern(std::size_t columns_of_rows) const {
    FeatureMatrix rows{1, columns_of_rows, std::vector<float>(columns_of_rows, missing)};
    for (const std::size_t column : columns) {
        std::vector<float> values{missing};
        for (const Decision& decision : decisions) {
            if (decision.column == column && decision.is_category) {
                for (std::size_t category = 0; category + 1 < decision.left.size(); ++category) {
                    values.push_back(static_cast<float>(category));
                }
            } else if (decision.column == column) {
                values.push_back(decision.threshold);
                values.push_back(std::nextafter(decision.threshold, std::numeric_limits<float>::lowest()));
            }
        }
        std::map<std::vector<bool>, float> by_decisions;
        for (const float value : values) {
            std::vector<bool> taken;
            for (const Decision& decision : decisions) {
                taken.push_back(decision.column == column && decision.goes_left(value));
            }
            by_decisions.emplace(std::move(taken), value);
        }
        FeatureMatrix more{0, columns_of_rows, {}};
        for (const auto& [taken, value] : by_decisions) {
            more.values.insert(more.values.end(), rows.values.begin(), rows.values.end());
            for (std::size_t row = 0; row < rows.rows; ++row) {
                more.values[(more.rows + row) * columns_of_rows + column] = value;
            }
            more.rows += rows.rows;
        }
        rows = std::move(more);
    }
    return rows;
}

std::optional<TreeTables::Tree> TreeTables::tree_of(const void* of, std::span<const FeatureKind> kinds) {
    const Nodes nodes(*static_cast<const json*>(of));
    std::vector<int> inner;  // node of each decision
    std::vector<int> open{0};
    while (!open.empty()) {
        const int node = open.back();
        open.pop_back();
        if (nodes.is_leaf(node)) {
            continue;
        }
        if (inner.size() == most_decisions || !nodes.is_of(kinds, node)) {
            return std::nullopt;
        }
        inner.push_back(node);
        open.push_back(nodes.left[static_cast<std::size_t>(node)]);
        open.push_back(nodes.right[static_cast<std::size_t>(node)]);
    }
    Tree tree;
    const auto categories = std::ranges::stable_partition(
        inner, [&](int node) { return nodes.split_type[static_cast<std::size_t>(node)] != 1; });
    tree.numbers = inner.size() - categories.size();
    for (const int node : inner) {
        tree.decisions.push_back(DecisionOf{nodes}(node, tree.decisions.size()));
        if (std::ranges::find(tree.columns, tree.decisions.back().column) == tree.columns.end()) {
            tree.columns.push_back(tree.decisions.back().column);
        }
    }
    for (std::size_t pattern = 0; pattern < std::size_t{1} << inner.size(); ++pattern) {
        int node = 0;
        while (!nodes.is_leaf(node)) {
            const auto bit = static_cast<std::size_t>(std::ranges::find(inner, node) - inner.begin());
            const auto at = static_cast<std::size_t>(node);
            node = ((pattern >> bit) & 1) != 0 ? nodes.left[at] : nodes.right[at];
        }
        tree.leaves.push_back(nodes.condition[static_cast<std::size_t>(node)]);
    }
    return tree;
}

/// So that a row's category is looked up wherever it is known to be.
void TreeTables::give_same_size_to_levels() {
    levels_.assign(kinds_.size(), 1);
    for (const Tree& tree : trees_) {
        for (const Decision& decision : tree.decisions) {
            levels_[decision.column] = std::max(levels_[decision.column], decision.left.size());
        }
    }
    for (Tree& tree : trees_) {
        for (Decision& decision : std::span(tree.decisions).subspan(tree.numbers)) {
            const std::uint8_t beyond = decision.left.back();
            decision.left.resize(levels_[decision.column], beyond);
        }
    }
}

std::optional<TreeTables> TreeTables::make(const std::string& bytes, std::span<const FeatureKind> kinds, int rounds) {
    const json root = json::from_ubjson(bytes);
    const json& learner = root.at("learner");
    TreeTables tables;
    tables.kinds_.assign(kinds.begin(), kinds.end());
    tables.base_ = base_of(learner);
    const json& trees = learner.at("gradient_booster").at("model").at("trees");
    for (std::size_t at = 0; at < static_cast<std::size_t>(rounds); ++at) {
        auto tree = tree_of(&trees.at(at), kinds);
        if (!tree) {
            return std::nullopt;
        }
        tables.trees_.push_back(*std::move(tree));
    }
    tables.give_same_size_to_levels();
    return tables;
}

void TreeTables::add_contributions(const Contributions& of) {
    const std::size_t width = kinds_.size() + 1;
    for (std::size_t at = 0; at < trees_.size(); ++at) {
        Tree& tree = trees_[at];
        const FeatureMatrix rows = tree.every_pattern(kinds_.size());
        const std::vector<double> found = of(at, rows);
        tree.contributions.resize(tree.columns.size() * tree.leaves.size());
        for (std::size_t row = 0; row < rows.rows; ++row) {
            const std::size_t pattern = tree.pattern_of(rows.row(row));
            for (std::size_t k = 0; k < tree.columns.size(); ++k) {
                tree.contributions[k * tree.leaves.size() + pattern] =
                    static_cast<float>(found[row * width + tree.columns[k]]);
            }
        }
    }
    common_ = of(std::nullopt, {1, kinds_.size(), std::vector<float>(kinds_.size(), missing)}).back();
}

/// Rows of a matrix column by column, so many at a time: numbers, or of a category the place in its decisions' tables.
class TreeTables::Rows {
  public:
    explicit Rows(const TreeTables& tables)
        : tables_(tables), numbers_(tables.kinds_.size() * lanes), places_(tables.kinds_.size() * lanes) {}

    /// What is beyond the last row stays as it was.
    void take(const FeatureMatrix& matrix, std::size_t begin, std::size_t count) {
        for (std::size_t i = 0; i < count; ++i) {
            const std::span<const float> row = matrix.row(begin + i);
            for (std::size_t column = 0; column < row.size(); ++column) {
                if (tables_.kinds_[column] == FeatureKind::number) {
                    numbers_[column * lanes + i] = row[column];
                } else {
                    const std::size_t place = std::isnan(row[column]) ? 0 : static_cast<std::size_t>(row[column]) + 1;
                    places_[column * lanes + i] =
                        static_cast<std::uint32_t>(std::min(place, tables_.levels_[column] - 1));
                }
            }
        }
    }

    /// Calls take(row, its pattern) for all of them.
    template <class Take>
    void for_each_pattern(const Tree& tree, Take take) const {
        Patterns patterns{};
        for (std::size_t bit = 0; bit < tree.numbers; ++bit) {
            decide(tree.decisions[bit], std::uint32_t{1} << bit, patterns);
        }
        [&]<std::size_t... count>(std::index_sequence<count...>) {
            const std::size_t categories = tree.decisions.size() - tree.numbers;
            ((categories == count ? look_up<count>(tree, patterns, take) : void()), ...);
        }
        (std::make_index_sequence<most_decisions + 1>());
    }

  private:
    /// Without branches, which nobody could predict.
    void decide(const Decision& decision, std::uint32_t bit, Patterns& patterns) const {
        const float* numbers = numbers_.data() + decision.column * lanes;
        const float threshold = decision.threshold;
        if (decision.missing_goes_left) {
            for (std::size_t i = 0; i < lanes; ++i) {
                patterns[i] |= bit & (static_cast<std::uint32_t>(numbers[i] >= threshold) - 1U);
            }
        } else {
            for (std::size_t i = 0; i < lanes; ++i) {
                patterns[i] |= bit & (0U - static_cast<std::uint32_t>(numbers[i] < threshold));
            }
        }
    }

    /// The bits of so many categories, and what is to be done with them, in one pass.
    template <std::size_t categories, class Take>
    void look_up(const Tree& tree, const Patterns& patterns, Take take) const {
        std::array<const std::uint32_t*, categories> places;
        std::array<const std::uint8_t*, categories> left;
        for (std::size_t k = 0; k < categories; ++k) {
            const Decision& decision = tree.decisions[tree.numbers + k];
            places[k] = places_.data() + decision.column * lanes;
            left[k] = decision.left.data();
        }
        for (std::size_t i = 0; i < lanes; ++i) {
            std::uint32_t pattern = patterns[i];
            for (std::size_t k = 0; k < categories; ++k) {
                pattern |= left[k][places[k][i]];
            }
            take(i, pattern);
        }
    }

    const TreeTables& tables_;
    std::vector<float> numbers_;
    std::vector<std::uint32_t> places_;
};

std::vector<double> TreeTables::scores(const FeatureMatrix& matrix) const {
    std::vector<double> all(matrix.rows);
    Rows rows(*this);
    std::array<float, lanes> sums;
    for (std::size_t begin = 0; begin < matrix.rows; begin += lanes) {
        const std::size_t count = std::min(lanes, matrix.rows - begin);
        rows.take(matrix, begin, count);
        sums.fill(base_);
        for (const Tree& tree : trees_) {
            rows.for_each_pattern(tree, [&sums, leaves = tree.leaves.data()](std::size_t i, std::uint32_t pattern) {
                sums[i] += leaves[pattern];
            });
        }
        std::copy_n(sums.begin(), count, all.begin() + static_cast<std::ptrdiff_t>(begin));
    }
    return all;
}

std::vector<double> TreeTables::contributions(const FeatureMatrix& matrix) const {
    const std::size_t columns = kinds_.size();
    std::vector<double> all(matrix.rows * (columns + 1));
    Rows rows(*this);
    Patterns patterns;
    std::vector<float> sums(columns * lanes);
    for (std::size_t begin = 0; begin < matrix.rows; begin += lanes) {
        const std::size_t count = std::min(lanes, matrix.rows - begin);
        rows.take(matrix, begin, count);
        std::ranges::fill(sums, 0.0F);
        for (const Tree& tree : trees_) {
            rows.for_each_pattern(tree, [&](std::size_t i, std::uint32_t pattern) { patterns[i] = pattern; });
            for (std::size_t k = 0; k < tree.columns.size(); ++k) {
                const float* table = tree.contributions.data() + k * tree.leaves.size();
                float* sum = sums.data() + tree.columns[k] * lanes;
                for (std::size_t i = 0; i < lanes; ++i) {
                    sum[i] += table[patterns[i]];
                }
            }
        }
        double* to = all.data() + begin * (columns + 1);
        for (std::size_t i = 0; i < count; ++i) {
            for (std::size_t column = 0; column < columns; ++column) {
                *to++ = sums[column * lanes + i];
            }
            *to++ = common_;
        }
    }
    return all;
}

}  // namespace clv
