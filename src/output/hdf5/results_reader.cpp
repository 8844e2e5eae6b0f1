#include "clv/output/hdf5/results_reader.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <span>
#include <utility>

#include "clv/core/errors.hpp"
#include "clv/core/units.hpp"
#include "results_figures.hpp"

namespace clv {

namespace {

constexpr std::size_t customers_per_batch = 1 << 16;
constexpr const char* made_again = "run the command that made it again (clv run with --fresh)";

void require(const Hdf5File& results, std::string_view dataset, const char* remedy) {
    if (!results.contains(dataset)) {
        throw InputError(fmt::format("results without {} (results.h5): {}", dataset, remedy));
    }
}

std::size_t length(const Hdf5File& results, std::string_view scale) {
    return results.shape(scale).at(0);
}

/// What the figures of a dataset can be.
struct PossibleFigures {
    double low;
    double high;
    bool are_always_there = false;  ///< else NaN says that there is none

    explicit PossibleFigures(std::string_view dataset)
        : low(-std::numeric_limits<double>::max()), high(std::numeric_limits<double>::max()) {
        if (dataset.ends_with("_se") || dataset.ends_with("_sd")) {
            low = 0.0;
        } else if (dataset.ends_with("prob_loss") || dataset == "prob_gain") {
            low = 0.0;
            high = 1.0;
        } else if (dataset.ends_with("months")) {
            low = dataset == added_months.dataset ? -max_horizon_months : 0.0;
            high = max_horizon_months;
            are_always_there = dataset == "expected_lifetime_months";
        } else if (dataset == "paths_used" || dataset == refined_paths) {
            low = 1.0;
            high = std::numeric_limits<std::uint32_t>::max();
            are_always_there = true;
        }
    }
    [[nodiscard]] bool hold(double value) const noexcept {
        return std::isnan(value) ? !are_always_there : value >= low && value <= high;
    }
};

/// Throws InputError for a figure that no run finds.
void require_possible(std::string_view dataset, std::span<const double> values) {
    const PossibleFigures possible(dataset);
    for (const double value : values) {
        if (!possible.hold(value)) {
            throw InputError(
                fmt::format("{} is {} somewhere, which is impossible (results.h5): {}", dataset, value, made_again));
        }
    }
}

std::vector<double> read_figures(const Hdf5File& results, std::string_view dataset) {
    std::vector<double> values = results.read_doubles(dataset);
    require_possible(dataset, values);
    return values;
}

/// Throws InputError unless doing nothing is open to everybody, and brings and costs nothing, and open actions have a
/// cost.
void require_consistent(const UpliftTable& table) {
    for (const std::vector<double>* figures :
         {&table.expected_profit, &table.expected_profit_se, &table.cost, &table.added_months}) {
        const auto of_nothing = std::span(*figures).first(std::min(figures->size(), table.size()));
        if (!std::ranges::all_of(of_nothing, [](double figure) { return figure == 0.0; })) {
            throw InputError(fmt::format(
                "doing nothing changes something for somebody, which is impossible (results.h5): {}", made_again));
        }
    }
    for (std::size_t cell = 0; cell < table.cost.size(); ++cell) {
        if (std::isnan(table.cost[cell]) && !std::isnan(table.expected_profit[cell])) {
            throw InputError(
                fmt::format("an action with a profit has no cost, which is impossible (results.h5): {}", made_again));
        }
    }
}

}  // namespace

void require_configuration(const Hdf5File& results, std::string_view config_hash) {
    if (const std::string of_results = results.text_attribute("config_hash"); of_results != config_hash) {
        throw InputError(fmt::format(
            "the results are of another configuration than their run.json (results.h5: config_hash {}, run.json: {}): "
            "{}",
            of_results, config_hash, made_again));
    }
}

void require_cvar_level(const Hdf5File& results, double level) {
    if (const double of_results = read_cvar_level(results); of_results != level) {
        throw InputError(
            fmt::format("the results have CVaR at {}, and their run.json has simulation.cvar_level {} (results.h5): {}",
                        of_results, level, made_again));
    }
}

void require_uplift(const Hdf5File& results) {
    require(results, "expected_profit", "simulate with at least one of [[actions]]");
}

std::vector<std::string> read_segments(const Hdf5File& results) {
    std::vector<std::string> segments = results.read_strings("segment");
    if (results.contains(churned_flags) && segments.size() > 1) {
        segments.pop_back();
    }
    if (!segments.empty()) {
        segments.erase(segments.begin());  // the portfolio
    }
    return segments;
}

UpliftTable read_uplift_table(const Hdf5File& results, bool with_cvar) {
    require_uplift(results);
    UpliftTable table;
    const std::vector<std::string> ids = results.read_strings("customer_id");
    for (const std::string& id : ids) {
        table.customer_id.push_back(id);
    }
    table.actions = results.read_strings("action");
    table.expected_profit = read_figures(results, "expected_profit");
    table.cost = read_figures(results, "cost");
    table.expected_profit_se = read_figures(results, "expected_profit_se");
    table.lifetime_months = read_figures(results, "expected_lifetime_months");
    if (results.contains(added_months.dataset)) {
        table.added_months = read_figures(results, added_months.dataset);
    }
    if (with_cvar) {
        table.clv_cvar = read_figures(results, "clv_cvar");
        table.cvar_level = read_cvar_level(results);
    }
    if (results.contains(churned_flags)) {
        const std::vector<std::int64_t> churned = results.read_integers(churned_flags);
        if (!std::ranges::all_of(churned, [](std::int64_t flag) { return flag == 0 || flag == 1; })) {
            throw InputError(fmt::format("churned is neither 0 nor 1 somewhere (results.h5): {}", made_again));
        }
        table.churned.assign(churned.begin(), churned.end());
    }
    static_cast<void>(read_figures(results, "paths_used"));
    require_consistent(table);
    table.segments = read_segments(results);
    if (!table.segments.empty()) {
        for (const std::int64_t code : results.read_integers("customer_segment")) {
            if (code < 1 || code > static_cast<std::int64_t>(table.segments.size())) {
                throw InputError(fmt::format("customer_segment {} (results.h5): {}", code, made_again));
            }
            table.segment.push_back(static_cast<std::uint32_t>(code - 1));
        }
    }
    return table;
}

bool has_refined_uplift(const Hdf5File& results) {
    return results.contains(refined_paths);
}

UpliftTable read_planned_uplift(const Hdf5File& results, bool with_cvar) {
    UpliftTable table = read_uplift_table(results, with_cvar);
    if (!has_refined_uplift(results)) {
        return table;
    }
    for (const RefinedFigure& figure : refined_figures) {
        require(results, figure.dataset, made_again);
        table.*figure.field = read_figures(results, figure.dataset);
    }
    const std::vector<double> paths = read_figures(results, refined_paths);
    table.paths.assign(paths.begin(), paths.end());
    require_consistent(table);
    return table;
}

double read_cvar_level(const Hdf5File& results) {
    const double level = results.number_attribute("cvar_level");
    if (!(level > 0.0 && level < 1.0)) {
        throw InputError(fmt::format("cvar_level is {}, which is impossible (results.h5): {}", level, made_again));
    }
    return level;
}

void replay_figures(const Hdf5File& results, const SimulationPlan& plan, CustomerSink& sink) {
    const std::size_t customers = length(results, "customer_id");
    const std::size_t levels = plan.settings.quantiles.size();
    if (length(results, "level") != levels || length(results, "action") != plan.actions.size() + 1) {
        throw InputError(
            fmt::format("results of other actions or quantiles than their run.json says (results.h5): {}", made_again));
    }
    for (std::size_t first = 0; first < customers; first += customers_per_batch) {
        const std::size_t count = std::min(customers_per_batch, customers - first);
        const auto read = [&](std::string_view dataset, std::size_t row) {
            std::vector<double> values(count);
            results.read_part(dataset, row, first, values);
            require_possible(dataset, values);
            return values;
        };
        CustomerFigures batch;
        batch.actions.resize(plan.actions.size() + 1);
        batch.uplift.resize(plan.actions.size());
        for (std::size_t action = 0; action < batch.actions.size(); ++action) {
            ClvFigures& clv = batch.actions[action];
            for (const Figure& figure : moments) {
                clv.*figure.field = read(figure.dataset, action);
            }
            for (const FigureOfLevels& figure : quantiles) {
                for (std::size_t level = 0; level < levels; ++level) {
                    (clv.*figure.field).push_back(read(figure.dataset, action * levels + level));
                }
            }
            for (const Figure& figure : risks) {
                clv.*figure.field = read(figure.dataset, action);
            }
        }
        for (std::size_t action = 0; action < batch.uplift.size(); ++action) {
            for (const UpliftFigure& figure : uplift_figures) {
                batch.uplift[action].*figure.field = read(figure.dataset, action + 1);
            }
            if (results.contains(added_months.dataset)) {
                batch.uplift[action].added_months = read(added_months.dataset, action + 1);
            }
            if (!results.contains(profit_quantiles)) {
                continue;
            }
            for (std::size_t level = 0; level < levels; ++level) {
                batch.uplift[action].profit_quantiles.push_back(read(profit_quantiles, (action + 1) * levels + level));
            }
            for (const UpliftFigure& figure : profit_figures) {
                batch.uplift[action].*figure.field = read(figure.dataset, action + 1);
            }
        }
        batch.expected_lifetime_months = read("expected_lifetime_months", 0);
        const std::vector<double> paths = read("paths_used", 0);
        batch.paths_used.assign(paths.begin(), paths.end());
        sink.take(first, batch);
    }
}

std::vector<PortfolioRow> read_portfolio(const Hdf5File& results) {
    const std::vector<std::string> segments = results.read_strings("segment");
    const std::vector<std::int64_t> customers = results.read_integers("portfolio_customers");
    const std::size_t levels = length(results, "level");
    if (segments.empty() || length(results, "plan") == 0) {
        throw InputError(fmt::format("results without a segment or a plan (results.h5): {}", made_again));
    }
    if (!std::ranges::all_of(customers, [](std::int64_t count) { return count >= 0; })) {
        throw InputError(fmt::format("a segment of less than no customers (results.h5): {}", made_again));
    }
    std::vector<PortfolioRow> rows(segments.size());
    // the first plan of every dataset is none
    const auto read = [&](std::string_view dataset, double PortfolioRow::*field) {
        std::vector<double> values(rows.size());
        results.read_part(dataset, 0, 0, values);
        require_possible(dataset, values);
        for (std::size_t row = 0; row < rows.size(); ++row) {
            rows[row].*field = values[row];
        }
    };
    read("portfolio_mean", &PortfolioRow::mean);
    read("portfolio_se", &PortfolioRow::se);
    read("portfolio_sd", &PortfolioRow::sd);
    read("portfolio_cvar", &PortfolioRow::cvar);
    read("portfolio_prob_loss", &PortfolioRow::prob_loss);
    read("portfolio_var", &PortfolioRow::var);
    if (results.contains("portfolio_months")) {
        read("portfolio_months", &PortfolioRow::months);
    }
    const bool has_errors = results.contains("portfolio_cvar_se");
    if (has_errors) {
        read("portfolio_cvar_se", &PortfolioRow::cvar_se);
    }
    for (std::size_t row = 0; row < rows.size(); ++row) {
        rows[row].segment = segments[row];
        rows[row].plan = "none";
        rows[row].customers = static_cast<std::uint64_t>(customers.at(row));
        rows[row].quantiles.resize(levels);
        results.read_part("portfolio_quantile", row, 0, rows[row].quantiles);
        require_possible("portfolio_quantile", rows[row].quantiles);
        if (has_errors) {
            rows[row].quantile_se.resize(levels);
            results.read_part("portfolio_quantile_se", row, 0, rows[row].quantile_se);
            require_possible("portfolio_quantile_se", rows[row].quantile_se);
        }
    }
    return rows;
}

std::vector<CashflowRow> read_cashflow(const Hdf5File& results) {
    std::vector<CashflowRow> rows;
    if (!results.contains("cashflow_mean")) {
        return rows;
    }
    const std::vector<std::string> segments = results.read_strings("segment");
    const std::size_t months = length(results, "month");
    const std::size_t levels = length(results, "level");
    const std::vector<double> mean = read_figures(results, "cashflow_mean");
    const std::vector<double> quantile = read_figures(results, "cashflow_quantile");
    for (std::size_t row = 0; row < segments.size() * months; ++row) {
        const auto first = quantile.begin() + static_cast<std::ptrdiff_t>(row * levels);
        rows.push_back({segments[row / months],
                        static_cast<int>(row % months) + 1,
                        mean.at(row),
                        {first, first + static_cast<std::ptrdiff_t>(levels)}});
    }
    return rows;
}

}  // namespace clv
