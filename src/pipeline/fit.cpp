// `clv fit`: purchase and spend models from histories.

#include <fmt/format.h>

#include <chrono>
#include <cmath>
#include <nlohmann/json.hpp>

#include "clv/output/checked_file.hpp"
#include "clv/output/output_set.hpp"
#include "clv/output/results_writer.hpp"
#include "clv/pipeline/commands.hpp"
#include "clv/pipeline/run_record.hpp"
#include "load_purchases.hpp"
#include "output_folder.hpp"
#include "read_population.hpp"

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
    if (model.spend) {
        for (std::size_t i = 0; i < spend_parameters.size(); ++i) {
            add("gamma_gamma", spend_parameters[i], model.spend->parameters[i], model.spend->standard_errors[i]);
        }
    }
    terminal.data(fmt::format("Fitted on {} customers (model.json has all of it)\n\n",
                              with_thousands(static_cast<std::int64_t>(purchase.customers))));
    terminal.data(table);
    terminal.data(fmt::format("\nlog-likelihood {:.4f}, AIC {:.4f}, {}\n", purchase.log_likelihood, purchase.aic,
                              to_string(purchase.status)));
}

}  // namespace

int fit(const RunConfig& config, Terminal& terminal) {
    const auto started = std::chrono::system_clock::now();
    OutputSet outputs(output_folder(config));
    Rejects rejects(config, outputs);
    const PurchasesRead read = read_purchases(config, terminal, rejects.sink());
    rejects.finish(read.report, terminal);
    const PurchaseSummary& summary = read.history.summary;
    const FittedModel model = fitted_model(config, read.history);
    const std::string text = model_as_json(model);
    write_text_file(outputs.path("model.json"), text);
    write_summary_csv(outputs.path("summary.csv"), summary.customer_id, summary.frequency, summary.recency, summary.age,
                      summary.monetary_value);
    nlohmann::json record = run_record(config, "fit", nullptr, started);
    add_input(record, config, read.report, summary.content_hash);
    if (terminal.wants_json()) {
        terminal.data(text);
    } else {
        print_fit(model, terminal);
    }
    show_warnings(model, terminal);
    outputs.commit(record);
    terminal.message(fmt::format("wrote {}", outputs.out_dir().string()));
    return static_cast<int>(ExitCode::done);
}

}  // namespace clv::commands
