#include "input_file.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <system_error>

#include "clv/core/errors.hpp"

namespace clv {

namespace {

std::FILE* open_file(const std::filesystem::path& path) {
    std::error_code ignored;
    if (std::filesystem::is_directory(path, ignored)) {
        throw InputError(fmt::format("{}: is a folder: name the CSV file itself", path.string()));
    }
    std::FILE* file = std::fopen(path.c_str(), "rb");
    if (file == nullptr) {
        throw InputError(fmt::format("{}: cannot be opened ({}): check the path and its permissions", path.string(),
                                     std::generic_category().message(errno)));
    }
    std::setvbuf(file, nullptr, _IONBF, 0);
    return file;
}

std::uint64_t size_of(const std::filesystem::path& path) {
    std::error_code unknown;
    const bool regular = std::filesystem::is_regular_file(path, unknown);
    const auto bytes = regular ? std::filesystem::file_size(path, unknown) : 0;
    return unknown ? 0 : bytes;
}

}  // namespace

InputFile::InputFile(const std::filesystem::path& path)
    : name_(path.string()), total_bytes_(size_of(path)), file_(open_file(path)) {}

std::size_t InputFile::read(char* to, std::size_t bytes) {
    const std::size_t got = std::fread(to, 1, bytes, file_.get());
    if (got == 0 && std::ferror(file_.get()) != 0) {
        throw InputError(fmt::format("{}: cannot be read ({}): check the file and its disk", name_,
                                     std::generic_category().message(errno)));
    }
    return got;
}

}  // namespace clv
