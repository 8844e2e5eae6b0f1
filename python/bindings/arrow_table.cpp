#include "arrow_table.hpp"

#include <fmt/format.h>

#include <string_view>
#include <utility>

#include "clv/core/errors.hpp"

namespace clv::python {
namespace {

/// Ends a stream that was taken over.
class StreamOwner {
  public:
    explicit StreamOwner(ArrowArrayStream& stream) : stream_(std::exchange(stream, {})) {}
    ~StreamOwner() {
        if (stream_.release != nullptr) {
            stream_.release(&stream_);
        }
    }
    StreamOwner(const StreamOwner&) = delete;
    StreamOwner& operator=(const StreamOwner&) = delete;

    ArrowArrayStream& get() noexcept { return stream_; }
    void check(int error, const std::string& name) {
        if (error != 0) {
            const char* reason = stream_.get_last_error == nullptr ? nullptr : stream_.get_last_error(&stream_);
            throw InputError(fmt::format("a table cannot be read ({}): {}", name,
                                         reason == nullptr ? "its library does not say why" : reason));
        }
    }

  private:
    ArrowArrayStream stream_;
};

/// pandas hands its index over as columns of such names, where it has no name of its own.
bool is_unnamed_index(std::string_view name) {
    return name.starts_with("__index_level_") && name.ends_with("__");
}

}  // namespace

ArrowTable::ArrowTable(ArrowArrayStream& stream, const std::string& name) {
    try {
        read(stream, name);
    } catch (...) {
        release();
        throw;
    }
}

ArrowTable::~ArrowTable() {
    release();
}

void ArrowTable::release() noexcept {
    for (const auto& array : arrays_) {
        if (array->release != nullptr) {
            array->release(array.get());
        }
    }
    arrays_.clear();
    if (schema_.release != nullptr) {
        schema_.release(&schema_);
    }
}

void ArrowTable::read(ArrowArrayStream& stream, const std::string& name) {
    StreamOwner owner(stream);
    owner.check(owner.get().get_schema(&owner.get(), &schema_), name);
    if (std::string_view(schema_.format) != "+s") {
        throw InputError(fmt::format("not a table ({}): hand over a table with named columns, not one column", name));
    }
    std::vector<std::size_t> children;
    for (std::size_t child = 0; child < static_cast<std::size_t>(schema_.n_children); ++child) {
        const ArrowSchema& column = *schema_.children[child];
        const std::string column_name = column.name == nullptr ? "" : column.name;
        if (!is_unnamed_index(column_name)) {
            children.push_back(child);
            names_.push_back(column_name);
            columns_.emplace_back(column, column_name);
        }
    }
    for (;;) {
        auto array = std::make_unique<ArrowArray>();
        owner.check(owner.get().get_next(&owner.get(), array.get()), name);
        if (array->release == nullptr) {
            break;
        }
        const ArrowArray& batch = *arrays_.emplace_back(std::move(array));
        const auto rows = static_cast<std::size_t>(batch.length);
        for (std::size_t column = 0; column < columns_.size(); ++column) {
            const ArrowArray& child = *batch.children[children[column]];
            columns_[column].append(child, static_cast<std::size_t>(batch.offset + child.offset), rows);
        }
        rows_ += rows;
    }
}

}  // namespace clv::python
