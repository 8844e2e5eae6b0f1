#include "clv/config/named_files.hpp"

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>

#include "clv/data/tables/memory_table.hpp"
#include "key_binding.hpp"

namespace clv {

namespace {

namespace fs = std::filesystem;

constexpr const char* results_key = "optimizer.results";

/// The files beside results.h5, which `results` names directly or by its folder.
void add_results(const fs::path& results, const fs::path& output, std::vector<NamedFile>& files) {
    std::error_code error;
    fs::path folder = results;
    if (folder.extension() == ".h5") {
        folder = folder.has_parent_path() ? folder.parent_path() : fs::path(".");
    }
    if (!output.empty() && fs::equivalent(folder, output, error)) {
        return;
    }
    error.clear();
    for (fs::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error)) {
        std::error_code entry_error;
        if (entry->is_regular_file(entry_error)) {
            files.push_back({results_key, entry->path()});
        }
    }
}

}  // namespace

std::vector<NamedFile> named_files(const RunConfig& config) {
    std::vector<NamedFile> files = config.sources;
    const auto add = [&](const std::string& key, const std::string& path) {
        if (path.empty() || is_in_memory(path)) {
            return;
        }
        if (key == results_key) {
            add_results(path, config.output.dir, files);
        } else {
            files.push_back({key, path});
        }
    };
    for (const auto& binding : section_bindings()) {
        if (!binding.is_path || binding.key.name == "output.dir") {
            continue;
        }
        const nlohmann::json value = binding.load(config);
        if (value.is_string()) {
            add(binding.key.name, value.get<std::string>());
        }
        if (value.is_array()) {
            for (const nlohmann::json& path : value) {
                add(binding.key.name, path.get<std::string>());
            }
        }
    }
    return files;
}

}  // namespace clv
