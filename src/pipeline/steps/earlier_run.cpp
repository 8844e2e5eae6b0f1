#include "earlier_run.hpp"

#include <fmt/format.h>

#include "clv/config/load_config.hpp"
#include "clv/core/errors.hpp"
#include "clv/output/output_set.hpp"
#include "output_folder.hpp"
#include "world_settings.hpp"

namespace clv {

EarlierRun open_earlier_run(const RunConfig& given) {
    EarlierRun run;
    run.folder = given.optimizer.results.empty() ? output_folder(given) : given.optimizer.results;
    if (run.folder.extension() == ".h5") {
        run.folder = run.folder.has_parent_path() ? run.folder.parent_path() : std::filesystem::path(".");
    }
    run.record = verify_output_set(run.folder);
    if (!run.record.files.contains("results.h5")) {
        throw InputError(
            fmt::format("no results to plan from ({}: results.h5 is not among its files): name a folder "
                        "of clv simulate or clv run in optimizer.results, or an uplift CSV in "
                        "optimizer.uplift",
                        run.folder.string()));
    }
    run.as_given = load_config({(run.folder / "run.json").string(), {}});
    run.as_given.optimizer = given.optimizer;
    run.as_given.sources.insert(run.as_given.sources.end(), given.sources.begin(), given.sources.end());
    run.as_given.execution = given.execution;
    run.as_given.output = given.output;
    run.as_given.input.tables = given.input.tables;
    run.config = run.as_given;
    if (generates_world(run.config)) {
        if (run.config.generate.kind == "retail") {
            run.config.input.transactions = {(run.folder / "transactions.csv").string()};
        } else {
            run.config.input.customers = (run.folder / "customers.csv").string();
        }
    }
    return run;
}

bool is_result_in(const std::filesystem::path& file, const std::filesystem::path& folder) {
    std::error_code error;
    const std::filesystem::path parent = file.has_parent_path() ? file.parent_path() : std::filesystem::path(".");
    if (!std::filesystem::equivalent(parent, folder, error)) {
        return false;
    }
    const std::optional<RunRecord> record = find_run_record(folder);
    return record && record->files.contains(file.filename().string());
}

}  // namespace clv
