#pragma once
// Purchases in the order of customers and days, whatever their number: what does not fit the buffer is set aside in
// unnamed files, each of which is sorted at the end, when all customers are known, and merged.

#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <functional>
#include <memory>
#include <span>
#include <vector>

namespace clv {

struct SortedPurchase {
    std::uint32_t customer = 0;  ///< a number, and after the sort the customer's rank
    std::int32_t day = 0;        ///< since 1970-01-01
    double revenue = 0.0;
    std::uint64_t row = 0;  ///< hash of the row's text: equal rows stand together
    friend bool operator==(const SortedPurchase&, const SortedPurchase&) = default;
    friend bool operator<(const SortedPurchase& one, const SortedPurchase& other) noexcept {
        const std::uint64_t key = one.key();
        const std::uint64_t other_key = other.key();
        if (key != other_key) {
            return key < other_key;
        }
        return one.revenue != other.revenue ? one.revenue < other.revenue : one.row < other.row;
    }

  private:
    [[nodiscard]] std::uint64_t key() const noexcept {
        return std::uint64_t{customer} << 32 | (static_cast<std::uint32_t>(day) ^ 0x80000000U);
    }
};

class PurchaseSorter {
  public:
    using Take = std::function<void(std::span<const SortedPurchase>)>;

    PurchaseSorter(std::size_t memory_bytes, std::filesystem::path folder, int threads);

    /// Throws InputError if what is set aside cannot be written.
    void add(const SortedPurchase& purchase) {
        if (buffer_.size() == capacity_) {
            set_aside();
        }
        buffer_.push_back(purchase);
    }
    /// How often the buffer was full.
    [[nodiscard]] std::size_t runs() const noexcept { return runs_.size(); }
    /// Hands every purchase to `take`, by the rank of its customer, then by day, revenue and row, in stretches of any
    /// length. Once. `rank` has an entry for every customer number.
    void merge(std::span<const std::uint32_t> rank, const Take& take);

  private:
    struct CloseFile {
        void operator()(std::FILE* file) const { std::fclose(file); }
    };
    using File = std::unique_ptr<std::FILE, CloseFile>;
    void set_aside();
    void write(std::FILE* file) const;
    void sort(std::span<const std::uint32_t> rank);
    void merge_runs(std::span<const std::uint32_t> rank, const Take& take);
    [[nodiscard]] File open_unnamed() const;

    std::size_t capacity_;
    std::filesystem::path folder_;
    int threads_;
    std::vector<SortedPurchase> buffer_;
    std::vector<File> runs_;
};

}  // namespace clv
