#include "earlier_run.hpp"

#include <fmt/format.h>

#include "clv/config/load_config.hpp"
#include "clv/core/errors.hpp"
#include "clv/output/output_set.hpp"
#include "command_run.hpp"

namespace clv {

EarlierRun open_earlier_run(const RunConfig& given) {
    EarlierRun run;
    run.folder = given.optimizer.results.empty() ? output_folder(given) : given.optimizer.results;
    if (run.folder.extension() == ".h5") {
        run.folder = run.folder.has_parent_path() ? run.folder.parent_path() : std::filesystem::path(".");
    }
    std::error_code error;
    run.is_continued = std::filesystem::equivalent(run.folder, given.output.dir, error);
    run.lock = FolderLock(run.folder, run.is_continued ? FolderLock::For::writing : FolderLock::For::reading);
    run.record = verify_output_set(run.folder);
    if (!run.record.files.contains("results.h5")) {
        throw InputError(
            fmt::format("no results to plan from ({}: results.h5 is not among its files): name a folder "
                        "of clv simulate or clv run in optimizer.results, or an uplift CSV in "
                        "optimizer.uplift",
                        run.folder.string()));
    }
    run.config = load_config({(run.folder / "run.json").string(), {}});
    run.config.optimizer = given.optimizer;
    run.config.sources.insert(run.config.sources.end(), given.sources.begin(), given.sources.end());
    run.config.execution = given.execution;
    run.config.output = given.output;
    run.config.input.tables = given.input.tables;
    run.customers = population_settings(run.config);
    if (const auto world = world_to_generate(run.config)) {
        use_world(run.folder, world->generate, run.customers.input);
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
