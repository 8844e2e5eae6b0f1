#include "packed_bytes.hpp"

#include <zlib.h>

#include <algorithm>

#include "clv/core/errors.hpp"

namespace clv {

namespace {

const Bytef* as_zlib(std::string_view bytes) {
    return reinterpret_cast<const Bytef*>(bytes.data());
}

}  // namespace

std::string packed(std::string_view bytes) {
    uLongf size = compressBound(static_cast<uLong>(bytes.size()));
    std::string text(size, '\0');
    if (compress(reinterpret_cast<Bytef*>(text.data()), &size, as_zlib(bytes), static_cast<uLong>(bytes.size())) !=
        Z_OK) {
        throw MemoryError("out of memory while a model was packed: learn with fewer rounds or threads");
    }
    text.resize(size);
    return text;
}

std::optional<std::string> unpacked(std::string_view bytes) {
    constexpr std::size_t usual_ratio = 8;
    for (std::size_t room = usual_ratio * bytes.size() + 64;; room *= 2) {
        std::string text(std::min(room, most_packed_bytes), '\0');
        uLongf size = text.size();
        uLong taken = bytes.size();
        const int status = uncompress2(reinterpret_cast<Bytef*>(text.data()), &size, as_zlib(bytes), &taken);
        if (status == Z_OK && taken == bytes.size()) {
            text.resize(size);
            return text;
        }
        if (status != Z_BUF_ERROR || size < text.size() || text.size() == most_packed_bytes) {
            return std::nullopt;
        }
    }
}

}  // namespace clv
