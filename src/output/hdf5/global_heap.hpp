#pragma once
// Where HDF5 keeps texts of variable length: collections of objects, to which the cells of a dataset refer. The library
// (1.10) follows a reference into a damaged collection out of bounds, or for ever; so references are checked first
// (HDF5 File Format Specification 3.0, section III.E).

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <map>
#include <vector>

namespace clv {

class GlobalHeap {
  public:
    explicit GlobalHeap(const std::filesystem::path& file);

    /// Whether the `count` references that lie at this offset of the file lead to texts in sound collections.
    [[nodiscard]] bool holds_all(std::uint64_t offset, std::uint64_t count);

  private:
    using Sizes = std::map<std::uint32_t, std::uint64_t>;  ///< of the objects of a collection by their index

    [[nodiscard]] bool read(std::uint64_t offset, std::vector<unsigned char>& bytes);
    /// Null unless it is sound.
    [[nodiscard]] const Sizes* collection_at(std::uint64_t address);

    std::ifstream file_;
    std::uint64_t file_bytes_ = 0;
    std::map<std::uint64_t, Sizes> collections_;  ///< by address
};

}  // namespace clv
