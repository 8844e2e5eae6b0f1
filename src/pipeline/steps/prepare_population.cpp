#include "prepare_population.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "clv/output/documents/model_file.hpp"
#include "clv/terminal/fit_messages.hpp"
#include "clv/terminal/run_tables.hpp"
#include "fit_files.hpp"
#include "make_population.hpp"

namespace clv {

namespace {

/// Parameters of fitted survival models, for run.json.
nlohmann::json survival_record(const SurvivalFit& survival) {
    nlohmann::json models = nlohmann::json::array();
    for (const SurvivalTable& table : survival.tables) {
        if (table.sbg) {
            models.push_back({{"segment", table.segment},
                              {"model", "sbg"},
                              {"parameters", {{"alpha", table.sbg->model.alpha}, {"beta", table.sbg->model.beta}}},
                              {"standard_errors", {{"alpha", table.sbg->alpha_se}, {"beta", table.sbg->beta_se}}},
                              {"log_likelihood", table.sbg->log_likelihood},
                              {"status", to_string(table.sbg->status)}});
        }
    }
    return models;
}

}  // namespace

RejectSink Rejects::sink() {
    if (rule_ != OnFault::reject_rows) {
        return {};
    }
    return [this](const RejectedRow& row) {
        if (!file_) {
            file_.emplace(outputs_.path("rejects.csv"));
        }
        file_->write(row);
    };
}

void Rejects::finish(const ValidationReport& report, Terminal& terminal) {
    if (file_) {
        file_->close();
        terminal.warning(fmt::format("{} rows were rejected: rejects.csv has them and their faults",
                                     with_thousands(static_cast<std::int64_t>(report.rows_rejected))));
    }
    for (const std::string& note : report.notes) {
        terminal.message("note: " + note);
    }
}

Population prepare_population(const PopulationSettings& settings, OutputSet& outputs, Terminal& terminal,
                              FitFiles of_fit, const FittedModel* fitted_before) {
    Rejects rejects(settings.input.fault_rule(), outputs);
    FitSink fitted_here;
    if (of_fit == FitFiles::written) {
        fitted_here = [&](const PurchasesRead& read, const FittedModel& model) {
            write_fit_files(settings, read, model, outputs, terminal);
        };
    }
    Population population = make_population(settings, terminal, rejects.sink(), fitted_here, fitted_before);
    rejects.finish(population.report, terminal);
    for (const SurvivalTable& table : population.survival.tables) {
        if (table.sbg && table.sbg->status == FitStatus::converged) {
            terminal.message(
                fmt::format("sBG of {}: alpha {:.6g} (se {:.3g}), beta {:.6g} (se {:.3g}), log-likelihood {:.3f}, {}",
                            table.segment, table.sbg->model.alpha, table.sbg->alpha_se, table.sbg->model.beta,
                            table.sbg->beta_se, table.sbg->log_likelihood, to_string(table.sbg->status)));
        }
    }
    for (const std::string& warning : population.survival.warnings) {
        terminal.warning(warning);
    }
    if (population.purchases) {
        show_fit(population.purchases->model, terminal);
    }
    for (const std::string& note : population.notes) {
        terminal.message("note: " + note);
    }
    return population;
}

void add_population(RunRecord& record, const Population& population, std::span<const PortfolioRow> rows) {
    record.churned = churned_record(population, rows);
    record.tail_share = population.tail_share;
    record.warnings = population.survival.warnings;
    if (population.purchases) {
        record.model = nlohmann::json::parse(model_as_json(population.purchases->model));
    }
    if (nlohmann::json models = survival_record(population.survival); !models.empty()) {
        record.survival = std::move(models);
    }
}

}  // namespace clv
