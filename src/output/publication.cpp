#include "publication.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <ranges>
#include <system_error>
#include <utility>

#include "clv/core/errors.hpp"
#include "clv/output/checked_file.hpp"
#include "descriptor.hpp"

namespace clv {

namespace fs = std::filesystem;

namespace {

/// What the system says against it; 0: nothing.
int sync_error(const fs::path& path) {
    const Descriptor descriptor(path);
    // Some file systems cannot sync a folder and say EINVAL: there is nothing more to do about it.
    return descriptor.get() < 0 || (::fsync(descriptor.get()) != 0 && errno != EINVAL) ? errno : 0;
}

/// Disks without second names, and files that belong to somebody else.
bool has_no_links(int error_number) {
    return error_number == EPERM || error_number == EOPNOTSUPP || error_number == ENOSYS || error_number == EMLINK;
}

[[noreturn]] void throw_place_error(std::string_view problem, const fs::path& path, const std::string& reason) {
    throw OutputError(fmt::format("{} ({}: {})", problem, path.string(), reason));
}

}  // namespace

void make_durable(const fs::path& path) {
    if (const int error = sync_error(path); error != 0) {
        throw_write_error(path, error, 0);
    }
}

Publication::Publication(fs::path folder, fs::path aside) : folder_(std::move(folder)), aside_(std::move(aside)) {
    std::error_code error;
    if (!fs::create_directory(aside_, error)) {
        throw_write_error(aside_, error ? error.value() : EEXIST, 0);
    }
}

void Publication::prepare(const std::string& name) {
    if (std::ranges::find(places_, name, &Place::name) != places_.end()) {
        return;
    }
    std::error_code error;
    Place place{name, {}, fs::symlink_status(folder_ / name, error).type() != fs::file_type::not_found, false};
    if (place.had_earlier) {
        const fs::path second_name = aside_ / std::to_string(places_.size());
        if (::link((folder_ / name).c_str(), second_name.c_str()) == 0) {
            place.earlier = second_name;
        } else if (!has_no_links(errno)) {
            throw_write_error(folder_ / name, errno, 0);
        }
    }
    places_.push_back(std::move(place));
}

Publication::Place& Publication::place_of(const std::string& name) {
    return *std::ranges::find(places_, name, &Place::name);
}

void Publication::move(const fs::path& from, const std::string& name) {
    std::error_code error;
    fs::rename(from, folder_ / name, error);
    if (error) {
        throw_place_error("a result could not be moved into place", folder_ / name, error.message());
    }
    place_of(name).is_changed = true;
}

void Publication::remove(const std::string& name) {
    std::error_code error;
    fs::remove(folder_ / name, error);
    if (error) {
        throw_place_error("a result of the earlier run could not be removed", folder_ / name, error.message());
    }
    place_of(name).is_changed = true;
}

void Publication::sync(const fs::path& folder) {
    if (const int error = sync_error(folder); error != 0) {
        throw_place_error("results could not be made to last", folder, std::generic_category().message(error));
    }
}

bool Publication::restore(const Place& place) const {
    std::error_code error;
    if (!place.had_earlier) {
        fs::remove(folder_ / place.name, error);
        return !error;
    }
    if (place.earlier.empty()) {
        return false;
    }
    fs::rename(place.earlier, folder_ / place.name, error);
    return !error;
}

std::string Publication::take_back() noexcept {
    std::vector<std::string> of_this_run;
    std::vector<std::string> gone;
    for (Place& place : places_ | std::views::reverse) {
        std::error_code error;
        if (std::exchange(place.is_changed, false) && !restore(place)) {
            (fs::exists(folder_ / place.name, error) ? of_this_run : gone).push_back(place.name);
        }
    }
    static_cast<void>(sync_error(folder_));  // as far as that is possible
    std::string state;
    if (!of_this_run.empty()) {
        state += fmt::format("; of this run: {}", fmt::join(of_this_run, ", "));
    }
    if (!gone.empty()) {
        state += fmt::format("; removed: {}", fmt::join(gone, ", "));
    }
    return state.empty() ? state : fmt::format("{} holds a mixture{}; all else as it was", folder_.string(), state);
}

}  // namespace clv
