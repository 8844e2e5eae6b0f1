#include "clv/learning/feature_matrix.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <optional>
#include <set>
#include <unordered_map>
#include <utility>

#include "clv/core/errors.hpp"
#include "clv/core/nearest_name.hpp"
#include "clv/core/progress.hpp"
#include "clv/data/tables/fault.hpp"
#include "clv/data/tables/named_columns.hpp"
#include "clv/data/tables/parse_number.hpp"
#include "clv/models/kaplan_meier.hpp"
#include "single_column.hpp"

namespace clv {

namespace {

constexpr std::size_t most_levels = 254;     ///< of a category; rarer ones share one more
constexpr std::size_t fewest_of_level = 3;   ///< customers
constexpr std::size_t fewest_to_judge = 20;  ///< customers, before a column is taken for an id
constexpr double telling_auc = 0.999;
constexpr float missing = std::numeric_limits<float>::quiet_NaN();

std::string unknown_column(std::string_view key, std::string_view name, const std::vector<NamedColumn>& columns) {
    std::vector<std::string> names;
    for (const NamedColumn& column : columns) {
        names.push_back(column.name);
    }
    const auto nearest = nearest_name(name, names);
    return fmt::format("no column '{}' of customers ({}){}: the columns are {}{}", shortened(std::string(name)), key,
                       nearest ? fmt::format(", did you mean '{}'?", shortened(*nearest)) : "",
                       fmt::join(std::span(names).first(std::min<std::size_t>(names.size(), 40)), ", "),
                       names.size() > 40 ? ", .." : "");
}

/// The value that means yes, from settings.positive or the usual words.
std::int8_t outcome_of(const std::string& text, const LearnSettings& settings) {
    const std::string_view cell = trimmed(text);
    if (cell.empty()) {
        return unknown_outcome;
    }
    if (!settings.positive.empty()) {
        return cell == trimmed(settings.positive) ? 1 : 0;
    }
    const int answer = parse_yes_or_no(cell);
    if (answer < 0) {
        throw InputError(fmt::format(
            "'{}' is neither yes nor no (customers, column {}): say which value means yes in learn.positive",
            shortened(std::string(cell)), settings.target_column));
    }
    return static_cast<std::int8_t>(answer);
}

/// One value, missing ones included?
bool is_constant(const NamedColumn& column, std::size_t customers) {
    if (column.is_text()) {
        return std::ranges::all_of(column.codes, [&](std::uint32_t code) { return code == column.codes.front(); });
    }
    const double first = column.number(0);
    for (std::size_t i = 1; i < customers; ++i) {
        const double value = column.number(i);
        if (value != first && !(std::isnan(value) && std::isnan(first))) {
            return false;
        }
    }
    return true;
}

/// Whole numbers, each once and hardly one left out, or a text of its own for most customers.
bool is_id(const NamedColumn& column, std::size_t customers) {
    if (customers < fewest_to_judge) {
        return false;
    }
    if (column.is_text()) {
        std::set<std::uint32_t> distinct(column.codes.begin(), column.codes.end());
        return distinct.size() > customers / 2;
    }
    std::vector<double> values;
    for (std::size_t i = 0; i < customers; ++i) {
        const double value = column.number(i);
        if (std::isnan(value) || value != std::floor(value)) {
            return false;
        }
        values.push_back(value);
    }
    std::ranges::sort(values);
    return std::ranges::adjacent_find(values) == values.end() &&
           values.back() - values.front() < 1.5 * static_cast<double>(customers);
}

/// The dictionary of a category: levels in the order of their texts, rare ones as one.
std::vector<std::string> dictionary(const NamedColumn& column, std::size_t customers) {
    std::map<std::string, std::size_t> counts;
    for (std::size_t i = 0; i < customers; ++i) {
        if (std::string text = column.text(i); !text.empty()) {
            ++counts[std::move(text)];
        }
    }
    std::vector<std::pair<std::size_t, std::string>> by_count;
    for (const auto& [text, count] : counts) {
        if (count >= fewest_of_level && text != other_level) {
            by_count.emplace_back(count, text);
        }
    }
    std::ranges::stable_sort(by_count, std::ranges::greater{}, [](const auto& level) { return level.first; });
    by_count.resize(std::min(by_count.size(), most_levels));
    std::vector<std::string> levels;
    for (auto& [count, text] : by_count) {
        levels.push_back(std::move(text));
    }
    std::ranges::sort(levels);
    if (levels.size() < counts.size()) {
        levels.emplace_back(other_level);
    }
    return levels;
}

FeatureKind kind_of(const NamedColumn& column, const LearnSettings& settings) {
    if (const auto declared = settings.kinds.find(column.name); declared != settings.kinds.end()) {
        return declared->second == "category" ? FeatureKind::category : FeatureKind::number;
    }
    return has_numbers(column) ? FeatureKind::number : FeatureKind::category;
}

/// A column that stands ready to be written into a matrix.
class Filler {
  public:
    Filler(const NamedColumn& column, const LearnedColumn& learned)
        : column_(&column), is_category_(learned.kind == FeatureKind::category) {
        if (is_category_) {
            take_levels(learned.levels);
        }
        for (const std::string& text : column.texts) {
            of_text_.push_back(is_category_ ? code_of(text) : number_of(text));
        }
    }

