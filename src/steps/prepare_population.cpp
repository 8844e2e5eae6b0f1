#include "clv/steps/prepare_population.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "clv/output/documents/model_file.hpp"
#include "clv/steps/fit_files.hpp"
#include "clv/steps/learn_files.hpp"
#include "clv/terminal/fit_messages.hpp"
#include "clv/terminal/learning_tables.hpp"
#include "clv/terminal/run_tables.hpp"

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

std::vector<std::string> questioned_rates(const SimulationSettings& settings, const std::vector<Scenario>& scenarios) {
    constexpr double likely_percent = 1.0;
    std::vector<std::string> warnings;
    const auto question = [&](const std::string& key, double rate) {
        if (rate > likely_percent) {
            warnings.push_back(fmt::format("{} = {} discounts by {:.5g}% a year: did you mean {:.5g}?", key, rate,
                                           100.0 * rate, rate / 100.0));
        }
    };
    question("simulation.discount_rate", settings.discount_rate.value);
    for (const Scenario& scenario : scenarios) {
        if (scenario.discount_rate) {
            question(fmt::format("scenarios, {}, discount_rate", scenario.name), scenario.discount_rate->value);
        }
    }
    return warnings;
}

void Rejects::finish(const ValidationReport& report, Terminal& terminal) {
    if (file_) {
        file_->close();
        terminal.warning(fmt::format("{} rows were rejected: rejects.csv has them and their faults",
                                     with_thousands(static_cast<std::int64_t>(report.rows_rejected))));
    }
    for (const std::string& warning : report.warnings) {
        terminal.warning(warning);
    }
    if (file_ && !report.hint.empty()) {
        terminal.message("note: " + report.hint);
    }
    for (const std::string& note : report.notes) {
        terminal.message("note: " + note);
    }
}

Population prepare_population(const PopulationSettings& settings, OutputSet& outputs, Terminal& terminal,
                              FitFiles of_fit, const MadeBefore& before) {
    Rejects rejects(settings.input.fault_rule(), outputs);
    PopulationSinks sinks{rejects.sink(), {}, {}};
    sinks.learned_here = [&](const CustomersRead& read, const ChurnLearning& learning) {
        show_learning(learning, terminal);
        if (of_fit == FitFiles::written) {
            write_learn_files(read.table, learning, settings.learn.contributions, outputs);
        }
    };
    if (of_fit == FitFiles::written) {
        sinks.fitted_here = [&](const PurchasesRead& read, const FittedModel& model) {
            write_fit_files(settings, read, model, outputs, terminal);
        };
    }
    Population population = make_population(settings, terminal, sinks, before);
    for (std::string& warning : questioned_rates(settings.plan.settings, {})) {
        population.report.warnings.push_back(std::move(warning));
    }
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
    record.warnings->insert(record.warnings->end(), population.report.warnings.begin(),
                            population.report.warnings.end());
    if (population.purchases) {
        record.model = nlohmann::json::parse(model_as_json(population.purchases->model));
    }
    if (nlohmann::json models = survival_record(population.survival); !models.empty()) {
        record.survival = std::move(models);
    }
}

}  // namespace clv
