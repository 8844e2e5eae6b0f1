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

    /// To be called of every name before the first move: keeps the earlier file, if there is one, under a second name.
    /// Throws OutputError; nothing has happened then.
    void prepare(const std::string& name);
    /// Moves a file to its place. Throws OutputError.
    void move(const std::filesystem::path& from, const std::string& name);
    /// Removes a file of the folder. Throws OutputError.
    void remove(const std::string& name);
    /// make_durable() of what was moved to a folder. Throws OutputError.
    void sync(const std::filesystem::path& folder);
    /// Takes back whatever was done, because of `problem`. Throws the OutputError that says so, and what the folder
    /// holds where that cannot be done.
    [[noreturn]] void take_back(std::string_view problem);

  private:
    struct Place {
        std::string name;
        std::filesystem::path earlier;  ///< where the earlier file waits; empty: nowhere
        bool had_earlier = false;
        bool is_changed = false;
    };
    [[nodiscard]] Place& place_of(const std::string& name);
    [[nodiscard]] bool restore(const Place& place) const;

    std::filesystem::path folder_;
    std::filesystem::path aside_;
    std::vector<Place> places_;
};

}  // namespace clv
