#include "publication.hpp"

#include <fcntl.h>
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
#include "clv/core/progress.hpp"
#include "clv/output/checked_file.hpp"
#include "clv/output/documents/run_record.hpp"
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

/// Sends what was written to the disk piece by piece, for as long as nobody asks to stop: a sync of the whole file
/// waits for all of it. What goes wrong here goes wrong there too, which says so.
void send_to_disk(const fs::path& path) {
    constexpr std::uintmax_t piece = std::uintmax_t{1} << 26;
    std::error_code error;
    const std::uintmax_t bytes = fs::file_size(path, error);
    if (error || bytes <= piece) {
        return;
    }
    const Descriptor descriptor(path);
    for (std::uintmax_t at = 0; descriptor.get() >= 0 && at < bytes; at += piece) {
        throw_if_interrupted();
        if (::sync_file_range(descriptor.get(), static_cast<off64_t>(at), static_cast<off64_t>(piece),
                              SYNC_FILE_RANGE_WAIT_BEFORE | SYNC_FILE_RANGE_WRITE | SYNC_FILE_RANGE_WAIT_AFTER) != 0) {
            return;
        }
    }
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
    send_to_disk(path);
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

void Publication::keep_beside(const std::string& name, const std::string& beside) {
    const fs::path path = folder_ / beside;
    std::error_code error;
    if (::link((folder_ / name).c_str(), path.c_str()) != 0) {
        if (!has_no_links(errno)) {
            throw_write_error(path, errno, 0);
        }
        fs::copy(folder_ / name, path, fs::copy_options::copy_symlinks, error);
        if (error) {
            throw_place_error("a file could not be kept", path, error.message());
        }
    }
    places_.push_back({beside, path.string(), {}, false, true});
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
        if (place.is_changed && restore(place)) {
            place.is_changed = false;
            was_restored_ = true;
        }
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
    // run.json comes last: with it, and nothing taken back, all that it lists is there
    if (!was_restored_ && std::ranges::find(of_this_run, run_file) != of_this_run.end()) {
        return fmt::format("{} holds the results of this run{}", folder_.string(),
                           gone.empty() ? "" : fmt::format(", without {}", fmt::join(gone, ", ")));
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
