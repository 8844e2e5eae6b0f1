#include "clv/output/file_digest.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <openssl/evp.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <memory>
#include <new>
#include <span>
#include <stdexcept>
#include <system_error>
#include <vector>

#include "clv/core/errors.hpp"
#include "clv/core/input_text.hpp"
#include "clv/core/progress.hpp"

namespace clv {

namespace {

struct ContextDeleter {
    void operator()(EVP_MD_CTX* context) const noexcept { EVP_MD_CTX_free(context); }
};

[[noreturn]] void throw_read_error(const std::filesystem::path& path) {
    throw InputError(fmt::format("cannot read a file ({}: {}): check the path and its permissions", path.string(),
                                 std::generic_category().message(errno)));
}

void require(int openssl_status) {
    if (openssl_status != 1) {
        throw std::bad_alloc();  // SHA-256 needs nothing else
    }
}

}  // namespace

FileDigest digest_file(const std::filesystem::path& path) {
    const OpenInput file(path);
    const std::unique_ptr<EVP_MD_CTX, ContextDeleter> context(EVP_MD_CTX_new());
    if (!context) {
        throw std::bad_alloc();
    }
    require(EVP_DigestInit_ex(context.get(), EVP_sha256(), nullptr));

    FileDigest digest;
    std::vector<char> buffer(std::size_t{1} << 20);
    while (true) {
        const ssize_t count = ::read(file.descriptor(), buffer.data(), buffer.size());
        if (count < 0 && errno == EINTR) {
            throw_if_interrupted();
            continue;
        }
        if (count < 0) {
            throw_read_error(path);
        }
        if (count == 0) {
            break;
        }
        throw_if_interrupted();
        require(EVP_DigestUpdate(context.get(), buffer.data(), static_cast<std::size_t>(count)));
        digest.bytes += static_cast<std::uint64_t>(count);
    }

    std::array<unsigned char, EVP_MAX_MD_SIZE> hash;
    unsigned int length = 0;
    require(EVP_DigestFinal_ex(context.get(), hash.data(), &length));
    for (const unsigned char byte : std::span(hash).first(length)) {
        digest.sha256 += fmt::format("{:02x}", byte);
    }
    return digest;
}

bool matches(const std::filesystem::path& path, const FileDigest& expected) {
    std::error_code error;
    return std::filesystem::is_regular_file(path, error) && std::filesystem::file_size(path, error) == expected.bytes &&
           !error && digest_file(path) == expected;
}

}  // namespace clv
