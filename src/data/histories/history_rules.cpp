#include "clv/data/histories/history_rules.hpp"

#include <fmt/format.h>

#include <array>
#include <cmath>
#include <string_view>

#include "clv/core/errors.hpp"

namespace clv {

namespace {

constexpr std::array<std::string_view, 4> names{"frequency", "recency", "T", "monetary_value"};

bool is_whole(double value) {
    return value == std::floor(value);
}

std::optional<HistoryFault> fault_of_periods(double frequency, double recency, double age) {
    const auto out_of_range = [](HistoryColumn column, std::string problem, std::string remedy) {
        return HistoryFault{column, FaultKind::out_of_range, std::move(problem), std::move(remedy)};
    };
    const std::string remedy = "the model counts opportunities: give whole ones, or choose another fit.model";
    if (!is_whole(recency)) {
        return out_of_range(HistoryColumn::recency, "is a fraction of an opportunity", remedy);
    }
    if (!is_whole(age)) {
        return out_of_range(HistoryColumn::age, "is a fraction of an opportunity", remedy);
    }
    if (age > most_periods) {
        return out_of_range(
            HistoryColumn::age, "is a count of opportunities that no fit would end on",
            fmt::format("give at most {}, count longer periods, or choose another fit.model", most_periods));
    }
    if (frequency > recency) {
        return out_of_range(HistoryColumn::frequency, "is more than recency, the opportunities up to the last purchase",
                            "the model knows one purchase an opportunity: count so, or choose another fit.model");
    }
    return std::nullopt;
}

}  // namespace

std::optional<HistoryFault> history_fault(double frequency, double recency, double age, double monetary_value,
                                          HistoryTime time) {
    const std::array values{frequency, recency, age, monetary_value};
    for (std::size_t i = 0; i < values.size(); ++i) {
        const auto column = static_cast<HistoryColumn>(i);
        if (!std::isfinite(values[i])) {
            return HistoryFault{column, FaultKind::not_a_number, "is not finite", "give a finite number"};
        }
        if (values[i] < 0.0) {
            return HistoryFault{column, FaultKind::negative, "is negative", "give a number of at least 0"};
        }
    }
    const auto out_of_range = [](HistoryColumn column, std::string problem, std::string remedy) {
        return HistoryFault{column, FaultKind::out_of_range, std::move(problem), std::move(remedy)};
    };
    if (!is_whole(frequency)) {
        return out_of_range(HistoryColumn::frequency, "is not whole", "give the number of repeat purchases");
    }
    if (recency > age) {
        return out_of_range(HistoryColumn::recency, "is more than T",
                            "give recency as the time from the first purchase to the last, in the unit of T");
    }
    if (frequency == 0.0 && recency > 0.0) {
        return out_of_range(HistoryColumn::recency, "is not 0, where frequency is",
                            "recency is the time from the first purchase to the last, not since the last: without a "
                            "repeat purchase it is 0");
    }
    if (frequency > 0.0 && recency == 0.0) {
        return out_of_range(HistoryColumn::recency, fmt::format("is 0, where frequency is {}", frequency),
                            "frequency counts repeat purchases, the days after the first, and recency is the time "
                            "from the first to the last: take 1 off a total, or correct recency");
    }
    if (frequency == 0.0 && monetary_value > 0.0) {
        return out_of_range(HistoryColumn::monetary_value, "is not 0, where frequency is",
                            "monetary_value is the mean of repeat purchases, without the first: give 0 without any");
    }
    return time == HistoryTime::periods ? fault_of_periods(frequency, recency, age) : std::nullopt;
}

void check_histories(const PurchaseSummary& summary, HistoryTime time, const std::string& file) {
    for (std::size_t i = 0; i < summary.size(); ++i) {
        const double spend = summary.monetary_value.empty() ? 0.0 : summary.monetary_value[i];
        const std::array values{summary.frequency[i], summary.recency[i], summary.age[i], spend};
        if (const auto fault = history_fault(values[0], values[1], values[2], values[3], time)) {
            const auto column = static_cast<std::size_t>(fault->column);
            throw InputError(fmt::format("{} {} of customer '{}' {} ({}): {}", names[column], values[column],
                                         summary.customer_id[i], fault->problem, file, fault->remedy));
        }
    }
}

}  // namespace clv
