#pragma once

#include <memory>
#include <string>
#include <vector>

#include "arrow_column.hpp"
#include "clv/data/tables/memory_table.hpp"

namespace clv::python {

/// A table that came through the Arrow C stream interface: its producer keeps it where it is until this lets it go.
class ArrowTable final : public MemoryTable {
  public:
    /// Takes the stream over and reads it to its end. `name` is for messages. Throws InputError.
    ArrowTable(ArrowArrayStream& stream, const std::string& name);
    ~ArrowTable() override;

    [[nodiscard]] std::size_t rows() const noexcept override { return rows_; }
    [[nodiscard]] const std::vector<std::string>& names() const noexcept override { return names_; }
    [[nodiscard]] bool is_numeric(std::size_t column) const noexcept override { return columns_[column].is_numeric(); }
    [[nodiscard]] NumberCell number(std::size_t column, std::size_t row) const noexcept override {
        return columns_[column].number(row);
    }
    [[nodiscard]] std::string_view text(std::size_t column, std::size_t row, std::string& room) const override {
        return columns_[column].text(row, room);
    }
    [[nodiscard]] std::span<const double> doubles(std::size_t column) const noexcept override {
        return columns_[column].doubles();
    }

  private:
    void read(ArrowArrayStream& stream, const std::string& name);
    void release() noexcept;

    ArrowSchema schema_{};
    std::vector<std::unique_ptr<ArrowArray>> arrays_;  ///< columns point into them
    std::vector<std::string> names_;
    std::vector<ArrowColumn> columns_;
    std::size_t rows_ = 0;
};

}  // namespace clv::python
