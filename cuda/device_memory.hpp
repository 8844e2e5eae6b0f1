#pragma once
// Device memory that frees itself, and the check after every CUDA call.

#include <cuda_runtime.h>
#include <fmt/format.h>

#include <cstddef>
#include <utility>
#include <vector>

#include "clv/core/errors.hpp"

namespace clv::cuda {

inline void check(cudaError_t status, const char* what) {
    if (status != cudaSuccess) {
        throw BackendError(fmt::format("CUDA could not {}: {} (run with --backend cpu for the same results)", what,
                                       cudaGetErrorString(status)));
    }
}

/// An array on the device. Moves, never copies: two owners would free it twice.
template <class T>
class DeviceArray {
  public:
    DeviceArray() = default;
    explicit DeviceArray(std::size_t size) : size_(size) {
        if (size > 0) {
            check(cudaMalloc(&data_, size * sizeof(T)), "allocate device memory");
        }
    }
    explicit DeviceArray(const std::vector<T>& host) : DeviceArray(host.size()) { upload(host.data(), host.size()); }
    DeviceArray(const DeviceArray&) = delete;
    DeviceArray& operator=(const DeviceArray&) = delete;
    DeviceArray(DeviceArray&& other) noexcept : data_(other.data_), size_(other.size_) { other.data_ = nullptr; }
    DeviceArray& operator=(DeviceArray&& other) noexcept {
        std::swap(data_, other.data_);
        std::swap(size_, other.size_);
        return *this;
    }
    ~DeviceArray() { cudaFree(data_); }

    void upload(const T* from, std::size_t count) {
        if (count > 0) {
            check(cudaMemcpy(data_, from, count * sizeof(T), cudaMemcpyHostToDevice), "copy to the device");
        }
    }
    void download(T* to, std::size_t offset, std::size_t count) const {
        if (count > 0) {
            check(cudaMemcpy(to, data_ + offset, count * sizeof(T), cudaMemcpyDeviceToHost), "copy from the device");
        }
    }
    void clear() {
        if (size_ > 0) {
            check(cudaMemset(data_, 0, size_ * sizeof(T)), "clear device memory");
        }
    }
    [[nodiscard]] T* data() const noexcept { return data_; }
    [[nodiscard]] std::size_t size() const noexcept { return size_; }

  private:
    T* data_ = nullptr;
    std::size_t size_ = 0;
};

}  // namespace clv::cuda
