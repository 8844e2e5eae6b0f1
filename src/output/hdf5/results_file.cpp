#include "clv/output/hdf5/results_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <limits>
#include <numeric>
#include <stdexcept>
#include <string_view>
#include <system_error>
#include <unordered_map>

#include "clv/core/errors.hpp"
#include "clv/core/progress.hpp"
#include "clv/output/files.hpp"
#include "clv/output/output_set.hpp"
#include "file_shapes.hpp"
#include "results_figures.hpp"

namespace clv {

namespace {

Annotation annotation(std::string_view dataset) {
    static const FileSpec& file = file_spec("results.h5");
    const ColumnSpec& spec = column_spec(file, dataset);
    return {spec.unit, spec.meaning};
}

}  // namespace

Hdf5File create_results_h5(const std::filesystem::path& path, const ResultsOrigin& origin, double cvar_level) {
    Hdf5File file = Hdf5File::create(path);
    file.write_attribute("format", results_format);
    file.write_attribute("format_version", results_format_version);
    file.write_attribute("program_version", origin.program_version);
    file.write_attribute("seed", origin.seed);
    file.write_attribute("config_hash", origin.config_hash);
    file.write_attribute("input_hash", origin.input_hash);
    file.write_attribute("cvar_level", cvar_level);
    return file;
}

ResultsFile::ResultsFile(const std::filesystem::path& path, const ResultsOrigin& origin, const CustomerTable& customers,
                         const SimulationPlan& plan, std::span<const std::string> plans)
    : file_(create_results_h5(path, origin, plan.settings.cvar_level)),
      customers_(customers),
      plan_(plan),
      segments_(row_names(customers)),
      plans_(plans.begin(), plans.end()) {
    std::vector<std::string> actions{"none"};
    for (const Action& action : plan.actions) {
        actions.push_back(action.name);
    }
    std::vector<std::uint64_t> path_index(static_cast<std::size_t>(plan.settings.paths));
    std::iota(path_index.begin(), path_index.end(), plan.first_path);
    file_.write_scale("action", actions, annotation("action"));
    file_.write_scale("customer_id", customers.customer_id, annotation("customer_id"));
    file_.write_scale("level", plan.settings.quantiles, annotation("level"));
    file_.write_scale("segment", segments_, annotation("segment"));
    file_.write_scale("plan", plans_, annotation("plan"));
    file_.write_scale("path", path_index, annotation("path"));
    create_customers();
}

void ResultsFile::create_customers() {
    std::vector<std::uint32_t> segment(customers_.size(), 0);
    for (std::size_t customer = 0; customer < customers_.segment.size(); ++customer) {
        segment[customer] = customers_.segment[customer] + 1;
    }
    file_.write("customer_segment", {"customer_id"}, segment, annotation("customer_segment"));
    if (customers_.churned_apart) {
        file_.write(churned_flags, {"customer_id"}, customers_.churned, annotation(churned_flags));
    }
    for (const Figure& figure : moments) {
        file_.create_doubles(figure.dataset, {"action", "customer_id"}, annotation(figure.dataset));
    }
    for (const FigureOfLevels& figure : quantiles) {
        file_.create_doubles(figure.dataset, {"action", "level", "customer_id"}, annotation(figure.dataset));
    }
    for (const Figure& figure : risks) {
        file_.create_doubles(figure.dataset, {"action", "customer_id"}, annotation(figure.dataset));
    }
    file_.create_doubles("expected_lifetime_months", {"customer_id"}, annotation("expected_lifetime_months"));
    file_.create_counts("paths_used", {"customer_id"}, annotation("paths_used"));
    if (!plan_.actions.empty()) {
        for (const UpliftFigure& figure : uplift_figures) {
            file_.create_doubles(figure.dataset, {"action", "customer_id"}, annotation(figure.dataset));
        }
    }
    if (!plan_.actions.empty() && plan_.settings.uplift_distribution) {
        file_.create_doubles(profit_quantiles, {"action", "level", "customer_id"}, annotation(profit_quantiles));
        for (const UpliftFigure& figure : profit_figures) {
            file_.create_doubles(figure.dataset, {"action", "customer_id"}, annotation(figure.dataset));
        }
    }
}

void ResultsFile::take(std::size_t first, const CustomerFigures& batch) {
    const std::size_t count = batch.expected_lifetime_months.size();
    const std::size_t levels = plan_.settings.quantiles.size();
    if (first != customers_written_ || batch.actions.size() != plan_.actions.size() + 1 ||
        batch.uplift.size() != plan_.actions.size()) {
        throw std::logic_error(
            fmt::format("figures of customers from {} on, under {} actions, where {} customers are "
                        "written, under {}",
                        first, batch.actions.size(), customers_written_, plan_.actions.size() + 1));
    }
    throw_if_interrupted();
    const bool has_months = !batch.uplift.empty() && !batch.uplift.front().added_months.empty();
    if (first == 0 && has_months) {
        file_.create_doubles(added_months.dataset, {"action", "customer_id"}, annotation(added_months.dataset));
    }
    const auto write = [&](std::string_view dataset, std::size_t row, const auto& values) {
        if (values.size() != count) {
            throw std::logic_error(fmt::format("{} of {} customers in a batch of {}", dataset, values.size(), count));
        }
        file_.write_part(dataset, row, first, std::span(values));
    };
    for (std::size_t action = 0; action < batch.actions.size(); ++action) {
        const ClvFigures& clv = batch.actions[action];
        for (const Figure& figure : moments) {
            write(figure.dataset, action, clv.*figure.field);
        }
        for (const FigureOfLevels& figure : quantiles) {
            for (std::size_t level = 0; level < levels; ++level) {
                write(figure.dataset, action * levels + level, (clv.*figure.field).at(level));
            }
        }
        for (const Figure& figure : risks) {
            write(figure.dataset, action, clv.*figure.field);
        }
    }
    write("expected_lifetime_months", 0, batch.expected_lifetime_months);
    write("paths_used", 0, batch.paths_used);
    const std::vector<double> none(count, 0.0);
    const auto write_uplift = [&](const UpliftFigure& figure) {
        if (!batch.uplift.empty()) {
            write(figure.dataset, 0, none);
        }
        for (std::size_t action = 0; action < batch.uplift.size(); ++action) {
            write(figure.dataset, action + 1, batch.uplift[action].*figure.field);
        }
    };
    std::ranges::for_each(uplift_figures, write_uplift);
    if (has_months) {
        write_uplift(added_months);
    }
    if (!batch.uplift.empty() && plan_.settings.uplift_distribution) {
        const std::vector<double> no_payback(count, std::numeric_limits<double>::quiet_NaN());
        for (std::size_t level = 0; level < levels; ++level) {
            write(profit_quantiles, level, none);
        }
        write("profit_cvar", 0, none);
        write("prob_gain", 0, none);
        write("payback_months", 0, no_payback);
        for (std::size_t action = 0; action < batch.uplift.size(); ++action) {
            const UpliftFigures& uplift = batch.uplift[action];
            for (std::size_t level = 0; level < levels; ++level) {
                write(profit_quantiles, (action + 1) * levels + level, uplift.profit_quantiles.at(level));
            }
            for (const UpliftFigure& figure : profit_figures) {
                write(figure.dataset, action + 1, uplift.*figure.field);
            }
        }
    }
    customers_written_ += count;
}

namespace {

/// Where every name stands: a search for each row would take as many steps as there are names.
std::unordered_map<std::string_view, std::size_t> places_of(const std::vector<std::string>& names) {
    std::unordered_map<std::string_view, std::size_t> places;
    for (const std::string& name : names) {
        places.emplace(name, places.size());
    }
    return places;
}

}  // namespace

/// Rows by plan and segment, NaN where there is no such row.
void ResultsFile::write_portfolio(std::span<const PortfolioRow> rows, std::span<const PlanTotals> totals) {
    std::vector<const PortfolioRow*> row_of(plans_.size() * segments_.size(), nullptr);
    const auto places = places_of(segments_);
    for (const PortfolioRow& row : rows) {
        const auto plan = std::ranges::find(plans_, row.plan);
        const auto segment = places.find(row.segment);
        if (plan == plans_.end() || segment == places.end()) {
            throw std::logic_error(fmt::format("no totals for segment {} and plan {}", row.segment, row.plan));
        }
        row_of[static_cast<std::size_t>(plan - plans_.begin()) * segments_.size() + segment->second] = &row;
    }
    const auto write = [&](std::string_view name, double PortfolioRow::*field) {
        std::vector<double> values;
        for (const PortfolioRow* row : row_of) {
            values.push_back(row != nullptr ? row->*field : std::numeric_limits<double>::quiet_NaN());
        }
        file_.write(name, {"plan", "segment"}, values, annotation(name));
    };
    const auto write_levels = [&](std::string_view name, std::vector<double> PortfolioRow::*field) {
        std::vector<double> values;
        for (const PortfolioRow* row : row_of) {
            for (std::size_t level = 0; level < plan_.settings.quantiles.size(); ++level) {
                const bool known = row != nullptr && !(row->*field).empty();
                values.push_back(known ? (row->*field).at(level) : std::numeric_limits<double>::quiet_NaN());
            }
        }
        file_.write(name, {"plan", "segment", "level"}, values, annotation(name));
    };
    write_customers_of_segments();
    write("portfolio_mean", &PortfolioRow::mean);
    write("portfolio_se", &PortfolioRow::se);
    write("portfolio_sd", &PortfolioRow::sd);
    write_levels("portfolio_quantile", &PortfolioRow::quantiles);
    write_levels("portfolio_quantile_se", &PortfolioRow::quantile_se);
    write("portfolio_cvar", &PortfolioRow::cvar);
    write("portfolio_cvar_se", &PortfolioRow::cvar_se);
    write("portfolio_prob_loss", &PortfolioRow::prob_loss);
    write("portfolio_var", &PortfolioRow::var);
    write("portfolio_months", &PortfolioRow::months);

    const auto paths = static_cast<std::size_t>(plan_.settings.paths);
    file_.create_doubles("path_total", {"plan", "segment", "path"}, annotation("path_total"));
    for (std::size_t plan = 0; plan < plans_.size(); ++plan) {
        if (totals.size() != plans_.size() || totals[plan].plan != plans_[plan]) {
            throw std::logic_error(fmt::format("no totals of plan {}", plans_[plan]));
        }
        const std::vector<double> values = totals_in_currency(totals[plan].totals, !customers_.segments.empty());
        if (values.size() != segments_.size() * paths) {
            throw std::logic_error(fmt::format("{} totals of plan {}", values.size(), plans_[plan]));
        }
        for (std::size_t segment = 0; segment < segments_.size(); ++segment) {
            throw_if_interrupted();
            file_.write_part("path_total", plan * segments_.size() + segment, 0,
                             std::span(values).subspan(segment * paths, paths));
        }
    }
}

void ResultsFile::write_customers_of_segments() {
    const std::vector<std::uint64_t> sizes = row_sizes(customers_);
    const std::vector<std::int64_t> customers(sizes.begin(), sizes.end());
    file_.write("portfolio_customers", {"segment"}, customers, annotation("portfolio_customers"));
}

void ResultsFile::write_cashflow(std::span<const CashflowRow> rows) {
    const std::size_t levels = plan_.settings.quantiles.size();
    const auto months = static_cast<std::size_t>(plan_.settings.horizon_months);
    std::vector<std::uint64_t> month(months);
    std::iota(month.begin(), month.end(), std::uint64_t{1});
    std::vector<double> mean(segments_.size() * months, std::numeric_limits<double>::quiet_NaN());
    std::vector<double> quantile(mean.size() * levels, std::numeric_limits<double>::quiet_NaN());
    const auto places = places_of(segments_);
    for (const CashflowRow& row : rows) {
        const auto segment = places.find(row.segment);
        if (segment == places.end() || row.month < 1 || row.month > plan_.settings.horizon_months ||
            row.quantiles.size() != levels) {
            throw std::logic_error(fmt::format("cash flow of segment {} in month {}", row.segment, row.month));
        }
        const std::size_t cell = segment->second * months + static_cast<std::size_t>(row.month - 1);
        mean[cell] = row.mean;
        std::ranges::copy(row.quantiles, quantile.begin() + static_cast<std::ptrdiff_t>(cell * levels));
    }
    file_.write_scale("month", month, annotation("month"));
    file_.write("cashflow_mean", {"segment", "month"}, mean, annotation("cashflow_mean"));
    file_.write("cashflow_quantile", {"segment", "month", "level"}, quantile, annotation("cashflow_quantile"));
}

void ResultsFile::write_refined(const UpliftTable& table) {
    if (table.paths.empty()) {
        return;
    }
    for (const RefinedFigure& figure : refined_figures) {
        file_.write(figure.dataset, {"action", "customer_id"}, table.*figure.field, annotation(figure.dataset));
    }
    file_.write(refined_paths, {"customer_id"}, table.paths, annotation(refined_paths));
}

void ResultsFile::close() {
    if (customers_written_ != customers_.size()) {
        throw std::logic_error(
            fmt::format("figures of {} customers where there are {}", customers_written_, customers_.size()));
    }
    file_.close();
}

namespace {

/// Refuses what is no results file of this version, and one in which sizes do not agree.
Hdf5File open_checked(const std::filesystem::path& path, Hdf5File::Source source) {
    Hdf5File file = Hdf5File::open(path, source);
    if (!file.has_attribute("format") || file.text_attribute("format") != results_format) {
        throw InputError(fmt::format("not a results file ({}: no format '{}'): name a results.h5 of clv", path.string(),
                                     results_format));
    }
    if (const std::uint64_t version = file.integer_attribute("format_version"); version != results_format_version) {
        throw InputError(
            fmt::format("results of an unknown version ({}: format_version {}, this program reads {}): "
                        "use the program that wrote them or run it again",
                        path.string(), version, results_format_version));
    }
    require_shapes(file, file_spec("results.h5"));
    return file;
}

}  // namespace

Hdf5File open_results_h5(const std::filesystem::path& path) {
    return open_checked(path, Hdf5File::Source::input);
}

Hdf5File reopen_results_h5(const std::filesystem::path& path) {
    if (std::error_code error; !std::filesystem::exists(path, error)) {
        throw OutputError(
            fmt::format("a result was removed while the run wrote it ({}): run the command again", path.string()));
    }
    return open_checked(path, Hdf5File::Source::this_run);
}

Hdf5File open_published_results_h5(const std::filesystem::path& path) {
    require_published(path);
    return open_results_h5(path);
}

ResultsOrigin read_origin(const Hdf5File& results) {
    return {results.text_attribute("program_version"), results.integer_attribute("seed"),
            results.text_attribute("config_hash"), results.text_attribute("input_hash")};
}

}  // namespace clv
