#include "hdf5_error.hpp"

#include <hdf5.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <string_view>

namespace clv {

namespace {

/// Nothing that asks for memory: the library, which is C, calls keep().
struct Innermost {
    std::array<char, 512> text{};
    bool out_of_memory = false;
};

herr_t keep(unsigned /*depth*/, const H5E_error2_t* error, void* into) {
    auto& innermost = *static_cast<Innermost*>(into);
    innermost.out_of_memory |= error->maj_num == H5E_RESOURCE || error->min_num == H5E_NOSPACE;
    if (error->desc != nullptr) {
        const std::size_t size = std::min(std::strlen(error->desc), innermost.text.size() - 1);
        *std::copy_n(error->desc, size, innermost.text.data()) = '\0';
    }
    return 0;
}

}  // namespace

Hdf5Error last_hdf5_error() {
    const bool system_says_so = errno == ENOMEM;  // the library has no memory for its message either
    Innermost innermost;
    H5Ewalk2(H5E_DEFAULT, H5E_WALK_DOWNWARD, keep, &innermost);
    std::string_view text = innermost.text.data();
    constexpr std::string_view marker = "error message = '";
    if (const std::size_t begin = text.find(marker); begin != std::string_view::npos) {
        text = text.substr(begin + marker.size());
        text = text.substr(0, text.find('\''));
    }
    return {std::string(text.empty() ? "no reason given" : text), system_says_so || innermost.out_of_memory};
}

}  // namespace clv
