#include "output_folder.hpp"

#include <initializer_list>
#include <utility>

#include "clv/config/named_files.hpp"
#include "clv/config/values.hpp"
#include "clv/core/errors.hpp"
#include "clv/data/tables/memory_table.hpp"
#include "world_settings.hpp"

namespace clv {

namespace {

/// The names so far.
class Names {
  public:
    void add(std::initializer_list<const char*> names) { names_.insert(names_.end(), names.begin(), names.end()); }
    void add_if(bool written, std::initializer_list<const char*> names) {
        if (written) {
            add(names);
        }
    }
    [[nodiscard]] std::vector<std::string> take() { return std::move(names_); }

  private:
    std::vector<std::string> names_;
};

/// Models of purchases that are fitted, whether by `clv fit` or on the way.
void add_fit(const RunConfig& config, bool transactions, Names& names) {
    names.add({"model.json", "summary.csv"});
    names.add_if(transactions && config.fit.features, {"features.csv", "cohorts.csv"});
    names.add_if(config.observation.holdout.has_value(), {"holdout.csv", "holdout.json"});
}

void add_plan(Names& names) {
    names.add({"plan.csv", "frontier.csv", "certificate.json"});
}

void add_reports(Names& names) {
    names.add({"report.html", "report.xlsx"});
}

/// `clv simulate`, and `clv run` with what it has beyond.
void add_values(const RunConfig& config, bool is_run, Names& names) {
    const bool generates = is_run && generates_world(config);
    const bool generates_retail = generates && config.generate.kind == "retail";
    const bool purchases = config.input.has_purchases() || generates_retail;
    names.add_if(generates, {generates_retail ? "transactions.csv" : "customers.csv", "truth.csv"});
    names.add({"results.h5", "clv.csv", "portfolio.csv"});
    names.add_if(config.simulation.cashflow, {"cashflow.csv"});
    names.add_if(config.simulation.attribution, {"sources.csv"});
    names.add_if(!config.actions.empty(), {"uplift.csv", "totals.h5"});
    if (purchases) {
        names.add({"predictions.csv"});
        if (config.input.model.empty()) {
            add_fit(config, generates_retail || !config.input.transactions.empty(), names);
        }
    } else {
        const SurvivalSource source = config.survival.source.value_or(SurvivalSource::churn_probability);
        names.add_if(source == SurvivalSource::kaplan_meier || source == SurvivalSource::sbg, {"survival.csv"});
    }
    if (is_run) {
        if (!config.actions.empty()) {
            add_plan(names);
        }
        add_reports(names);
    }
}

void add_optimize(const RunConfig& config, Names& names) {
    add_plan(names);
    if (config.optimizer.uplift.empty()) {
        names.add({"portfolio.csv", "results.h5", "uplift.csv"});
    } else {
        names.add_if(is_in_memory(config.optimizer.uplift), {"uplift.csv"});
    }
}

}  // namespace

const std::string& output_folder(const RunConfig& config) {
    if (config.output.dir.empty()) {
        throw ConfigError("no output folder is named: give --out DIR or output.dir in the configuration");
    }
    return config.output.dir;
}

std::vector<std::string> written_files(const RunConfig& config, std::string_view command) {
    Names names;
    if (command == "generate") {
        names.add({config.generate.kind == "retail" ? "transactions.csv" : "customers.csv", "truth.csv"});
    } else if (command == "validate") {
        names.add({"validation.json"});
    } else if (command == "fit" && config.fit.contract) {
        names.add({"model.json", "survival.csv"});
    } else if (command == "fit") {
        add_fit(config, !config.input.transactions.empty(), names);
    } else if (command == "simulate" || command == "run") {
        add_values(config, command == "run", names);
    } else if (command == "sweep") {
        names.add({"sweep.csv", "results.h5"});
        names.add_if(!config.actions.empty(), {"sweep_plan.csv", "sweep_frontier.csv"});
    } else if (command == "optimize") {
        add_optimize(config, names);
    } else if (command == "report") {
        add_reports(names);
    }
    names.add_if(command == "validate" || config.input.fault_rule() == OnFault::reject_rows, {"rejects.csv"});
    return names.take();
}

OutputSet open_output(const RunConfig& config, std::string_view command) {
    const std::string& folder = output_folder(config);
    std::vector<NamedFile> inputs = named_files(config);
    refuse_overwriting(folder, written_files(config, command), inputs);
    return OutputSet(folder, std::move(inputs));
}

RunRecord run_record(const RunConfig& config, std::string command, const Capabilities* backend,
                     std::chrono::system_clock::time_point started) {
    return new_run_record(std::move(command), config_as_json(config), config_hash(config), backend, started);
}

void add_input(RunRecord& record, const RunConfig& config, const ValidationReport& report, const ContentHash& content) {
    record.input = run_input(report, input_hash(config.input, config.survival, content));
}

}  // namespace clv
