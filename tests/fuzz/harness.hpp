#pragma once
// What every harness shares. A parser may refuse its input, in words of our own; whatever else it throws is a fault.

#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

#include "clv/core/errors.hpp"

namespace clv::fuzz {

inline std::string text_of(const std::uint8_t* data, std::size_t size) {
    return {reinterpret_cast<const char*>(data), size};
}

/// Runs a parser on an input. A library's own words in the message are a fault, unless it quotes them from the input.
template <class Parse>
int refused_or_read(const std::uint8_t* data, std::size_t size, Parse&& parse) {
    constexpr std::string_view foreign = "json.exception";
    try {
        parse();
    } catch (const Error& error) {
        if (error.exit_code() == ExitCode::internal ||
            (std::string_view(error.what()).find(foreign) != std::string_view::npos &&
             text_of(data, size).find(foreign) == std::string::npos)) {
            throw;
        }
    }
    return 0;
}

/// A folder of this process, for parsers that read a file.
inline const std::filesystem::path& folder() {
    static const std::filesystem::path path = [] {
        std::filesystem::path made =
            std::filesystem::temp_directory_path() / ("clv_fuzz_" + std::to_string(::getpid()));
        std::filesystem::create_directories(made);
        std::atexit([] {
            std::error_code ignored;
            std::filesystem::remove_all(folder(), ignored);
        });
        return made;
    }();
    return path;
}

inline std::filesystem::path written(std::string_view name, const std::uint8_t* data, std::size_t size) {
    const std::filesystem::path file = folder() / name;
    std::ofstream stream(file, std::ios::binary | std::ios::trunc);
    stream.write(reinterpret_cast<const char*>(data), static_cast<std::streamsize>(size));
    return file;
}

}  // namespace clv::fuzz
