#pragma once
// One number per customer. A column that nobody gave holds the same number for everybody, and must not cost eight
// bytes a customer: assign() keeps the number once, until a single entry is written. Numbers that somebody else holds
// in memory stay where they are: borrow().

#include <cstddef>
#include <initializer_list>
#include <memory>
#include <span>
#include <utility>
#include <vector>

namespace clv {

class Column {
  public:
    Column() = default;
    Column(std::initializer_list<double> values) : values_(values), size_(values.size()) {}

    [[nodiscard]] std::size_t size() const noexcept { return size_; }
    [[nodiscard]] bool empty() const noexcept { return size_ == 0; }
    [[nodiscard]] double operator[](std::size_t index) const noexcept {
        return (borrowed_ == nullptr ? values_.data() : borrowed_)[index & mask_];
    }
    /// To write one entry: gives every entry its own place, in this column.
    [[nodiscard]] double& operator[](std::size_t index) {
        spread();
        return values_[index];
    }
    void push_back(double value) {
        spread();
        values_.push_back(value);
        ++size_;
    }
    /// `size` entries of one value.
    void assign(std::size_t size, double value) {
        release();
        values_ = std::vector<double>(size == 0 ? 0 : 1, value);
        size_ = size;
        mask_ = 0;
    }
    void reserve(std::size_t size) { values_.reserve(size); }
    /// The entries that stand in `values`, which `owner` keeps there, unchanged, as long as the column needs them.
    void borrow(std::span<const double> values, std::shared_ptr<const void> owner) {
        values_ = {};
        borrowed_ = values.data();
        owner_ = std::move(owner);
        size_ = values.size();
        mask_ = every_index;
    }
    [[nodiscard]] bool is_borrowed() const noexcept { return borrowed_ != nullptr; }

    friend bool operator==(const Column& a, const Column& b) {
        bool equal = a.size_ == b.size_;
        for (std::size_t i = 0; equal && i < a.size_; ++i) {
            equal = a[i] == b[i];
        }
        return equal;
    }

  private:
    static constexpr std::size_t every_index = ~std::size_t{0};

    void release() {
        borrowed_ = nullptr;
        owner_.reset();
    }

    void spread() {
        if (borrowed_ != nullptr) {
            values_.assign(borrowed_, borrowed_ + size_);
            release();
        }
        if (mask_ == 0) {
            if (size_ != 0) {
                values_.resize(size_, values_.front());
            }
            mask_ = every_index;
        }
    }

    std::vector<double> values_;
    const double* borrowed_ = nullptr;
    std::shared_ptr<const void> owner_;  ///< of what is borrowed
    std::size_t size_ = 0;
    std::size_t mask_ = every_index;  ///< 0 where all entries are values_[0]
};

}  // namespace clv
