#include "read_population.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <optional>

#include "clv/output/results_writer.hpp"
#include "load_purchases.hpp"

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

Population read_population(const RunConfig& config, OutputSet& outputs, Terminal& terminal) {
    std::optional<RejectsWriter> rejects;
    const auto reject = [&](const RejectedRow& row) {
        if (!rejects) {
            rejects.emplace(outputs.path("rejects.csv"));
        }
        rejects->write(row);
    };
    const bool keeps_rejects = config.input.fault_rule() == OnFault::reject_rows;
    Population population = load_population(config, terminal, keeps_rejects ? RejectSink(reject) : RejectSink());
    if (rejects) {
        rejects->close();
        terminal.warning(fmt::format("{} rows were rejected: rejects.csv has them and their faults",
                                     with_thousands(static_cast<std::int64_t>(population.report.rows_rejected))));
    }
    for (const std::string& note : population.report.notes) {
        terminal.message("note: " + note);
    }
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

void add_population(nlohmann::json& record, const Population& population) {
    record["tail_share"] = population.tail_share;
    record["warnings"] = population.survival.warnings;
    if (population.purchases) {
        record["model"] = nlohmann::json::parse(model_as_json(population.purchases->model));
    }
    if (nlohmann::json models = survival_record(population.survival); !models.empty()) {
        record["survival"] = std::move(models);
    }
}

}  // namespace clv
