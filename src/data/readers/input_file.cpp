#include "input_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <new>
#include <system_error>
#include <utility>

#include "clv/core/errors.hpp"
#include "clv/core/input_text.hpp"

namespace clv {

namespace {

std::FILE* open_file(const std::filesystem::path& path) {
    if (is_in_memory(path.native())) {
        throw InputError(fmt::format(
            "{}: was handed over in memory, where it no longer is: hand the same table over again", path.string()));
    }
    OpenInput input(path);
    std::FILE* file = fdopen(input.descriptor(), "rb");
    if (file == nullptr) {
        throw std::bad_alloc();
    }
    static_cast<void>(input.release());  // the stream closes it
    std::setvbuf(file, nullptr, _IONBF, 0);
    return file;
}

std::uint64_t size_of(const std::filesystem::path& path) {
    std::error_code unknown;
    const auto bytes = std::filesystem::file_size(path, unknown);
    return unknown ? 0 : bytes;
}

}  // namespace

InputFile::InputFile(const std::filesystem::path& path)
    : name_(path.string()), total_bytes_(size_of(path)), file_(open_file(path)) {}

InputFile::InputFile(std::shared_ptr<const MemoryTable> table, std::string name)
    : name_(std::move(name)), total_bytes_(0), table_(std::move(table)) {
    append_csv_header(*table_, text_);
    text_ += '\n';
}

std::size_t InputFile::read_table(char* to, std::size_t bytes) {
    while (text_.size() - text_read_ < bytes && next_row_ < table_->rows()) {
        if (text_read_ > 0) {
            text_.erase(0, std::exchange(text_read_, 0));
        }
        // Rows by the hundred, so that what is left over moves rarely.
        for (const std::size_t end = std::min(next_row_ + 100, table_->rows()); next_row_ < end; ++next_row_) {
            append_csv_row(*table_, next_row_, text_);
            text_ += '\n';
        }
    }
    const std::size_t got = text_.copy(to, bytes, text_read_);
    text_read_ += got;
    return got;
}

std::size_t InputFile::read(char* to, std::size_t bytes) {
    if (table_) {
        return read_table(to, bytes);
    }
    const std::size_t got = std::fread(to, 1, bytes, file_.get());
    if (got == 0 && std::ferror(file_.get()) != 0) {
        throw InputError(fmt::format("{}: cannot be read ({}): check the file and its disk", name_,
                                     std::generic_category().message(errno)));
    }
    return got;
}

}  // namespace clv
