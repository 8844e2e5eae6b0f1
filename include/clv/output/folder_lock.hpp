#pragma once
// One run at a time goes on from a folder of results and publishes into it.

#include <filesystem>
#include <utility>

namespace clv {

/// A folder that no other run writes to while this one lives. Where the file system has no locks it holds nothing, and
/// run.json still tells a mixed set.
class FolderLock {
  public:
    enum class For { reading, writing };

    FolderLock() = default;  ///< of no folder
    /// Throws OutputError if another run writes to the folder or, for writing, reads it.
    explicit FolderLock(const std::filesystem::path& folder, For use = For::writing);
    FolderLock(FolderLock&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
    FolderLock& operator=(FolderLock&& other) noexcept {
        std::swap(descriptor_, other.descriptor_);
        return *this;
    }
    ~FolderLock();

    [[nodiscard]] bool is_of_a_folder() const noexcept { return descriptor_ >= 0; }

  private:
    int descriptor_ = -1;
};

}  // namespace clv
