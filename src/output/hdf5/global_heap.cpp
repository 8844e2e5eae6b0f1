#include "global_heap.hpp"

#include <algorithm>
#include <string_view>
#include <system_error>

#include "clv/core/progress.hpp"

namespace clv {

namespace {

constexpr std::uint64_t head_bytes = 16;       ///< of a collection, and of an object
constexpr std::uint64_t reference_bytes = 16;  ///< length, address of the collection, index in it

std::uint64_t number_at(const std::vector<unsigned char>& bytes, std::uint64_t offset, int width) {
    std::uint64_t number = 0;
    for (int i = width; i-- > 0;) {
        number = number << 8 | bytes[offset + static_cast<std::uint64_t>(i)];
    }
    return number;
}

}  // namespace

GlobalHeap::GlobalHeap(const std::filesystem::path& file) : file_(file, std::ios::binary) {
    std::error_code error;
    file_bytes_ = std::filesystem::file_size(file, error);
    if (error) {
        file_bytes_ = 0;
    }
}

bool GlobalHeap::read(std::uint64_t offset, std::vector<unsigned char>& bytes) {
    if (offset > file_bytes_ || bytes.size() > file_bytes_ - offset) {
        return false;
    }
    file_.seekg(static_cast<std::streamoff>(offset));
    file_.read(reinterpret_cast<char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
    return file_.good();
}

const GlobalHeap::Sizes* GlobalHeap::collection_at(std::uint64_t address) {
    if (const auto known = collections_.find(address); known != collections_.end()) {
        return &known->second;
    }
    std::vector<unsigned char> bytes(head_bytes);
    if (!read(address, bytes) || std::string_view(reinterpret_cast<const char*>(bytes.data()), 4) != "GCOL" ||
        bytes[4] != 1) {
        return nullptr;
    }
    const std::uint64_t size = number_at(bytes, 8, 8);
    if (size < head_bytes || size > file_bytes_) {
        return nullptr;
    }
    bytes.resize(size);
    if (!read(address, bytes)) {
        return nullptr;
    }
    Sizes sizes;
    for (std::uint64_t at = head_bytes; at + head_bytes <= size;) {
        const auto index = static_cast<std::uint32_t>(number_at(bytes, at, 2));
        const std::uint64_t length = number_at(bytes, at + 8, 8);
        if (index == 0) {  // what is free: the rest
            if (length != size - at) {
                return nullptr;
            }
            break;
        }
        const std::uint64_t room = size - at - head_bytes;
        if (length > room || (length + 7) / 8 * 8 > room || !sizes.emplace(index, length).second) {
            return nullptr;
        }
        at += head_bytes + (length + 7) / 8 * 8;
    }
    return &collections_.emplace(address, std::move(sizes)).first->second;
}

bool GlobalHeap::holds_all(std::uint64_t offset, std::uint64_t count) {
    constexpr std::uint64_t at_once = std::uint64_t{1} << 16;
    if (count > file_bytes_ / reference_bytes) {
        return false;
    }
    std::vector<unsigned char> bytes;
    for (std::uint64_t first = 0; first < count; first += at_once) {
        throw_if_interrupted();
        bytes.resize(std::min(at_once, count - first) * reference_bytes);
        if (!read(offset + first * reference_bytes, bytes)) {
            return false;
        }
        for (std::uint64_t at = 0; at < bytes.size(); at += reference_bytes) {
            const std::uint64_t length = number_at(bytes, at, 4);
            const std::uint64_t address = number_at(bytes, at + 4, 8);
            const auto index = static_cast<std::uint32_t>(number_at(bytes, at + 12, 4));
            if (address == 0 && length == 0) {  // no text
                continue;
            }
            const Sizes* const collection = collection_at(address);
            if (collection == nullptr) {
                return false;
            }
            const auto object = collection->find(index);
            if (object == collection->end() || length > object->second) {
                return false;
            }
        }
    }
    return true;
}

}  // namespace clv
