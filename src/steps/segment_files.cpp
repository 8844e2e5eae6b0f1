#include "clv/steps/segment_files.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <unordered_map>
#include <utility>
#include <variant>

#include "clv/core/errors.hpp"
#include "clv/output/documents/value_learner_file.hpp"
#include "clv/planning/tail_contributions.hpp"
#include "clv/population/customers_to_group.hpp"
#include "clv/steps/learn_values.hpp"
#include "clv/steps/make_population.hpp"

namespace clv {

namespace {

constexpr std::string_view columns_key = "segment.columns";

CustomersRead read_any_customers(const PopulationSettings& settings, const RejectSink& reject, Terminal& terminal) {
    CustomerRequirements requirements;
    requirements.monthly_revenue = false;
    CustomersRead read = read_customers(settings.input, requirements, terminal, reject);
    require_accepted(read.report, settings.input.fault_rule(), settings.input.max_rejected);
    return read;
}

PurchasesRead read_with_features(const PopulationSettings& settings, const RejectSink& reject, Terminal& terminal) {
    return read_sound_purchases(settings, terminal, reject, FeaturesFor::files);
}

/// Value and churn of a simulation.
struct Simulated {
    std::vector<double> mean;
    std::vector<double> cvar;
    std::vector<double> churn;
};

std::vector<double> whole_column(const Hdf5File& results, std::string_view dataset, std::size_t customers) {
    std::vector<double> values(customers);
    results.read_part(dataset, 0, 0, values);
    return values;
}

/// Rows of the input by the hash of their ids.
std::unordered_map<std::uint64_t, std::size_t> rows_of(std::span<const std::uint64_t> id_hash) {
    std::unordered_map<std::uint64_t, std::size_t> rows;
    for (std::size_t row = 0; row < id_hash.size(); ++row) {
        rows.emplace(id_hash[row], row);
    }
    return rows;
}

constexpr std::array<std::string_view, 6> names_of_run{
    "clv_mean", "clv_sd", "clv_cvar", "prob_loss", "expected_lifetime_months", "churn_probability"};

bool is_of_run(std::string_view name) {
    return std::ranges::find(names_of_run, name) != names_of_run.end();
}

std::vector<std::string> columns_of(const SegmentSettings& segment) {
    return segment.columns.empty() ? std::vector<std::string>{"clv_mean", "churn_probability"} : segment.columns;
}

/// What customers of a run are grouped by, [customer of the population].
NumberColumns run_numbers(const SegmentSettings& segment, const NumberColumns& of_input, const Simulated& simulated,
                          const Hdf5File& results) {
    NumberColumns numbers;
    for (const std::string& name : columns_of(segment)) {
        if (const std::vector<double>* column = of_input.find(name)) {
            numbers.add(name, *column);
        } else {
            numbers.add(name, name == "churn_probability" ? simulated.churn
                                                          : whole_column(results, name, simulated.mean.size()));
        }
    }
    return numbers;
}

std::vector<std::size_t> rows_not_apart(const CustomerTable& customers) {
    std::vector<std::size_t> rows;
    for (std::size_t i = 0; i < customers.size(); ++i) {
        if (!customers.is_apart(i)) {
            rows.push_back(i);
        }
    }
    return rows;
}

/// Segments are of today's customers.
void leave_out_churned(const CustomerTable& customers, SegmentsTable& table, Terminal& terminal) {
    if (std::ranges::count(customers.churned, 1) == 0) {
        return;
    }
    CustomersToGroup all = std::exchange(table.customers, {});
    table.customer_id = IdColumn();
    table.customers.columns = all.columns;
    const std::size_t columns = all.columns.size();
    for (std::size_t i = 0; i < customers.size(); ++i) {
        if (customers.churned[i] != 0) {
            continue;
        }
        table.customer_id.push_back(customers.customer_id[i]);
        table.customers.value.push_back(all.value[i]);
        if (!all.churn.empty()) {
            table.customers.churn.push_back(all.churn[i]);
        }
        const auto row = all.values.begin() + static_cast<std::ptrdiff_t>(i * columns);
        table.customers.values.insert(table.customers.values.end(), row, row + static_cast<std::ptrdiff_t>(columns));
    }
    terminal.message(fmt::format("note: {} customers who have left are in no segment (customers.churned)",
                                 customers.size() - table.customer_id.size()));
}

}  // namespace

SegmentsOfInput segments_of_input(const PopulationSettings& settings, const SegmentSettings& segment,
                                  const RejectSink& reject, Terminal& terminal) {
    SegmentsOfInput found;
    if (settings.input.has_purchases()) {
        PurchasesRead read = read_with_features(settings, reject, terminal);
        std::optional<ValueLearner> learner;
        if (!settings.input.learner.empty()) {
            learner = read_value_learner(settings.input.learner);
        }
        found.table.customer_id = read.history.summary.customer_id;
        found.table.customers = customers_to_group(read, segment, learner ? &*learner : nullptr, settings.threads);
        found.table.rfm = rfm_of(read);
        found.report = std::move(read.report);
        found.content_hash = read.history.summary.content_hash;
    } else {
        CustomersRead read = read_any_customers(settings, reject, terminal);
        found.table.customer_id = read.table.customer_id;
        found.table.customers = customers_to_group(read.table, segment);
        if (settings.customers.churned != ChurnedCustomers::include) {
            leave_out_churned(read.table, found.table, terminal);
        }
        found.report = std::move(read.report);
        found.content_hash = read.table.content_hash;
    }
    found.table.segments = segment_customers(found.table.customers, segment, settings.threads);
    return found;
}

NumberColumns segment_columns_of_input(const PopulationSettings& settings, const SegmentSettings& segment,
                                       const Population& population, Terminal& terminal) {
    std::vector<std::string> names;
    std::ranges::copy_if(columns_of(segment), std::back_inserter(names),
                         [](const std::string& name) { return !is_of_run(name); });
    if (names.empty()) {
        return {};
    }
    const RejectSink elsewhere = written_elsewhere(settings.input);
    NumberColumns all;
    std::vector<std::uint64_t> id_hash;
    if (settings.input.has_purchases()) {
        const PurchasesRead read = read_with_features(settings, elsewhere, terminal);
        all = numbers_of(read).chosen(names);
        id_hash = read.history.summary.id_hash;
    } else {
        const CustomersRead read = read_any_customers(settings, elsewhere, terminal);
        all = numbers_of(read.table, names);
        id_hash = read.table.id_hash;
    }
    const auto row_of = rows_of(id_hash);
    const std::vector<std::uint64_t>& of_run = std::visit(
        [](const auto& columns) -> const std::vector<std::uint64_t>& { return columns.id_hash; }, population.columns);
    std::vector<std::size_t> rows;
    for (const std::uint64_t hash : of_run) {
        rows.push_back(row_of.at(hash));
    }
    return all.of_rows(rows);
}

SegmentsTable segments_of_run(const PopulationSettings& settings, const SegmentSettings& segment,
                              const Population& population, const NumberColumns& of_input, const SimulationRun& run,
                              const Hdf5File& results, Terminal& terminal) {
    const std::size_t customers = population.customers.size();
    const Simulated simulated{whole_column(results, "clv_mean", customers),
                              whole_column(results, "clv_cvar", customers), churn_of(population)};
    const NumberColumns numbers = run_numbers(segment, of_input, simulated, results);
    const auto cpu = make_cpu_backend(settings.threads);
    const std::vector<double> contribution =
        cvar_contributions(population, run.totals.empty() ? nullptr : &run.totals.front().totals, *cpu, terminal);
    const std::vector<std::size_t> rows = rows_not_apart(population.customers);
    SegmentsTable table;
    for (const std::size_t row : rows) {
        table.customer_id.push_back(population.customers.customer_id[row]);
    }
    table.customers.value = taken(simulated.mean, rows);
    table.customers.churn = taken(simulated.churn, rows);
    set_columns(table.customers, numbers.of_rows(rows));
    table.risk = CustomerRisk{taken(simulated.cvar, rows), taken(contribution, rows), {}};
    table.risk->share = shortfall_shares(table.customers.value, table.risk->cvar_contribution);
    if (settings.input.has_purchases()) {
        table.rfm = rfm_of(read_with_features(settings, written_elsewhere(settings.input), terminal));
    }
    table.segments = segment_customers(table.customers, segment, settings.threads);
    return table;
}

void write_segment_files(const SegmentsTable& table, OutputSet& outputs) {
    write_segments_csv(outputs.path("segments.csv"), table);
    write_segment_rankings_csv(outputs.path("segment_rankings.csv"), "segment_rankings.csv", table.segments,
                               table.risk ? &*table.risk : nullptr);
}

}  // namespace clv