    /// Rows begin to end - 1 of the matrix's column `at`.
    void fill(std::size_t begin, std::size_t end, std::size_t at, FeatureMatrix& matrix) const {
        const auto fill_with = [&](auto value_of) {
            float* to = matrix.values.data() + begin * matrix.columns + at;
            for (std::size_t i = begin; i < end; ++i, to += matrix.columns) {
                *to = value_of(i);
            }
        };
        if (column_->is_text()) {
            fill_with([&](std::size_t i) { return of_text_[column_->codes[i]]; });
        } else if (is_category_) {
            fill_with([&](std::size_t i) { return code_of(column_->text(i)); });
        } else if (column_->feature != nullptr) {
            fill_with([numbers = column_->feature->values()](std::size_t i) { return static_cast<float>(numbers[i]); });
        } else {
            fill_with([&](std::size_t i) { return static_cast<float>((*column_->column)[i]); });
        }
    }

  private:
    void take_levels(const std::vector<std::string>& levels) {
        for (std::size_t level = 0; level < levels.size(); ++level) {
            codes_.emplace(levels[level], static_cast<float>(level));
        }
        const auto other = codes_.find(other_level);
        unknown_ = other != codes_.end() ? other->second : missing;
    }

    [[nodiscard]] static float number_of(const std::string& text) {
        const NumberCell cell = parse_number(text);
        return cell.kind == CellKind::number ? static_cast<float>(cell.value) : missing;
    }

    [[nodiscard]] float code_of(const std::string& text) const {
        if (text.empty()) {
            return missing;
        }
        const auto found = codes_.find(text);
        return found != codes_.end() ? found->second : unknown_;
    }

