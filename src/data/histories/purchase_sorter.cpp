#include "purchase_sorter.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <bit>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <queue>
#include <string>
#include <utility>

#include "clv/core/errors.hpp"
#include "clv/core/parallel.hpp"
#include "clv/core/progress.hpp"

namespace clv {

namespace {

constexpr std::size_t least_capacity = 1'024;
constexpr std::size_t most_reserved = (std::size_t{1} << 30) / sizeof(SortedPurchase);
constexpr std::size_t read_at_once = 4'096;

[[noreturn]] void refuse(const std::filesystem::path& folder) {
    throw InputError(
        fmt::format("purchases that do not fit input.memory_mb cannot be set aside in {} ({}): make room "
                    "there, or give more memory",
                    folder.string(), std::strerror(errno)));
}

/// One run, read a part at a time.
class Run {
  public:
    explicit Run(std::FILE* file) : file_(file) { std::rewind(file_); }
    [[nodiscard]] const SortedPurchase* head() {
        if (at_ == part_.size()) {
            part_.resize(read_at_once);
            part_.resize(std::fread(part_.data(), sizeof(SortedPurchase), part_.size(), file_));
            at_ = 0;
        }
        return part_.empty() ? nullptr : &part_[at_];
    }
    void advance() { ++at_; }

  private:
    std::FILE* file_;
    std::vector<SortedPurchase> part_;
    std::size_t at_ = 0;
};

}  // namespace

PurchaseSorter::PurchaseSorter(std::size_t memory_bytes, std::filesystem::path folder, int threads)
    : capacity_(std::max(least_capacity, memory_bytes / sizeof(SortedPurchase))),
      folder_(folder.empty() ? std::filesystem::temp_directory_path() : std::move(folder)),
      threads_(threads) {
    // Room is only address space until it is used; growing would copy.
    buffer_.reserve(std::min(capacity_, most_reserved));
}

PurchaseSorter::File PurchaseSorter::open_unnamed() const {
    std::string name = (folder_ / "clv-purchases-XXXXXX").string();
    const int descriptor = mkostemp(name.data(), O_CLOEXEC);
    if (descriptor < 0) {
        refuse(folder_);
    }
    unlink(name.c_str());  // it goes with the program, however that ends
    std::FILE* file = fdopen(descriptor, "w+b");
    if (file == nullptr) {
        close(descriptor);
        refuse(folder_);
    }
    return File(file);
}

void PurchaseSorter::write(std::FILE* file) const {
    std::rewind(file);
    if (std::fwrite(buffer_.data(), sizeof(SortedPurchase), buffer_.size(), file) != buffer_.size() ||
        std::fflush(file) != 0) {
        refuse(folder_);
    }
}

void PurchaseSorter::set_aside() {
    throw_if_interrupted();
    runs_.push_back(open_unnamed());
    write(runs_.back().get());
    buffer_.clear();
}

/// Customers get their ranks. Purchases are moved in place to the bucket of their customer (the highest bits of the
/// rank), and buckets are sorted side by side.
void PurchaseSorter::sort(std::span<const std::uint32_t> rank) {
    constexpr int most_bucket_bits = 12;
    const int bits = static_cast<int>(std::bit_width(rank.size()));
    const int shift = std::max(0, bits - most_bucket_bits);
    const std::size_t buckets = (rank.size() >> shift) + 1;
    std::vector<std::size_t> begin(buckets + 1);
    const std::size_t stretches = (buffer_.size() + read_at_once - 1) / read_at_once;
    for_each_block(threads_, stretches, [&](std::size_t /*slot*/, std::size_t stretch) {
        const std::size_t end = std::min(buffer_.size(), (stretch + 1) * read_at_once);
        for (std::size_t i = stretch * read_at_once; i < end; ++i) {
            buffer_[i].customer = rank[buffer_[i].customer];
        }
    });
    for (const SortedPurchase& purchase : buffer_) {
        ++begin[(purchase.customer >> shift) + 1];
    }
    for (std::size_t bucket = 0; bucket < buckets; ++bucket) {
        begin[bucket + 1] += begin[bucket];
    }
    std::vector<std::size_t> next(begin.begin(), begin.end() - 1);
    for (std::size_t bucket = 0; bucket < buckets; ++bucket) {
        while (next[bucket] < begin[bucket + 1]) {
            SortedPurchase& here = buffer_[next[bucket]];
            const std::size_t home = here.customer >> shift;
            if (home == bucket) {
                ++next[bucket];
            } else {
                std::swap(here, buffer_[next[home]++]);
            }
        }
    }
    for_each_block(threads_, buckets, [&](std::size_t /*slot*/, std::size_t bucket) {
        const auto first = buffer_.begin() + static_cast<std::ptrdiff_t>(begin[bucket]);
        const auto last = buffer_.begin() + static_cast<std::ptrdiff_t>(begin[bucket + 1]);
        if (!std::is_sorted(first, last)) {
            std::sort(first, last);
        }
    });
}

void PurchaseSorter::merge(std::span<const std::uint32_t> rank, const Take& take) {
    if (runs_.empty()) {
        sort(rank);
        take(buffer_);
        return;
    }
    set_aside();
    merge_runs(rank, take);
}

void PurchaseSorter::merge_runs(std::span<const std::uint32_t> rank, const Take& take) {
    for (const File& file : runs_) {
        throw_if_interrupted();
        buffer_.resize(capacity_);
        std::rewind(file.get());
        buffer_.resize(std::fread(buffer_.data(), sizeof(SortedPurchase), capacity_, file.get()));
        sort(rank);
        write(file.get());
    }
    buffer_ = {};
    std::vector<Run> runs;
    for (const File& file : runs_) {
        runs.emplace_back(file.get());
    }
    using Head = std::pair<SortedPurchase, std::size_t>;
    std::priority_queue<Head, std::vector<Head>, std::greater<>> heads;
    const auto push = [&](std::size_t run) {
        if (const SortedPurchase* head = runs[run].head()) {
            heads.emplace(*head, run);
            runs[run].advance();
        }
    };
    for (std::size_t run = 0; run < runs.size(); ++run) {
        push(run);
    }
    std::vector<SortedPurchase> merged;
    merged.reserve(read_at_once);
    while (!heads.empty()) {
        const auto [purchase, run] = heads.top();
        heads.pop();
        push(run);
        merged.push_back(purchase);
        if (merged.size() == read_at_once || heads.empty()) {
            throw_if_interrupted();
            take(merged);
            merged.clear();
        }
    }
}

}  // namespace clv
