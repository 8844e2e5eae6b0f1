#include "silent_errors.hpp"

#include <cerrno>
#include <string_view>
#include <utility>

#include "clv/core/out_of_memory.hpp"

namespace clv {

SilentErrors::SilentErrors() : errors_(stderr) {
    // takes what is written to it, needs no descriptor and no buffer, and leaves errno as it is
    cookie_io_functions_t take = {};
    take.write = [](void* /*cookie*/, const char* text, std::size_t size) {
        // libxlsxwriter, also of a file that cannot be opened
        const bool is_memory = errno != EMFILE && errno != ENFILE;
        if (is_memory && std::string_view(text, size).find("Memory allocation failed") != std::string_view::npos) {
            note_library_without_memory();
        }
        return static_cast<ssize_t>(size);
    };
    if (std::FILE* nowhere = ::fopencookie(nullptr, "w", take); nowhere != nullptr) {
        std::setvbuf(nowhere, nullptr, _IONBF, 0);
        stderr = nowhere;
    }
}

SilentErrors::~SilentErrors() {
    if (stderr != errors_) {
        std::fclose(std::exchange(stderr, errors_));
    }
}

}  // namespace clv