    const NamedColumn* column_;
    bool is_category_;
    std::unordered_map<std::string_view, float> codes_;  ///< of levels
    float unknown_ = missing;                            ///< code of a text that is no level
    std::vector<float> of_text_;                         ///< [code of a text]
};

/// Why the column is not learned from; empty where it is. A declared kind says that it is meant.
std::string reason_to_leave_out(const NamedColumn& column, std::size_t customers, bool is_declared) {
    if (is_constant(column, customers)) {
        return column.text(0).empty() ? "is blank for everybody" : "is the same for everybody";
    }
    if (!is_declared && is_id(column, customers)) {
        return "has a value of its own for most customers, as an id or free text";
    }
    return {};
}

void check_names(const std::vector<NamedColumn>& columns, const CustomerTable& customers,
                 const LearnSettings& settings) {
    for (const std::string& name : settings.exclude) {
        if (find_column(columns, customers, name) == nullptr && name != settings.target_column) {
            throw ConfigError(unknown_column("learn.exclude", name, columns));
        }
    }
    for (const auto& [name, kind] : settings.kinds) {
        if (std::ranges::find(columns, name, &NamedColumn::name) == columns.end()) {
            throw ConfigError(unknown_column("learn.kinds", name, columns));
        }
        if (kind != "number" && kind != "category") {
            throw ConfigError(fmt::format("learn.kinds.{} is '{}': give \"number\" or \"category\"", name, kind));
        }
    }
}

}  // namespace

FeatureMatrix rows_of(const FeatureMatrix& matrix, std::span<const std::size_t> rows) {
    FeatureMatrix part{rows.size(), matrix.columns, {}};
    part.values.reserve(rows.size() * matrix.columns);
    for (const std::size_t row : rows) {
        const auto values = matrix.row(row);
        part.values.insert(part.values.end(), values.begin(), values.end());
    }
    return part;
}

Outcomes churn_outcomes(const CustomerTable& customers, const LearnSettings& settings) {
    if (settings.target_column.empty()) {
        throw ConfigError(
            "nothing says what is learned (learn.target_column): name the column that says who has churned");
    }
    const bool is_own =
        settings.target_column == "churned" || settings.target_column == name_in_file(customers, "churned");
    if (is_own && !customers.churned.empty()) {
        return {customers.churned.begin(), customers.churned.end()};
    }
    const std::vector<NamedColumn> columns = named_columns(customers);
    const NamedColumn* target = find_column(columns, customers, settings.target_column);
    if (target == nullptr) {
        throw InputError(unknown_column("learn.target_column", settings.target_column, columns));
    }
    Outcomes outcomes(customers.size());
    std::vector<std::int8_t> of_text;
    for (const std::string& text : target->texts) {
        of_text.push_back(outcome_of(text, settings));
    }
    for (std::size_t i = 0; i < customers.size(); ++i) {
        outcomes[i] = target->is_text() ? of_text[target->codes[i]] : outcome_of(target->text(i), settings);
    }
    return outcomes;
}

std::vector<LearnedColumn> learned_columns(const CustomerTable& customers, const Outcomes& outcomes,
                                           const LearnSettings& settings, std::vector<LeftOut>& left_out) {
    const std::vector<NamedColumn> columns = named_columns(customers);
    check_names(columns, customers, settings);
    std::set<const NamedColumn*> excluded{find_column(columns, customers, settings.target_column)};
    for (const std::string& name : settings.exclude) {
        excluded.insert(find_column(columns, customers, name));
    }
    std::vector<LearnedColumn> learned;
    for (const NamedColumn& column : columns) {
        throw_if_interrupted();
        if (excluded.contains(&column) ||
            (settings.segments_are_made && column.codes.data() == customers.segment.data() && column.is_text())) {
            continue;
        }
        const bool is_declared = settings.kinds.contains(column.name);
        if (std::string why = reason_to_leave_out(column, customers.size(), is_declared); !why.empty()) {
            if (column.column == nullptr) {  // of our own nobody need have given any
                left_out.push_back({column.name, std::move(why)});
            }
            continue;
        }
        LearnedColumn candidate{column.name, kind_of(column, settings), {}};
        if (candidate.kind == FeatureKind::category) {
            candidate.levels = dictionary(column, customers.size());
        }
        FeatureMatrix alone{customers.size(), 1, std::vector<float>(customers.size())};
        Filler(column, candidate).fill(0, alone.rows, 0, alone);
        const double auc = auc_of_column(alone.values, candidate, outcomes, customers.id_hash);
        if (!is_declared && auc >= telling_auc) {
            left_out.push_back(
                {column.name,
                 fmt::format("tells the outcome almost surely (AUC {:.4f}), as what is only known "
                             "afterwards does; learn.kinds.{} = \"{}\" takes it all the same",
                             auc, column.name, candidate.kind == FeatureKind::category ? "category" : "number"),
                 true});
            continue;
        }
        learned.push_back(std::move(candidate));
    }
    if (learned.empty()) {
        throw InputError(
            "there is no column to learn from (customers): every one is left out, an id, the same for everybody, or "
            "tells the outcome; give columns that were known before the outcome");
    }
    return learned;
}

FeatureMatrix feature_matrix(const CustomerTable& customers, std::span<const LearnedColumn> columns) {
    const std::vector<NamedColumn> named = named_columns(customers);
    FeatureMatrix matrix{customers.size(), columns.size(), std::vector<float>(customers.size() * columns.size())};
    std::vector<Filler> fillers;
    for (const LearnedColumn& learned : columns) {
        const NamedColumn* column = find_column(named, customers, learned.name);
        if (column == nullptr) {
            throw InputError(unknown_column("learned from in learner.json", learned.name, named) +
                             "; give customers the columns that were learned from, or learn again");
        }
        fillers.emplace_back(*column, learned);
    }
    constexpr std::size_t rows_at_a_time = 256;  // which stay in the nearest caches while columns are filled in
    for (std::size_t begin = 0; begin < matrix.rows; begin += rows_at_a_time) {
        throw_if_interrupted();
        const std::size_t end = std::min(matrix.rows, begin + rows_at_a_time);
        for (std::size_t at = 0; at < fillers.size(); ++at) {
            fillers[at].fill(begin, end, at, matrix);
        }
    }
    return matrix;
}

bool has_column(const CustomerTable& customers, const std::string& name) {
    return find_column(named_columns(customers), customers, name) != nullptr;
}

std::vector<double> tenures(const CustomerTable& customers, const std::string& time_column) {
    const std::vector<NamedColumn> columns = named_columns(customers);
    const NamedColumn* column = find_column(columns, customers, time_column.empty() ? "tenure_months" : time_column);
    if (column == nullptr) {
        if (!time_column.empty()) {
            throw InputError(unknown_column("learn.time_column", time_column, columns));
        }
        return {};
    }
    std::vector<double> months(customers.size());
    for (std::size_t i = 0; i < customers.size(); ++i) {
        months[i] = column->number(i);
        if (!(months[i] >= 0.0 && months[i] <= longest_tenure_months)) {
            throw InputError(
                fmt::format("'{}' is no time as a customer (column {}, customer {}): give months between 0 "
                            "and {}",
                            column->text(i), column->name, customers.customer_id[i], longest_tenure_months));
        }
    }
    return months;
}

}  // namespace clv
