#include "publication.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstdio>
#include <ranges>
#include <system_error>
#include <utility>

#include "clv/core/errors.hpp"
#include "clv/output/checked_file.hpp"
#include "clv/output/output_set.hpp"
#include "descriptor.hpp"

namespace clv {

namespace fs = std::filesystem;

namespace {

/// What the system says against it; 0: nothing.
int sync_error(const fs::path& path) noexcept {
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

/// For take_back_at_once(), which nobody can hand anything.
std::atomic<Publication*> under_way = nullptr;

}  // namespace

void take_back_at_once() noexcept {
    if (Publication* publication = under_way.exchange(nullptr)) {
        publication->take_back();
    }
}

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
    under_way = this;
}

Publication::~Publication() {
    Publication* self = this;
    under_way.compare_exchange_strong(self, nullptr);
}

void Publication::prepare(const std::string& name) {
    if (std::ranges::find(places_, name, &Place::name) != places_.end()) {
        return;
    }
    std::error_code error;
    const fs::path path = folder_ / name;
    Place place{name, path.string(), {}, fs::symlink_status(path, error).type() != fs::file_type::not_found, false};
    if (place.had_earlier) {
        std::string second_name = (aside_ / std::to_string(places_.size())).string();
        if (::link(path.c_str(), second_name.c_str()) == 0) {
            place.earlier = std::move(second_name);
        } else if (!has_no_links(errno)) {
            throw_write_error(path, errno, 0);
        }
    }
    places_.push_back(std::move(place));
}

Publication::Place& Publication::place_of(std::string_view name) {
    return *std::ranges::find(places_, name, &Place::name);
}

void Publication::move(const fs::path& from, const std::string& name) {
    Place& place = place_of(name);
    std::error_code error;
    fs::rename(from, place.path, error);
    if (error) {
        throw_place_error("a result could not be moved into place", place.path, error.message());
    }
    place.is_changed = true;
}

void Publication::remove(const std::string& name) {
    Place& place = place_of(name);
    std::error_code error;
    fs::remove(place.path, error);
    if (error) {
        throw_place_error("a result of the earlier run could not be removed", place.path, error.message());
    }
    place.is_changed = true;
}

void Publication::sync(const fs::path& folder) {
    if (const int error = sync_error(folder); error != 0) {
        throw_place_error("results could not be made to last", folder, std::generic_category().message(error));
    }
}

bool Publication::restore(const Place& place) noexcept {
    if (!place.had_earlier) {
        return ::unlink(place.path.c_str()) == 0 || errno == ENOENT;
    }
    return !place.earlier.empty() && std::rename(place.earlier.c_str(), place.path.c_str()) == 0;
}

void Publication::take_back() noexcept {
    for (Place& place : places_ | std::views::reverse) {
        place.is_changed = place.is_changed && !restore(place);
    }
    static_cast<void>(sync_error(folder_));  // as far as that is possible
}

std::string Publication::mixture() const {
    std::vector<std::string_view> of_this_run;
    std::vector<std::string_view> gone;
    for (const Place& place : places_ | std::views::reverse) {
        if (place.is_changed) {
            (::access(place.path.c_str(), F_OK) == 0 ? of_this_run : gone).emplace_back(place.name);
        }
    }
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
