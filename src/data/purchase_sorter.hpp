#pragma once
// Purchases in the order of customers and days, whatever their number: what does not fit the buffer is sorted, set
// aside in an unnamed file, and merged at the end.

#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <functional>
#include <memory>
#include <vector>

namespace clv {

struct SortedPurchase {
    std::uint32_t customer = 0;
    std::int32_t day = 0;  ///< since 1970-01-01
    double revenue = 0.0;
    std::uint64_t row = 0;  ///< hash of the row's text: equal rows stand together
    friend auto operator<=>(const SortedPurchase&, const SortedPurchase&) = default;
};

class PurchaseSorter {
  public:
    PurchaseSorter(std::size_t memory_bytes, std::filesystem::path folder);

    /// Throws InputError if what is set aside cannot be written.
    void add(const SortedPurchase& purchase);
    /// How often the buffer was full.
    [[nodiscard]] std::size_t runs() const noexcept { return runs_.size(); }
    /// Hands every purchase to `take`, in order. Once.
    void merge(const std::function<void(const SortedPurchase&)>& take);

  private:
    struct CloseFile {
        void operator()(std::FILE* file) const { std::fclose(file); }
    };
    using File = std::unique_ptr<std::FILE, CloseFile>;
    void set_aside();
    [[nodiscard]] File open_unnamed() const;

    std::size_t capacity_;
    std::filesystem::path folder_;
    std::vector<SortedPurchase> buffer_;
    std::vector<File> runs_;
};

}  // namespace clv
