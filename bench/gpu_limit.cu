// What one GPU can do at most: sustained single precision instructions of all its lanes a second, from independent
// chains of fused multiply-adds, and the same of integer multiplies and logic. The limit on path-months is the first,
// divided by the instructions that a path-month needs. Prints JSON.

#include <cuda_runtime.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <string>

namespace {

/// Lane slots of a path-month with Philox-10, Box-Muller and 2^x in polynomials; an action adds two.
constexpr double slots_per_path_month = 47.0;
constexpr double slots_per_action = 2.0;

constexpr int rounds = 4096;
constexpr int chains = 8;
constexpr int threads = 256;

void check(cudaError_t status) {
    if (status != cudaSuccess) {
        std::fprintf(stderr, "clv_gpu_limit: %s\n", cudaGetErrorString(status));
        std::exit(1);
    }
}

__global__ void fused_multiply_adds(float* out) {
    float x[chains];
    for (int i = 0; i < chains; ++i) {
        x[i] = static_cast<float>(threadIdx.x + i);
    }
#pragma unroll 16
    for (int round = 0; round < rounds; ++round) {
#pragma unroll
        for (float& each : x) {
            asm volatile("fma.rn.f32 %0, %0, %1, %2;" : "+f"(each) : "f"(0.5F), "f"(1.0F));
        }
    }
    float sum = 0.0F;
    for (const float each : x) {
        sum += each;
    }
    out[blockIdx.x * threads + threadIdx.x] = sum;
}

__global__ void wide_multiplies(float* out) {
    unsigned x[chains];
    for (int i = 0; i < chains; ++i) {
        x[i] = threadIdx.x + i + 1U;
    }
#pragma unroll 16
    for (int round = 0; round < rounds; ++round) {
#pragma unroll
        for (unsigned& each : x) {
            asm volatile("mul.hi.u32 %0, %0, %1;" : "+r"(each) : "r"(0xD2511F53U));
        }
    }
    unsigned sum = 0;
    for (const unsigned each : x) {
        sum += each;
    }
    out[blockIdx.x * threads + threadIdx.x] = static_cast<float>(sum);
}

__global__ void logic(float* out) {
    unsigned x[chains];
    for (int i = 0; i < chains; ++i) {
        x[i] = threadIdx.x + i + 1U;
    }
#pragma unroll 16
    for (int round = 0; round < rounds; ++round) {
#pragma unroll
        for (unsigned& each : x) {
            asm volatile("lop3.b32 %0, %0, %1, %2, 0x96;" : "+r"(each) : "r"(threadIdx.x), "r"(blockIdx.x));
        }
    }
    unsigned sum = 0;
    for (const unsigned each : x) {
        sum += each;
    }
    out[blockIdx.x * threads + threadIdx.x] = static_cast<float>(sum);
}

/// Instructions of single lanes a second, the best of several.
double rate(void (*kernel)(float*), int blocks, float* out) {
    cudaEvent_t start;
    cudaEvent_t stop;
    check(cudaEventCreate(&start));
    check(cudaEventCreate(&stop));
    float best_ms = 1e9F;
    for (int repeat = 0; repeat < 20; ++repeat) {
        check(cudaEventRecord(start));
        kernel<<<blocks, threads>>>(out);
        check(cudaEventRecord(stop));
        check(cudaEventSynchronize(stop));
        float milliseconds = 0.0F;
        check(cudaEventElapsedTime(&milliseconds, start, stop));
        best_ms = std::min(best_ms, milliseconds);
    }
    return 1e3 * rounds * chains * static_cast<double>(blocks) * threads / static_cast<double>(best_ms);
}

}  // namespace

int main() {
    int device = 0;
    cudaDeviceProp properties{};
    check(cudaGetDevice(&device));
    check(cudaGetDeviceProperties(&properties, device));
    int clock_khz = 0;
    check(cudaDeviceGetAttribute(&clock_khz, cudaDevAttrClockRate, device));
    const int blocks = properties.multiProcessorCount * 64;
    float* out = nullptr;
    check(cudaMalloc(&out, sizeof(float) * static_cast<std::size_t>(blocks) * threads));
    const double fused = rate(fused_multiply_adds, blocks, out);
    const nlohmann::json report{{"instruction_set", properties.name},
                                {"lanes", properties.multiProcessorCount * 128},
                                {"clock_hz", 1e3 * clock_khz},
                                {"instructions_per_second",
                                 {{"fused multiply-add", fused},
                                  {"wide multiply", rate(wide_multiplies, blocks, out)},
                                  {"logic", rate(logic, blocks, out)}}},
                                {"slots", slots_per_path_month},
                                {"slots_per_action", slots_per_action},
                                {"limit", fused / slots_per_path_month}};
    std::printf("%s\n", report.dump().c_str());
    return 0;
}
