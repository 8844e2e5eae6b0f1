#include "fit_contracts.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <utility>

#include "clv/core/errors.hpp"
#include "clv/data/readers/cohort_reader.hpp"
#include "clv/data/readers/csv_reader.hpp"
#include "clv/data/readers/customers_reader.hpp"
#include "clv/models/kaplan_meier.hpp"
#include "clv/models/observed_churn.hpp"
#include "clv/output/checked_file.hpp"
#include "clv/output/documents/contract_file.hpp"
#include "clv/output/documents/run_record.hpp"
#include "clv/output/output_set.hpp"
#include "clv/output/tables/survival_writer.hpp"
#include "clv/simulation/portfolio.hpp"
#include "clv/steps/prepare_population.hpp"
#include "clv/terminal/run_tables.hpp"
#include "pipeline/steps/command_run.hpp"

namespace clv::commands {

namespace {

/// Renewals by segment, from tenures and who has left.
RenewalsRead renewals_of_customers(const InputSettings& input, int period_months, Progress& progress,
                                   const RejectSink& reject) {
    CustomerRequirements requirements;
    requirements.monthly_revenue = false;
    requirements.tenure_months = requirements.churned = true;
    CustomersRead customers = read_customers(input, requirements, progress, reject);
    RenewalsRead read;
    read.cohorts.report = std::move(customers.report);
    read.customers = std::move(customers.table);
    const CustomerTable& table = read.customers;
    if (table.size() == 0) {
        return read;  // the report says why
    }
    read.cohorts.content_hash = table.content_hash;
    for (ObservedChurn& observed : observe_churn(table, period_months, true)) {
        read.cohorts.segments.push_back({std::move(observed.segment), std::move(observed.estimate.at_risk),
                                         std::move(observed.estimate.churned), observed.estimate.customers,
                                         std::move(observed.warnings)});
    }
    return read;
}

}  // namespace

RenewalsRead read_renewals(const InputSettings& input, const std::vector<std::string>& covariates, int period_months,
                           Progress& progress, const RejectSink& reject) {
    if (!input.transactions.empty() || input.summary.empty() == input.customers.empty()) {
        throw ConfigError(
            "a model of contracts is fitted on one input: name a cohort table in input.summary, or customers with "
            "tenure_months and churned in input.customers");
    }
    if (!input.customers.empty()) {
        return renewals_of_customers(input, period_months, progress, reject);
    }
    CsvReader reader = open_csv(input.summary, input.tables);
    return {read_cohorts(reader, input.columns, input.segment_by, reject, covariates), {}};
}

RenewalFits fit_renewals(const RenewalsRead& read, const FitSettings& settings, int period_months, int threads) {
    const ContractLaw law = *settings.contract;
    const CohortsRead& cohorts = read.cohorts;
    if (settings.covariates.empty()) {
        return {clv::fit_contracts(cohorts.segments, law, period_months), {}};
    }
    RenewalFits fitted;
    fitted.groups = cohorts.covariates.empty() ? group_renewals(read.customers, settings.covariates, period_months)
                                               : group_renewals(cohorts.segments, cohorts.covariates);
    RenewalCounts counts = pooled_renewals(cohorts.segments);
    ContractFit fit = fit_contract(fitted.groups, law, threads);
    fit.customers = counts.customers;
    fit.warnings.insert(fit.warnings.end(), counts.warnings.begin(), counts.warnings.end());
    fitted.fits = {law, period_months, {{std::move(counts), std::move(fit)}}};
    return fitted;
}

namespace {

/// One row per segment and parameter.
void print_fits(const ContractFits& fits, Terminal& terminal) {
    Table table({{"segment", Table::Align::left},
                 {"parameter", Table::Align::left},
                 {"estimate"},
                 {"standard error"},
                 {"log-likelihood"},
                 {"AIC"},
                 {"", Table::Align::left}});
    std::uint64_t customers = 0;
    for (const ContractSegment& segment : fits.segments) {
        const ContractFit& fit = segment.fit;
        customers += fit.customers;
        const auto names = law_parameters(fits.law);
        const auto add = [&](const std::string& name, double estimate, double error, bool first = false) {
            table.add_row({first ? shortened(segment.counts.segment, 32) : "", name, fmt::format("{:.6g}", estimate),
                           std::isfinite(error) ? fmt::format("{:.3g}", error) : std::string("not known"),
                           first ? fmt::format("{:.4f}", fit.log_likelihood) : "",
                           first ? fmt::format("{:.4f}", fit.aic) : "",
                           first ? std::string(to_string(fit.status)) : ""});
        };
        for (std::size_t i = 0; i < names.size(); ++i) {
            add(std::string(names[i]), fit.model.parameters[i], fit.standard_errors[i], i == 0);
        }
        const ContractEffects& effects = fit.effects;
        const std::vector<std::string> covariates = effect_names(effects.columns);
        for (std::size_t j = 0; j < covariates.size(); ++j) {
            add(shortened(covariates[j], 32) + ", alpha", effects.alpha[j], effects.alpha_se[j]);
            add(shortened(covariates[j], 32) + ", beta", effects.beta[j], effects.beta_se[j]);
        }
    }
    terminal.data(fmt::format("{} fitted on {} customers (model.json has all of it, survival.csv the curves)\n\n",
                              law_name(fits.law), with_thousands(static_cast<std::int64_t>(customers))));
    terminal.data(table);
    if (fits.has_covariates()) {
        const ContractFit& fit = fits.segments.front().fit;
        const double without = fit.effects.log_likelihood_without;
        const std::size_t effects = 2 * fit.effects.size();
        terminal.data(
            fmt::format("\nwithout covariates: log-likelihood {:.4f}, AIC {:.4f}. Likelihood ratio {:.4f} on {} "
                        "degrees of freedom\n",
                        without, 2.0 * static_cast<double>(parameter_count(fits.law)) - 2.0 * without,
                        2.0 * (fit.log_likelihood - without), effects));
    }
}

/// What was observed, and the fitted curve as far as the horizon; with covariates, the mean over customers.
void write_curves(const std::filesystem::path& path, const RenewalFits& fitted, int horizon_months) {
    const ContractFits& fits = fitted.fits;
    std::vector<KaplanMeier> observed;
    for (const ContractSegment& segment : fits.segments) {
        observed.push_back(kaplan_meier_of(segment.counts.at_risk, segment.counts.churned));
    }
    std::vector<SurvivalRows> rows;
    for (std::size_t i = 0; i < observed.size(); ++i) {
        const ContractSegment& segment = fits.segments[i];
        const bool is_all = observed.size() == 1 && segment.counts.segment == "all";
        SurvivalRows of_segment{
            is_all ? std::string(portfolio_name) : segment.counts.segment, &observed[i], fits.period_months, {}};
        const int periods = std::max(static_cast<int>(observed[i].months()), horizon_months / fits.period_months);
        if (fits.has_covariates()) {
            of_segment.fitted = mean_survival(segment.fit, fitted.groups, periods);
        }
        for (int period = 1; period <= periods && !fits.has_covariates(); ++period) {
            of_segment.fitted.push_back(segment.fit.model.survival(period));
        }
        rows.push_back(std::move(of_segment));
    }
    write_survival_csv(path, rows);
}

}  // namespace

int fit_contracts(const RunConfig& config, Terminal& terminal) {
    CommandRun run(config, "fit", {"fit"});
    OutputSet& outputs = run.outputs();
    if (config.fit.spend_model || config.observation.holdout) {
        throw ConfigError("fit.spend_model and fit.holdout are for purchases, not for contracts: leave them out");
    }
    Rejects rejects(config.input.fault_rule(), outputs);
    const int period_months = config.survival.period_months;
    const RenewalsRead read =
        read_renewals(config.input, config.fit.covariates, period_months, terminal, rejects.sink());
    const ValidationReport& report = read.cohorts.report;
    require_accepted(report, config.input.fault_rule(), config.input.max_rejected);
    rejects.finish(report, terminal);
    const RenewalFits fitted = fit_renewals(read, config.fit, period_months, config.execution.threads);
    const ContractFits& fits = fitted.fits;
    const std::string text = contracts_as_json(fits);
    write_text_file(outputs.path("model.json"), text);
    write_curves(outputs.path("survival.csv"), fitted, config.simulation.horizon_months);
    RunRecord record = run.record(nullptr);
    record.input = run_input(report, input_hash(config.input, config.survival, read.cohorts.content_hash));
    if (terminal.wants_json()) {
        terminal.data(text);
    } else {
        print_fits(fits, terminal);
    }
    for (const ContractSegment& segment : fits.segments) {
        for (const std::string& warning : segment.fit.warnings) {
            terminal.warning(fmt::format("{}: {}", segment.counts.segment, warning));
        }
    }
    if (fits.has_covariates() && read.cohorts.segments.size() > 1 && read.cohorts.covariates.empty()) {
        terminal.message(fmt::format(
            "{} segments are fitted together: fit.covariates says how they differ, and without it every segment has a "
            "fit of its own",
            read.cohorts.segments.size()));
    }
    outputs.commit(record);
    say_earlier_files(outputs, terminal);
    terminal.message(fmt::format("wrote {}", outputs.out_dir().string()));
    return static_cast<int>(ExitCode::done);
}

}  // namespace clv::commands
