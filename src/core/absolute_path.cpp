#include "clv/core/absolute_path.hpp"

#include <fmt/format.h>

#include <system_error>

#include "clv/core/errors.hpp"

namespace clv {

std::filesystem::path absolute_path(const std::filesystem::path& path) {
    std::error_code error;
    const std::filesystem::path whole = std::filesystem::absolute(path.empty() ? "." : path, error);
    if (error) {
        throw ConfigError(fmt::format(
            "{} is named as seen from the working directory, which cannot be found ({}): go to a folder that is there, "
            "or give the whole path",
            path.empty() ? "." : path.string(), error.message()));
    }
    return whole.lexically_normal();
}

}  // namespace clv
