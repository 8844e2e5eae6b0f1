#include "purchase_sorter.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <queue>
#include <string>
#include <utility>

#include "clv/core/errors.hpp"
#include "clv/core/progress.hpp"

namespace clv {

namespace {

constexpr std::size_t least_capacity = 1'024;
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

PurchaseSorter::PurchaseSorter(std::size_t memory_bytes, std::filesystem::path folder)
    : capacity_(std::max(least_capacity, memory_bytes / sizeof(SortedPurchase))),
      folder_(folder.empty() ? std::filesystem::temp_directory_path() : std::move(folder)) {}

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

void PurchaseSorter::add(const SortedPurchase& purchase) {
    if (buffer_.size() == capacity_) {
        set_aside();
    }
    buffer_.push_back(purchase);
}

void PurchaseSorter::set_aside() {
    throw_if_interrupted();
    std::ranges::sort(buffer_);
    File file = open_unnamed();
    if (std::fwrite(buffer_.data(), sizeof(SortedPurchase), buffer_.size(), file.get()) != buffer_.size() ||
        std::fflush(file.get()) != 0) {
        refuse(folder_);
    }
    runs_.push_back(std::move(file));
    buffer_.clear();
}

void PurchaseSorter::merge(const std::function<void(const SortedPurchase&)>& take) {
    if (runs_.empty()) {
        std::ranges::sort(buffer_);
        std::ranges::for_each(buffer_, take);
        return;
    }
    set_aside();
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
    for (std::uint64_t count = 0; !heads.empty(); ++count) {
        if (count % 1'000'000 == 0) {
            throw_if_interrupted();
        }
        const auto [purchase, run] = heads.top();
        heads.pop();
        push(run);
        take(purchase);
    }
}

}  // namespace clv
