// `clv fit`: purchase and spend models from histories.

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <nlohmann/json.hpp>
#include <numeric>
#include <vector>

#include "clv/core/errors.hpp"
#include "clv/monitoring/holdout.hpp"
#include "clv/output/documents/model_file.hpp"
#include "clv/output/documents/run_record.hpp"
#include "clv/output/output_set.hpp"
#include "clv/pipeline/commands.hpp"
#include "clv/steps/fit_files.hpp"
#include "clv/steps/make_population.hpp"
#include "clv/steps/prepare_population.hpp"
#include "clv/terminal/fit_messages.hpp"
#include "clv/terminal/run_tables.hpp"
#include "fit_contracts.hpp"
#include "pipeline/steps/command_run.hpp"
#include "pipeline/steps/settings.hpp"

namespace clv::commands {

namespace {

/// One row per parameter.
void print_fit(const FittedModel& model, Terminal& terminal) {
    Table table({{"model", Table::Align::left}, {"parameter", Table::Align::left}, {"estimate"}, {"standard error"}});
    const auto add = [&](std::string_view name, std::string_view parameter, double value, double error) {
        table.add_row({std::string(name), std::string(parameter), fmt::format("{:.6g}", value),
                       std::isfinite(error) ? fmt::format("{:.3g}", error) : std::string("not known")});
    };
    const PurchaseFit& purchase = model.purchase;
    const auto names = law_parameters(purchase.model.law);
    for (std::size_t i = 0; i < names.size(); ++i) {
        add(law_name(purchase.model.law), names[i], purchase.model.parameters[i], purchase.standard_errors[i]);
    }
    const CovariateEffects& effects = purchase.covariates;
    for (std::size_t j = 0; j < effects.size(); ++j) {
        const std::string name = shortened(effects.names[j], 32);
        add(law_name(purchase.model.law), name + ", rate", effects.rate[j], effects.rate_se[j]);
        add(law_name(purchase.model.law), name + ", dropout", effects.dropout[j], effects.dropout_se[j]);
    }
    if (model.spend) {
        for (std::size_t i = 0; i < spend_parameters.size(); ++i) {
            add("gamma_gamma", spend_parameters[i], model.spend->parameters[i], model.spend->standard_errors[i]);
        }
    }
    if (const auto& calendar = model.calendar) {
        for (const Estimate* estimate : {&calendar->persistence, &calendar->cycle_sd, &calendar->level_step_sd}) {
            add("calendar", estimate->name, estimate->value, estimate->se);
        }
    }
    terminal.data(fmt::format("Fitted on {} customers (model.json has all of it)\n\n",
                              with_thousands(static_cast<std::int64_t>(purchase.customers))));
    terminal.data(table);
    terminal.data(fmt::format("\nlog-likelihood {:.4f}, AIC {:.4f}, {}\n", purchase.log_likelihood, purchase.aic,
                              to_string(purchase.status)));
}

void print_total(Table& table, std::string name, const CustomerForecasts& of, const TotalForecast& total,
                 int decimals) {
    const auto cell = [&](double value) { return with_thousands(value, decimals); };
    const auto quantile = [&](double level) {
        const auto at = std::ranges::find(holdout_quantiles, level) - holdout_quantiles.begin();
        return cell(total.quantiles[static_cast<std::size_t>(at)]);
    };
    table.add_row({std::move(name), cell(of.actual), cell(total.mean), quantile(0.05), quantile(0.95)});
}

void print_quantity(Table& table, const std::string& name, const CustomerForecasts& of, int decimals) {
    print_total(table, name, of, of.total, decimals);
    if (of.total_without_calendar) {
        print_total(table, name + ", were all weeks as usual", of, *of.total_without_calendar, decimals);
    }
}

/// Totals, then customers.
void print_holdout(const HoldoutComparison& comparison, Terminal& terminal) {
    Table totals({{"held out", Table::Align::left}, {"actual"}, {"forecast"}, {"5%"}, {"95%"}});
    print_quantity(totals, "purchases", comparison.purchases, 0);
    if (comparison.spend) {
        print_quantity(totals, "spend", *comparison.spend, 2);
    }
    terminal.data(fmt::format("\nThe {:.1f} weeks held out (holdout.json has all of it)\n\n", comparison.weeks));
    terminal.data(totals);
    const CustomerForecasts& purchases = comparison.purchases;
    std::vector<double> means;
    std::ranges::transform(purchases.scores, std::back_inserter(means), &ForecastScore::mean);
    const auto customers = static_cast<double>(purchases.closed_form_crps.size());
    terminal.data(fmt::format(
        "\nCustomers within their bands of 50%: {:.1f}%, 80%: {:.1f}%, 90%: {:.1f}%, 95%: {:.1f}%\n"
        "Error of a customer's distribution (CRPS): {:.4f}; of the closed form's {:.4f} purchases\n"
        "Error of its mean alone (absolute): {:.4f}; closed form {:.4f}, naive {:.4f} purchases\n",
        100.0 * band_coverage(purchases.scores, 0.5), 100.0 * band_coverage(purchases.scores, 0.8),
        100.0 * band_coverage(purchases.scores, 0.9), 100.0 * band_coverage(purchases.scores, 0.95),
        mean_crps(purchases.scores),
        std::accumulate(purchases.closed_form_crps.begin(), purchases.closed_form_crps.end(), 0.0) / customers,
        mean_absolute_error(means, purchases.scores), mean_absolute_error(purchases.closed_form, purchases.scores),
        mean_absolute_error(purchases.naive, purchases.scores)));
}

}  // namespace

int fit(const RunConfig& config, Terminal& terminal) {
    if (config.fit.contract) {
        return fit_contracts(config, terminal);
    }
    const PopulationSettings settings = population_settings(config);
    CommandRun run(config, "fit", {"fit"});
    OutputSet& outputs = run.outputs();
    Rejects rejects(settings.input.fault_rule(), outputs);
    const PurchasesRead read = read_sound_purchases(settings, terminal, rejects.sink(),
                                                    settings.fit.features ? FeaturesFor::files : FeaturesFor::nothing);
    rejects.finish(read.report, terminal);
    const PurchaseSummary& summary = read.history.summary;
    const FittedModel model = fit_purchase_model(settings, read.history);
    const std::optional<HoldoutComparison> comparison = write_fit_files(settings, read, model, outputs, terminal);
    RunRecord record = run.record(nullptr);
    record.input = run_input(read.report, input_hash(settings.input, settings.survival, summary.content_hash));
    if (!read.report.warnings.empty()) {
        record.warnings = read.report.warnings;
    }
    if (const auto& days = read.history.daily; !days.first_purchases.empty()) {
        record.observation =
            RunObservation{fmt::format("{:%F}", days.first_day), fmt::format("{:%F}", *summary.observation_end)};
    }
    if (terminal.wants_json()) {
        terminal.data(model_as_json(model));
    } else {
        print_fit(model, terminal);
        if (comparison) {
            print_holdout(*comparison, terminal);
        }
    }
    show_warnings(model, terminal);
    outputs.commit(record);
    say_earlier_files(outputs, terminal);
    terminal.message(fmt::format("wrote {}", outputs.out_dir().string()));
    return static_cast<int>(ExitCode::done);
}

}  // namespace clv::commands
