// What one core can do at most: sustained vector operations a second, by kind, from independent chains of one
// instruction each that keep every pipe busy. The limit on path-months is the most vector instructions of any kind,
// divided by those that a month of a path needs: as if every pipe could take every instruction. Prints JSON.

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <iostream>
#include <nlohmann/json.hpp>

namespace {

/// Vector instructions of a path-month of 16 lanes, counted on a Zen 4 core: 1.8e9 path-months a second at 3.66 GHz
/// and two 512-bit instructions a cycle, 3.66e9 x 2 x 16 / 1.8e9.
constexpr double slots_per_vector_month = 65.1;

constexpr std::int64_t rounds = 2'000'000;
constexpr int chains = 12;
constexpr int repeats = 7;

struct Rates {
    const char* instruction_set;
    int lanes;  ///< of 32 bits
    double fused_multiply_add;
    double wide_multiply;  ///< 32 x 32 -> 64 bits, half as many products as lanes
    double shift;
    double logic;
};

/// Instructions a second of `loop`, which runs `instructions` of them: the best of several.
template <class Loop>
double rate(Loop loop, double instructions) {
    double best_s = 1e9;
    for (int repeat = 0; repeat < repeats; ++repeat) {
        const auto start = std::chrono::steady_clock::now();
        loop();
        best_s = std::min(best_s, std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
    }
    return instructions / best_s;
}

#if defined(__x86_64__)

// One asm statement per loop: nothing that a compiler could merge, hoist or drop. The registers start at zero, where
// every instruction takes its usual time.
#define CLV_EACH_CHAIN(one) \
    one("0") one("1") one("2") one("3") one("4") one("5") one("6") one("7") one("8") one("9") one("10") one("11")
#define CLV_ZERO(i) "vpxor %%xmm" i ", %%xmm" i ", %%xmm" i "\n"
#define CLV_LOOP(one)                                                                                             \
    std::int64_t left = rounds;                                                                                   \
    asm volatile(CLV_EACH_CHAIN(CLV_ZERO) "1:\n" CLV_EACH_CHAIN(one) "dec %[left]\n jnz 1b\n"                     \
                 : [left] "+r"(left)                                                                              \
                 :                                                                                                \
                 : "cc", "xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7", "xmm8", "xmm9", "xmm10", \
                   "xmm11")

#define CLV_FMA_512(i) "vfmadd231ps %%zmm" i ", %%zmm" i ", %%zmm" i "\n"
#define CLV_MULTIPLY_512(i) "vpmuludq %%zmm" i ", %%zmm" i ", %%zmm" i "\n"
#define CLV_SHIFT_512(i) "vpslld $1, %%zmm" i ", %%zmm" i "\n"
#define CLV_LOGIC_512(i) "vpternlogd $0x96, %%zmm" i ", %%zmm" i ", %%zmm" i "\n"
#define CLV_FMA_256(i) "vfmadd231ps %%ymm" i ", %%ymm" i ", %%ymm" i "\n"
#define CLV_MULTIPLY_256(i) "vpmuludq %%ymm" i ", %%ymm" i ", %%ymm" i "\n"
#define CLV_SHIFT_256(i) "vpslld $1, %%ymm" i ", %%ymm" i "\n"
#define CLV_LOGIC_256(i) "vpand %%ymm" i ", %%ymm" i ", %%ymm" i "\n"

constexpr double instructions = static_cast<double>(rounds) * chains;

__attribute__((target("avx512f"))) Rates with_avx512() {
    return {"avx512",
            16,
            rate([] { CLV_LOOP(CLV_FMA_512); }, instructions),
            rate([] { CLV_LOOP(CLV_MULTIPLY_512); }, instructions),
            rate([] { CLV_LOOP(CLV_SHIFT_512); }, instructions),
            rate([] { CLV_LOOP(CLV_LOGIC_512); }, instructions)};
}

__attribute__((target("avx2,fma"))) Rates with_avx2() {
    return {"avx2",
            8,
            rate([] { CLV_LOOP(CLV_FMA_256); }, instructions),
            rate([] { CLV_LOOP(CLV_MULTIPLY_256); }, instructions),
            rate([] { CLV_LOOP(CLV_SHIFT_256); }, instructions),
            rate([] { CLV_LOOP(CLV_LOGIC_256); }, instructions)};
}

/// Additions that wait for each other take a cycle each.
double clock_hz() {
    return rate(
        [] {
            std::int64_t left = rounds;
            std::int64_t sum = 0;
            asm volatile(
                "1:\n add %[left], %[sum]\n add %[left], %[sum]\n add %[left], %[sum]\n"
                "add %[left], %[sum]\n dec %[left]\n jnz 1b\n"
                : [left] "+r"(left), [sum] "+r"(sum)
                :
                : "cc");
        },
        4.0 * static_cast<double>(rounds));
}

int print() {
    __builtin_cpu_init();
    const bool has_avx512 = __builtin_cpu_supports("avx512f") != 0;
    if (!has_avx512 && !(__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))) {
        std::cout << nlohmann::json{{"limit", nullptr}, {"reason", "neither AVX-512 nor AVX2 here"}} << '\n';
        return 0;
    }
    const Rates rates = has_avx512 ? with_avx512() : with_avx2();
    const double most = std::max({rates.fused_multiply_add, rates.wide_multiply, rates.shift, rates.logic});
    std::cout << nlohmann::json{{"instruction_set", rates.instruction_set},
                                {"lanes", rates.lanes},
                                {"clock_hz", clock_hz()},
                                {"instructions_per_second",
                                 {{"fused multiply-add", rates.fused_multiply_add},
                                  {"wide multiply", rates.wide_multiply},
                                  {"shift", rates.shift},
                                  {"logic", rates.logic}}},
                                {"slots", slots_per_vector_month},
                                {"limit", most * rates.lanes / slots_per_vector_month}}
              << '\n';
    return 0;
}

#else

int print() {
    std::cout << nlohmann::json{{"limit", nullptr}, {"reason", "measured on x86-64 only"}} << '\n';
    return 0;
}

#endif

}  // namespace

int main() {
    return print();
}
