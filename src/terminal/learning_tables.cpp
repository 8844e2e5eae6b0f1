#include "clv/terminal/learning_tables.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>

#include "clv/core/json_text.hpp"
#include "clv/data/tables/fault.hpp"
#include "clv/output/tables/learning_writer.hpp"
#include "clv/output/tables/value_writer.hpp"

namespace clv {

namespace {

std::string share(double value) {
    return fmt::format("{:.1f}%", 100.0 * value);
}

Table quality_table(const ChurnLearning& learning) {
    Table table({{"out of fold", Table::Align::left}, {"used"}, {"95% interval"}});
    for (std::size_t k = 1; k < learning.quality.size(); ++k) {
        table = Table({{"out of fold", Table::Align::left},
                       {algorithm_name(learning.quality.front().algorithm)},
                       {"95% interval"},
                       {algorithm_name(learning.quality[k].algorithm)}});
    }
    for (std::size_t score = 0; score < class_score_count; ++score) {
        const Estimate& used = learning.quality.front().scores.estimates[score];
        std::vector<std::string> row{used.name, fmt::format("{:.4f}", used.value),
                                     fmt::format("{:.4f} to {:.4f}", used.low, used.high)};
        if (learning.quality.size() > 1) {
            row.push_back(fmt::format("{:.4f}", learning.quality[1].scores.estimates[score].value));
        }
        table.add_row(std::move(row));
    }
    return table;
}

Table calibration_table(const ClassScores& scores) {
    Table table({{"customers"}, {"predicted"}, {"observed"}, {"95% interval"}});
    for (const CalibrationGroup& group : scores.calibration) {
        table.add_row({with_thousands(static_cast<std::int64_t>(group.customers)), share(group.mean_predicted),
                       share(group.share_observed), fmt::format("{} to {}", share(group.low), share(group.high))});
    }
    return table;
}

Table importance_table(std::vector<Estimate> columns, std::string moves) {
    std::ranges::stable_sort(columns, std::ranges::greater{}, &Estimate::value);
    columns.resize(std::min<std::size_t>(columns.size(), 10));
    Table table({{"column", Table::Align::left}, {std::move(moves)}});
    for (const Estimate& column : columns) {
        table.add_row({shortened(column.name, 40), fmt::format("{:.3f}", column.value)});
    }
    return table;
}

/// Every model, from the simplest.
Table value_table(const ValueLearning& learning) {
    Table table({{"out of fold", Table::Align::left},
                 {"Gini"},
                 {"Spearman"},
                 {"R2"},
                 {"RMSE"},
                 {"MAE"},
                 {"top tenth holds"},
                 {"total"},
                 {"", Table::Align::left}});
    for (const ValueQuality& quality : learning.models) {
        const auto value = [&](ValueScore score) { return quality.scores[score].value; };
        table.add_row({std::string(to_string(quality.model)), fmt::format("{:.4f}", value(ValueScore::gini)),
                       fmt::format("{:.4f}", value(ValueScore::spearman)), fmt::format("{:.4f}", value(ValueScore::r2)),
                       with_thousands(value(ValueScore::rmse), 2), with_thousands(value(ValueScore::mae), 2),
                       share(value(ValueScore::top_decile_capture)), share(value(ValueScore::total_ratio)),
                       quality.model == learning.learner.used ? "used" : ""});
    }
    return table;
}

}  // namespace

void show_learning(const ValueLearning& learning, Terminal& terminal) {
    for (const std::string& note : learning.notes) {
        terminal.message("note: " + note);
    }
    for (const std::string& warning : learning.warnings) {
        terminal.warning(warning);
    }
    terminal.message(fmt::format("learned what {} customers spent in {} days, from what they did before",
                                 with_thousands(static_cast<std::int64_t>(learning.matrix.rows)),
                                 learning.learner.window_days));
}

void print_learning(const ValueLearning& learning, Terminal& terminal) {
    if (terminal.wants_json()) {
        terminal.data(json_text(value_quality_record(learning), 2) + "\n");
        return;
    }
    terminal.data("How good it is, on customers that models have not seen (quality.json has errors, too)\n\n");
    terminal.data(value_table(learning));
    terminal.data("\nWhat moves it (importance.csv has every column)\n\n");
    terminal.data(importance_table(learning.importance, "moves its logarithm by"));
}

void show_learning(const ChurnLearning& learning, Terminal& terminal) {
    for (const std::string& note : learning.notes) {
        terminal.message("note: " + note);
    }
    for (const std::string& warning : learning.warnings) {
        terminal.warning(warning);
    }
    const LearnedQuality& used = learning.quality.front();
    const Estimate& auc = used.scores[ClassScore::auc];
    const Estimate& brier = used.scores[ClassScore::brier];
    terminal.message(fmt::format(
        "learned {} from {} customers, {} of whom {}: {}, AUC {:.3f} ({:.3f} to {:.3f}), Brier {:.3f}, on customers "
        "that it has not seen; hazards {}",
        learning.learner.target_column, with_thousands(static_cast<std::int64_t>(used.scores.customers)),
        with_thousands(static_cast<std::int64_t>(used.scores.events)), used.scores.events == 1 ? "is one" : "are",
        algorithm_name(used.algorithm), auc.value, auc.low, auc.high, brier.value,
        learning.learner.rate ? "by tenure"
                              : fmt::format("of a window of {} month{}", learning.learner.window_months,
                                            learning.learner.window_months == 1 ? "" : "s")));
}

void print_learning(const ChurnLearning& learning, Terminal& terminal) {
    if (terminal.wants_json()) {
        terminal.data(json_text(quality_record(learning), 2) + "\n");
        return;
    }
    terminal.data("How good it is (quality.json has all of it)\n\n");
    terminal.data(quality_table(learning));
    terminal.data("\nWhat is predicted, and what came\n\n");
    terminal.data(calibration_table(learning.quality.front().scores));
    terminal.data("\nWhat moves it (importance.csv has every column)\n\n");
    terminal.data(importance_table(learning.importance, "moves the log odds by"));
}

}  // namespace clv
