#include "clv/output/output_set.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <map>
#include <new>
#include <optional>
#include <stdexcept>
#include <system_error>
#include <utility>

#include "abandoned.hpp"
#include "clv/core/absolute_path.hpp"
#include "clv/core/errors.hpp"
#include "clv/core/out_of_memory.hpp"
#include "clv/core/progress.hpp"
#include "clv/output/checked_file.hpp"
#include "clv/output/documents/run_record.hpp"
#include "clv/output/file_digest.hpp"
#include "inner_name.hpp"
#include "publication.hpp"
#include "result_names.hpp"
#include "standing_files.hpp"

namespace clv {

namespace fs = std::filesystem;

namespace {

/// In the folder of a run: earlier files, while the new ones take their places. No result is called so.
constexpr std::string_view aside_folder = ".earlier";

using Digests = std::map<std::string, FileDigest>;

[[noreturn]] void throw_folder_error(const fs::path& folder, const std::error_code& error) {
    throw OutputError(fmt::format("the output folder cannot be used ({}: {}): choose another --out or its permissions",
                                  folder.string(), error.message()));
}

/// The folder of a run under way, which only its owner has a reason to remove.
void throw_if_gone(const fs::path& partial_dir, const fs::path& out_dir) {
    std::error_code error;
    if (!fs::is_directory(partial_dir, error)) {
        throw OutputError(fmt::format(
            "the output folder was removed while the run wrote to it ({}): run the command again", out_dir.string()));
    }
}

/// Whether a file lies elsewhere in truth: it, or a folder on the way to it, is a symbolic link.
bool passes_link(const fs::path& out_dir, const fs::path& name) {
    fs::path path = out_dir;
    return std::ranges::any_of(name, [&](const fs::path& part) {
        std::error_code error;
        path /= part;
        return fs::is_symlink(fs::symlink_status(path, error));
    });
}

/// Which of the inputs is this file, however it is spelled or linked to; null: none.
const NamedFile* input_at(const fs::path& path, std::span<const NamedFile> inputs) {
    std::error_code error;
    const auto is_it = [&](const NamedFile& input) { return fs::equivalent(path, input.path, error) && !error; };
    const auto found = std::ranges::find_if(inputs, is_it);
    return found == inputs.end() ? nullptr : &*found;
}

/// The name of a file that lies in `out_dir` or below it, as seen from there; empty: it lies elsewhere.
std::string name_inside(const fs::path& out_dir, const fs::path& path) {
    std::error_code error;
    const fs::path folder = fs::canonical(path.has_parent_path() ? path.parent_path() : fs::path("."), error);
    if (error) {
        return {};
    }
    const fs::path name = (folder / path.filename()).lexically_relative(fs::canonical(out_dir, error));
    return error || name.empty() || *name.begin() == ".." || *name.begin() == "." ? std::string() : name.string();
}

void throw_if_inputs(const fs::path& out_dir, std::span<const std::string> names, std::span<const NamedFile> inputs) {
    std::string all;
    for (const std::string& name : names) {
        if (const NamedFile* input = input_at(out_dir / name, inputs)) {
            all += fmt::format("{}{} names {}{}, and {} is written to {}", all.empty() ? "" : "; ", input->key,
                               input->path.string(), input->of_earlier ? ", for the results that are there" : "", name,
                               out_dir.string());
        }
    }
    if (!all.empty()) {
        throw ConfigError(fmt::format(
            "a result would overwrite an input ({}): choose another --out, or move what it overwrites", all));
    }
}

/// The folders below `out_dir` that the names are in, innermost first.
std::vector<fs::path> folders_inside(const fs::path& out_dir, const std::set<std::string>& names) {
    std::set<fs::path> folders;
    for (const std::string& name : names) {
        for (fs::path folder = fs::path(name).parent_path(); !folder.empty(); folder = folder.parent_path()) {
            folders.insert(out_dir / folder);
        }
    }
    return {folders.rbegin(), folders.rend()};
}

}  // namespace

OutputSet::OutputSet(fs::path out_dir, std::vector<NamedFile> inputs, FolderLock lock)
    : out_dir_(std::move(out_dir)), inputs_(std::move(inputs)), folder_lock_(std::move(lock)) {
    std::error_code error;
    out_dir_ = absolute_path(out_dir_);
    if (!out_dir_.has_filename()) {
        out_dir_ = out_dir_.parent_path();
    }
    std::vector<fs::path> missing;
    for (fs::path folder = out_dir_; !folder.empty() && !fs::exists(folder, error); folder = folder.parent_path()) {
        if (error) {
            throw_folder_error(out_dir_, error);
        }
        if (fs::is_symlink(fs::symlink_status(folder, error))) {
            throw OutputError(fmt::format(
                "the output folder cannot be used ({} is a symbolic link to {}, which is not there): make that folder, "
                "or choose another --out",
                folder.string(), fs::read_symlink(folder, error).string()));
        }
        missing.push_back(folder);
    }
    try {
        for (auto folder = missing.rbegin(); folder != missing.rend(); ++folder) {
            if (fs::create_directory(*folder, error)) {
                created_dirs_.push_back(*folder);
            } else if (error) {
                throw_folder_error(*folder, error);
            }
        }
        if (!fs::is_directory(out_dir_, error)) {
            throw_folder_error(out_dir_, std::make_error_code(std::errc::not_a_directory));
        }
        if (!folder_lock_.is_of_a_folder()) {
            lock_folder();
        }
        remove_abandoned(out_dir_);

        const fs::path partial_dir = out_dir_ / fmt::format("{}{}", partial_prefix, ::getpid());
        if (!fs::create_directory(partial_dir, error)) {
            throw_folder_error(partial_dir, error ? error : std::make_error_code(std::errc::file_exists));
        }
        partial_dir_ = partial_dir;
        partial_lock_ = FolderLock(partial_dir_);
    } catch (...) {
        clean_up();
        throw;
    }
}

void OutputSet::lock_folder() {
    try {
        folder_lock_ = FolderLock(out_dir_);
    } catch (const OutputError&) {
        created_dirs_.clear();  // somebody else is in them
        throw;
    }
}

OutputSet::~OutputSet() {
    if (publication_) {
        publication_->take_back();
    }
    clean_up();
}

void OutputSet::clean_up() noexcept {
    std::error_code error;
    if (!partial_dir_.empty()) {
        try {
            fs::remove_all(partial_dir_, error);
        } catch (const std::bad_alloc&) {  // the next run does it
        }
        partial_dir_.clear();
    }
    partial_lock_ = {};
    // Fails, as it should, for a folder that has something in it.
    for (auto folder = created_dirs_.rbegin(); folder != created_dirs_.rend(); ++folder) {
        fs::remove(*folder, error);
    }
    created_dirs_.clear();
}

fs::path OutputSet::path(std::string_view name) {
    if (!is_inner_name(name) || name == run_file || name.starts_with(partial_prefix) ||
        name.starts_with(stopped_prefix)) {
        throw OutputError(
            fmt::format("not a name for a result ({}): use a relative path inside the output folder", name));
    }
    throw_if_inputs(out_dir_, std::array{std::string(name)}, inputs_);
    throw_if_gone(partial_dir_, out_dir_);
    const fs::path path = partial_dir_ / name;
    std::error_code error;
    fs::create_directories(path.parent_path(), error);
    if (error) {
        throw_folder_error(path.parent_path(), error);
    }
    names_.emplace(name);
    return path;
}

std::vector<std::string> OutputSet::names() const {
    std::set<std::string> all = names_;
    all.insert(published_.begin(), published_.end());
    all.insert(kept_.begin(), kept_.end());
    return {all.begin(), all.end()};
}

/// Makes what was written durable. Returns the digests.
Digests OutputSet::complete() {
    throw_if_gone(partial_dir_, out_dir_);
    std::error_code error;
    Digests files;
    for (const std::string& name : names_) {
        const fs::path path = partial_dir_ / name;
        if (!fs::is_regular_file(path, error)) {
            throw OutputError(
                fmt::format("a result is not there when it is to be published ({}): run the command again, and report "
                            "it if nobody has removed the file",
                            path.string()));
        }
        if (fs::is_directory(out_dir_ / name, error)) {
            throw_folder_error(out_dir_ / name, std::make_error_code(std::errc::is_a_directory));
        }
        make_durable(path);
        try {
            files[name] = digest_file(path);
        } catch (const InputError& problem) {  // it is no input
            throw OutputError(problem.what());
        }
    }
    return files;
}

/// Adds what stays of an earlier run to the record. Returns what goes.
OutputSet::Outdated OutputSet::add_earlier(RunRecord& record, EarlierFiles earlier) const {
    std::map<std::string, std::string> kept;  // name in the folder -> key
    for (const NamedFile& input : inputs_) {
        std::error_code error;
        if (std::string name = name_inside(out_dir_, input.path);
            !name.empty() && name != run_file && fs::is_regular_file(out_dir_ / name, error)) {
            kept.emplace(std::move(name), input.key);
        }
    }
    Outdated outdated;
    const StandingFiles standing(out_dir_);
    const Digests& listed = standing.listed();
    const bool is_new_world = record.files.contains("truth.csv");
    for (const std::string& name : standing.names()) {  // those of a run that was stopped as well
        if (record.files.contains(name)) {
            continue;
        }
        const auto file = listed.find(name);
        if (file != listed.end() && (kept_.contains(name) || (earlier == EarlierFiles::keep && !shows_others(name)))) {
            record.files.insert(*file);
            kept.erase(name);
        } else if (const NamedFile* input = input_at(out_dir_ / name, inputs_)) {
            kept.emplace(name, input->key);
        } else if (const KeptInput* read = standing.read_result(name); read && !(is_new_world && is_world(name))) {
            std::error_code error;
            if (fs::is_regular_file(out_dir_ / name, error)) {
                kept.emplace(name, read->key);
            }
        } else if (standing.owner_of(name) == StandingFiles::Owner::run) {
            if (is_world(name) && !is_new_world && file != listed.end() && matches(out_dir_ / name, file->second)) {
                record.files.insert(*file);
            } else if (!passes_link(out_dir_, name)) {
                outdated.names.push_back(name);
            }
        } else if (standing.is_worth_keeping(name) && !passes_link(out_dir_, name)) {
            outdated.names.push_back(name);  // else a later run would take it for a file of somebody else
            outdated.changed.push_back(name);
        }
    }
    std::erase_if(record.inputs, [&](const KeptInput& input) {
        return kept.contains(input.file) || record.files.contains(input.file);
    });
    for (const auto& [name, key] : kept) {
        const FileDigest digest = digest_file(out_dir_ / name);
        record.inputs.push_back({key, name, digest, standing.has_left(name, digest)});
    }
    std::ranges::sort(record.inputs, {}, &KeptInput::file);
    return outdated;
}

RunRecord OutputSet::commit(RunRecord record, EarlierFiles earlier) {
    RunRecord published = publish(std::move(record), earlier);
    publication_.reset();
    created_dirs_.clear();
    clean_up();
    forget_stopped_runs(out_dir_);
    std::error_code error;
    for (const fs::path& folder : folders_inside(out_dir_, outdated_)) {  // those that held nothing else
        fs::remove(folder, error);
    }
    folder_lock_ = {};
    return published;
}

RunRecord OutputSet::publish(RunRecord record, EarlierFiles earlier) {
    if (partial_dir_.empty()) {
        throw std::logic_error("an output set can be committed once");
    }
    std::error_code error;
    const Digests files = complete();
    record.files = files;
    const Outdated outdated = add_earlier(record, earlier);
    const fs::path new_run_file = partial_dir_ / run_file;
    write_text_file(new_run_file, run_text(record));
    make_durable(new_run_file);

    const std::vector<fs::path> folders = folders_inside(out_dir_, names_);
    const std::map<std::string, std::string> beside = kept_beside(outdated.changed);
    throw_if_interrupted();
    for (auto folder = folders.rbegin(); folder != folders.rend(); ++folder) {
        if (fs::create_directory(*folder, error)) {
            created_dirs_.push_back(*folder);
        } else if (error) {
            throw_folder_error(*folder, error);
        }
    }

    if (!publication_) {
        publication_ = std::make_unique<Publication>(out_dir_, partial_dir_ / aside_folder);
    }
    try {
        for (const auto& [name, digest] : files) {
            publication_->prepare(name);
        }
        std::ranges::for_each(outdated.names, [&](const std::string& name) { publication_->prepare(name); });
        publication_->prepare(std::string(run_file));
        for (const auto& [name, other] : beside) {
            publication_->keep_beside(name, other);
            set_aside_.push_back(other);
        }
        for (const auto& [name, digest] : files) {
            publication_->move(partial_dir_ / name, name);
        }
        std::ranges::for_each(outdated.names, [&](const std::string& name) { publication_->remove(name); });
        std::ranges::for_each(folders, [&](const fs::path& folder) { publication_->sync(folder); });
        publication_->sync(out_dir_);
        publication_->move(new_run_file, std::string(run_file));
        publication_->sync(out_dir_);
    } catch (const std::exception& problem) {
        take_back_after_problem();
        if (is_out_of_memory(std::current_exception())) {
            throw;
        }
        throw OutputError(fmt::format(
            "{}: check the folder and its disk, and run the command again; earlier results are as they were",
            problem.what()));
    }
    outdated_.insert(outdated.names.begin(), outdated.names.end());
    published_.merge(names_);
    names_.clear();
    std::erase_if(outdated_, [&](const std::string& name) { return published_.contains(name); });
    return record;
}

std::string OutputSet::take_back() {
    if (!publication_) {
        return {};
    }
    publication_->take_back();
    return std::exchange(publication_, nullptr)->mixture();
}

/// What stands in the places of the files to publish and is somebody's work, and what was changed of what goes -> where
/// it is kept. Throws OutputError for
/// what is nobody's result.
std::map<std::string, std::string> OutputSet::kept_beside(std::span<const std::string> changed) {
    const StandingFiles& standing = this->standing();
    std::map<std::string, std::string> beside;
    const auto keep = [&](const std::string& name) {
        if (std::string other = standing.name_beside(name); !other.empty()) {
            beside.emplace(name, std::move(other));
        }
    };
    for (const std::string& name : names_) {
        if (published_.contains(name)) {
            continue;
        }
        standing.refuse_somebodys(std::array{name});
        if (standing.is_worth_keeping(name)) {
            keep(name);
        }
    }
    std::ranges::for_each(changed, keep);
    if (const std::string name(run_file); standing.is_worth_keeping(name)) {
        keep(name);
    }
    return beside;
}

void OutputSet::refuse_somebodys(std::span<const std::string> names) {
    standing().refuse_somebodys(names);
}

void refuse_somebodys(const fs::path& out_dir, std::span<const std::string> names) {
    StandingFiles(out_dir).refuse_somebodys(names);
}

const StandingFiles& OutputSet::standing() {
    if (!standing_) {
        standing_ = std::make_unique<StandingFiles>(out_dir_);
    }
    return *standing_;
}

void OutputSet::take_back_after_problem() {
    const std::string left = take_back();
    if (left.empty()) {
        return;
    }
    keep_as_stopped(partial_dir_);
    constexpr const char* both =
        "{}, and what was done before could not be taken back: {}. Check the disk and run the command again";
    try {
        throw;
    } catch (const std::exception& problem) {
        if (is_out_of_memory(std::current_exception())) {
            throw MemoryError(fmt::format(both, "out of memory", left));
        }
        throw OutputError(fmt::format(both, problem.what(), left));
    }
}

void refuse_overwriting(const fs::path& out_dir, std::span<const std::string> names,
                        std::span<const NamedFile> inputs) {
    throw_if_inputs(out_dir, names, inputs);
    std::vector<NamedFile> data;  // a run may be repeated from its own run.json
    std::ranges::copy_if(inputs, std::back_inserter(data),
                         [](const NamedFile& input) { return input.key != "config"; });
    throw_if_inputs(out_dir, std::array{std::string(run_file)}, data);
}

}  // namespace clv
