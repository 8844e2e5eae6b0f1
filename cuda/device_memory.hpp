#pragma once
// Arrays and streams of the CUDA runtime that free themselves, and the check after every call.

#include <cuda_runtime.h>
#include <fmt/format.h>

#include <cstddef>
#include <utility>
#include <vector>

#include "clv/core/errors.hpp"
#include "memory_pool.hpp"

namespace clv::cuda {

inline void check(cudaError_t status, const char* what) {
    if (status != cudaSuccess) {
        throw BackendError(fmt::format("CUDA could not {}: {} (run with --backend cpu for the same results)", what,
                                       cudaGetErrorString(status)));
    }
}

/// An array of the current device, or of host memory that devices copy from and to on their own, from the pool. Moves,
/// never copies: two owners would leave it twice.
template <class T, Place place>
class Array {
  public:
    Array() = default;
    explicit Array(std::size_t size) : size_(size) {
        if (size > 0) {
            block_ = take_memory(place, size * sizeof(T));
        }
    }
    Array(const Array&) = delete;
    Array& operator=(const Array&) = delete;
    Array(Array&& other) noexcept : block_(std::exchange(other.block_, {})), size_(std::exchange(other.size_, 0)) {}
    Array& operator=(Array&& other) noexcept {
        std::swap(block_, other.block_);
        std::swap(size_, other.size_);
        return *this;
    }
    ~Array() {
        if (block_.data != nullptr) {
            leave_memory(place, block_);
        }
    }

    [[nodiscard]] T* data() const noexcept { return static_cast<T*>(block_.data); }
    [[nodiscard]] std::size_t size() const noexcept { return size_; }

  private:
    MemoryBlock block_;
    std::size_t size_ = 0;
};

template <class T>
using DeviceArray = Array<T, Place::device>;
template <class T>
using PinnedArray = Array<T, Place::pinned_host>;

/// A copy of `host` on the current device.
template <class T>
[[nodiscard]] DeviceArray<T> on_device(const std::vector<T>& host) {
    DeviceArray<T> array(host.size());
    if (!host.empty()) {
        check(cudaMemcpy(array.data(), host.data(), host.size() * sizeof(T), cudaMemcpyHostToDevice),
              "copy to the device");
    }
    return array;
}

/// `size` zeros on the current device.
template <class T>
[[nodiscard]] DeviceArray<T> zeros_on_device(std::size_t size) {
    DeviceArray<T> array(size);
    if (size > 0) {
        check(cudaMemset(array.data(), 0, size * sizeof(T)), "clear device memory");
    }
    return array;
}

template <class T>
[[nodiscard]] std::vector<T> on_host(const DeviceArray<T>& array) {
    std::vector<T> host(array.size());
    if (!host.empty()) {
        check(cudaMemcpy(host.data(), array.data(), host.size() * sizeof(T), cudaMemcpyDeviceToHost),
              "copy from the device");
    }
    return host;
}

/// A stream of the device that is current when it is made. It is empty before it goes: nothing then works on memory
/// that is about to be freed.
class Stream {
  public:
    Stream() { check(cudaStreamCreateWithFlags(&stream_, cudaStreamNonBlocking), "create a stream"); }
    Stream(const Stream&) = delete;
    Stream& operator=(const Stream&) = delete;
    ~Stream() {
        cudaStreamSynchronize(stream_);
        cudaStreamDestroy(stream_);
    }
    [[nodiscard]] cudaStream_t get() const noexcept { return stream_; }
    void wait() const { check(cudaStreamSynchronize(stream_), "simulate a batch of customers"); }

  private:
    cudaStream_t stream_ = nullptr;
};

}  // namespace clv::cuda
