// `clv fit`: purchase and spend models from histories.

#include <fmt/format.h>

#include <chrono>
#include <nlohmann/json.hpp>
#include <optional>

#include "clv/output/checked_file.hpp"
#include "clv/output/output_set.hpp"
#include "clv/output/results_writer.hpp"
#include "clv/pipeline/commands.hpp"
#include "clv/pipeline/run_record.hpp"
#include "load_purchases.hpp"
#include "output_folder.hpp"

namespace clv::commands {

int fit(const RunConfig& config, Terminal& terminal) {
    const auto started = std::chrono::system_clock::now();
    OutputSet outputs(output_folder(config));
    std::optional<RejectsWriter> rejects;
    RejectSink sink;
    if (config.input.on_fault == OnFault::reject_rows) {
        sink = [&](const RejectedRow& row) {
            if (!rejects) {
                rejects.emplace(outputs.path("rejects.csv"));
            }
            rejects->write(row);
        };
    }
    const SummaryRead read = read_summary(config, sink);
    if (rejects) {
        rejects->close();
        terminal.warning(fmt::format("{} rows were rejected: rejects.csv has them and their faults",
                                     with_thousands(static_cast<std::int64_t>(read.report.rows_rejected))));
    }
    const PurchaseSummary& summary = read.summary;
    RunConfig fresh = config;
    fresh.input.model.clear();
    const FittedModel model = model_of(fresh, summary);
    const std::string text = model_as_json(model);
    write_text_file(outputs.path("model.json"), text + "\n");
    write_summary_csv(outputs.path("summary.csv"), summary.customer_id, summary.frequency, summary.recency, summary.age,
                      summary.monetary_value);
    CustomerTable customers;
    customers.content_hash = summary.content_hash;
    nlohmann::json record = run_record(config, "fit", nullptr, started);
    add_input(record, config, read.report, customers);
    if (terminal.wants_json()) {
        terminal.data(text + "\n");
    }
    show_fit(model, terminal);
    outputs.commit(record);
    terminal.message(fmt::format("wrote {}", outputs.out_dir().string()));
    return static_cast<int>(ExitCode::done);
}

}  // namespace clv::commands
