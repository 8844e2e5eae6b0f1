#pragma once
// Moves of files into a folder that can be taken back: what a file replaces or removes waits aside until all are in
// place.

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace clv {

/// Throws OutputError unless what was written to the file or the folder is on the disk.
void make_durable(const std::filesystem::path& path);

class Publication {
  public:
    /// Earlier files of `folder` wait in `aside`, which is made, on the same disk.
    Publication(std::filesystem::path folder, std::filesystem::path aside);
    ~Publication();
    Publication(const Publication&) = delete;
    Publication& operator=(const Publication&) = delete;

    /// To be called of every name before it is moved or removed: keeps the earlier file, if there is one, under a
    /// second name. Of a name that was prepared before, the file of that time stays the earlier one. Throws
    /// OutputError; nothing has happened to the file then.
    void prepare(const std::string& name);
    /// Keeps what is prepared under a second name in the folder, which stays. Throws OutputError.
    void keep_beside(const std::string& name, const std::string& beside);
    /// Moves a file to its place. Throws OutputError.
    void move(const std::filesystem::path& from, const std::string& name);
    /// Removes a file of the folder. Throws OutputError.
    void remove(const std::string& name);
    /// make_durable() of what was moved to a folder. Throws OutputError.
    void sync(const std::filesystem::path& folder);
    /// Takes back whatever was done. Needs no memory, and may be called from a handler of signals.
    void take_back() noexcept;
    /// What the folder holds where that could not be done; empty: all is as it was.
    [[nodiscard]] std::string mixture() const;

  private:
    struct Place {
        std::string name;
        std::string path;
        std::string earlier;  ///< where the earlier file waits; empty: nowhere
        bool had_earlier = false;
        bool is_changed = false;
    };
    [[nodiscard]] Place& place_of(std::string_view name);
    [[nodiscard]] static bool restore(const Place& place) noexcept;

    std::filesystem::path folder_;
    std::filesystem::path aside_;
    std::vector<Place> places_;
    bool was_restored_ = false;  ///< one place at least
};

}  // namespace clv
