#include "clv/core/sha256.hpp"

#include <fmt/format.h>
#include <openssl/evp.h>

#include <array>
#include <new>
#include <span>

namespace clv {

std::string sha256_hex(std::string_view text) {
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned int size = 0;
    if (EVP_Digest(text.data(), text.size(), digest.data(), &size, EVP_sha256(), nullptr) != 1) {
        throw std::bad_alloc();  // it needs nothing else
    }
    std::string hex;
    for (const unsigned char byte : std::span(digest).first(size)) {
        hex += fmt::format("{:02x}", byte);
    }
    return hex;
}

}  // namespace clv
