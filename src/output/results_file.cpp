#include "clv/output/results_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <map>
#include <numeric>
#include <stdexcept>

#include "clv/core/errors.hpp"
#include "clv/core/progress.hpp"
#include "clv/output/files.hpp"

namespace clv {

namespace {

constexpr std::string_view format_name = "clvsim results";

using Rows = std::vector<std::span<const double>>;
using Field = std::vector<double> ClvSummary::*;
using LevelsField = std::vector<std::vector<double>> ClvSummary::*;

Annotation annotation(std::string_view dataset) {
    static const FileSpec& file = file_spec("results.h5");
    const ColumnSpec& spec = column_spec(file, dataset);
    return {spec.unit, spec.meaning};
}

void write_scales(Hdf5File& file, const ResultsContent& content, std::span<const std::string> segments) {
    std::vector<std::string> actions{"none"};
    for (const Action& action : content.plan.actions) {
        actions.push_back(action.name);
    }
    std::vector<std::string> plans;
    for (const PlanTotals& totals : content.totals) {
        plans.push_back(totals.plan);
    }
    std::vector<std::uint64_t> paths(content.result.totals.paths);
    std::iota(paths.begin(), paths.end(), content.plan.first_path);
    file.write_scale("action", actions, annotation("action"));
    file.write_scale("customer_id", content.customers.customer_id, annotation("customer_id"));
    file.write_scale("level", content.plan.settings.quantiles, annotation("level"));
    file.write_scale("segment", segments, annotation("segment"));
    file.write_scale("plan", plans, annotation("plan"));
    file.write_scale("path", paths, annotation("path"));
}

void write_customers(Hdf5File& file, const ResultsContent& content) {
    const std::size_t customers = content.customers.size();
    std::vector<std::uint32_t> segment(customers, 0);
    for (std::size_t customer = 0; customer < content.customers.segment.size(); ++customer) {
        segment[customer] = content.customers.segment[customer] + 1;
    }
    file.write("customer_segment", {"customer_id"}, segment, annotation("customer_segment"));

    const auto write = [&](std::string_view name, Field field) {
        Rows rows;
        for (const ClvSummary& action : content.result.actions) {
            rows.emplace_back(action.*field);
        }
        throw_if_interrupted();
        file.write_rows(name, {"action", "customer_id"}, rows, annotation(name));
    };
    const auto write_levels = [&](std::string_view name, LevelsField field) {
        Rows rows;
        for (const ClvSummary& action : content.result.actions) {
            for (const std::vector<double>& level : action.*field) {
                rows.emplace_back(level);
            }
        }
        throw_if_interrupted();
        file.write_rows(name, {"action", "level", "customer_id"}, rows, annotation(name));
    };
    write("clv_mean", &ClvSummary::mean);
    write("clv_se", &ClvSummary::se);
    write("clv_sd", &ClvSummary::sd);
    write_levels("clv_quantile", &ClvSummary::quantiles);
    write_levels("clv_quantile_se", &ClvSummary::quantile_se);
    write("clv_cvar", &ClvSummary::cvar);
    write("clv_cvar_se", &ClvSummary::cvar_se);
    write("prob_loss", &ClvSummary::prob_loss);
    file.write("expected_lifetime_months", {"customer_id"}, content.result.expected_lifetime_months,
               annotation("expected_lifetime_months"));
}

void write_uplift(Hdf5File& file, const ResultsContent& content) {
    const std::vector<double> none(content.customers.size(), 0.0);
    const auto write = [&](std::string_view name, std::vector<double> UpliftSummary::*field) {
        Rows rows{none};
        for (const UpliftSummary& action : content.result.uplift) {
            rows.emplace_back(action.*field);
        }
        file.write_rows(name, {"action", "customer_id"}, rows, annotation(name));
    };
    write("expected_profit", &UpliftSummary::expected_profit);
    write("expected_profit_se", &UpliftSummary::expected_profit_se);
    write("cost", &UpliftSummary::cost);
}

/// Rows by plan and segment, NaN where there is no such row.
void write_portfolio(Hdf5File& file, const ResultsContent& content, std::span<const std::string> segments) {
    const std::size_t cells = content.totals.size() * segments.size();
    std::vector<const PortfolioRow*> row_of(cells, nullptr);
    for (const PortfolioRow& row : content.portfolio) {
        const auto plan = std::ranges::find(content.totals, row.plan, &PlanTotals::plan);
        const auto segment = std::ranges::find(segments, row.segment);
        if (plan == content.totals.end() || segment == segments.end()) {
            throw std::logic_error(fmt::format("no totals for segment {} and plan {}", row.segment, row.plan));
        }
        row_of[static_cast<std::size_t>(plan - content.totals.begin()) * segments.size() +
               static_cast<std::size_t>(segment - segments.begin())] = &row;
    }
    const auto write = [&](std::string_view name, double PortfolioRow::*field) {
        std::vector<double> values;
        for (const PortfolioRow* row : row_of) {
            values.push_back(row != nullptr ? row->*field : std::numeric_limits<double>::quiet_NaN());
        }
        file.write(name, {"plan", "segment"}, values, annotation(name));
    };
    std::vector<std::int64_t> customers(segments.size(), 0);
    customers[0] = static_cast<std::int64_t>(content.customers.size());
    for (const std::uint32_t segment : content.customers.segment) {
        ++customers[segment + 1];
    }
    std::vector<double> quantiles;
    for (const PortfolioRow* row : row_of) {
        for (std::size_t level = 0; level < content.plan.settings.quantiles.size(); ++level) {
            quantiles.push_back(row != nullptr ? row->quantiles.at(level) : std::numeric_limits<double>::quiet_NaN());
        }
    }
    file.write("portfolio_customers", {"segment"}, customers, annotation("portfolio_customers"));
    write("portfolio_mean", &PortfolioRow::mean);
    write("portfolio_se", &PortfolioRow::se);
    write("portfolio_sd", &PortfolioRow::sd);
    file.write("portfolio_quantile", {"plan", "segment", "level"}, quantiles, annotation("portfolio_quantile"));
    write("portfolio_cvar", &PortfolioRow::cvar);
    write("portfolio_prob_loss", &PortfolioRow::prob_loss);
    write("portfolio_var", &PortfolioRow::var);

    Rows totals;
    const std::size_t paths = content.result.totals.paths;
    for (const PlanTotals& plan : content.totals) {
        if (plan.values.size() != segments.size() * paths) {
            throw std::logic_error(fmt::format("{} totals of plan {}", plan.values.size(), plan.plan));
        }
        for (std::size_t segment = 0; segment < segments.size(); ++segment) {
            totals.push_back(std::span(plan.values).subspan(segment * paths, paths));
        }
    }
    file.write_rows("path_total", {"plan", "segment", "path"}, totals, annotation("path_total"));
}

void write_cashflow(Hdf5File& file, const ResultsContent& content, std::span<const std::string> segments) {
    const std::size_t levels = content.plan.settings.quantiles.size();
    const auto months = static_cast<std::size_t>(content.plan.settings.horizon_months);
    std::vector<std::uint64_t> month(months);
    std::iota(month.begin(), month.end(), std::uint64_t{1});
    std::vector<double> mean(segments.size() * months, std::numeric_limits<double>::quiet_NaN());
    std::vector<double> quantile(mean.size() * levels, std::numeric_limits<double>::quiet_NaN());
    for (const CashflowRow& row : content.cashflow) {
        const auto segment = std::ranges::find(segments, row.segment);
        if (segment == segments.end() || row.month < 1 || row.month > content.plan.settings.horizon_months ||
            row.quantiles.size() != levels) {
            throw std::logic_error(fmt::format("cash flow of segment {} in month {}", row.segment, row.month));
        }
        const std::size_t cell =
            static_cast<std::size_t>(segment - segments.begin()) * months + static_cast<std::size_t>(row.month - 1);
        mean[cell] = row.mean;
        std::ranges::copy(row.quantiles, quantile.begin() + static_cast<std::ptrdiff_t>(cell * levels));
    }
    file.write_scale("month", month, annotation("month"));
    file.write("cashflow_mean", {"segment", "month"}, mean, annotation("cashflow_mean"));
    file.write("cashflow_quantile", {"segment", "month", "level"}, quantile, annotation("cashflow_quantile"));
}

}  // namespace

std::vector<double> totals_in_currency(const PathTotals& totals, bool has_segments) {
    std::vector<std::int64_t> portfolio(totals.paths, 0);
    for (std::size_t i = 0; i < totals.values.size(); ++i) {
        portfolio[i % totals.paths] += totals.values[i];
    }
    std::vector<double> values;
    values.reserve(portfolio.size() + (has_segments ? totals.values.size() : 0));
    for (const std::int64_t value : portfolio) {
        values.push_back(static_cast<double>(value) * totals.unit);
    }
    if (has_segments) {
        for (const std::int64_t value : totals.values) {
            values.push_back(static_cast<double>(value) * totals.unit);
        }
    }
    return values;
}

void write_results_h5(const std::filesystem::path& path, const ResultsOrigin& origin, const ResultsContent& content) {
    std::vector<std::string> segments{std::string(portfolio_name)};
    segments.insert(segments.end(), content.customers.segments.begin(), content.customers.segments.end());

    Hdf5File file = Hdf5File::create(path);
    file.write_attribute("format", format_name);
    file.write_attribute("format_version", results_format_version);
    file.write_attribute("program_version", origin.program_version);
    file.write_attribute("seed", origin.seed);
    file.write_attribute("config_hash", origin.config_hash);
    file.write_attribute("input_hash", origin.input_hash);
    file.write_attribute("cvar_level", content.plan.settings.cvar_level);
    write_scales(file, content, segments);
    write_customers(file, content);
    if (!content.result.uplift.empty()) {
        write_uplift(file, content);
    }
    write_portfolio(file, content, segments);
    if (!content.cashflow.empty()) {
        write_cashflow(file, content, segments);
    }
    file.close();
}

Hdf5File open_results_h5(const std::filesystem::path& path) {
    Hdf5File file = Hdf5File::open(path);
    if (!file.has_attribute("format") || file.text_attribute("format") != format_name) {
        throw InputError(fmt::format("not a results file ({}: no format '{}'): name a results.h5 of clv", path.string(),
                                     format_name));
    }
    if (const std::uint64_t version = file.integer_attribute("format_version"); version != results_format_version) {
        throw InputError(
            fmt::format("results of an unknown version ({}: format_version {}, this program reads {}): "
                        "use the program that wrote them or run it again",
                        path.string(), version, results_format_version));
    }
    return file;
}

ResultsOrigin read_origin(const Hdf5File& results) {
    return {results.text_attribute("program_version"), results.integer_attribute("seed"),
            results.text_attribute("config_hash"), results.text_attribute("input_hash")};
}

}  // namespace clv
