// The float polynomials of the draws at every one of their arguments, against double precision: exits with 1 if an
// error is beyond the bound that the headers of clv/random state, and prints the largest ones.

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <numbers>
#include <stdexcept>
#include <string>
#include <vector>

#include "clv/core/instruction_clones.hpp"
#include "clv/core/parallel.hpp"
#include "clv/random/inverse_normal.hpp"
#include "draw_blocks.hpp"
#include "instruction_sets.hpp"
#include "reference_series.hpp"

namespace {

using clv::bench::draw_block;
using clv::bench::DrawBlocks;
using clv::bench::ReferenceSeries;

using Doubles = std::array<double, draw_block>;

/// Of one thread.
struct Buffers {
    alignas(64) std::array<float, draw_block> draw;
    alignas(64) std::array<float, draw_block> other;
    alignas(64) Doubles at;
    alignas(64) Doubles exact;
    alignas(64) Doubles second_exact;
    alignas(64) Doubles error;
};

struct Worst {
    double error = 0.0;
    std::uint32_t argument = 0;
};

// The loops over a block stand apart so that each can be compiled for wider vectors.

CLV_CLONES void follow(const ReferenceSeries& series, const double* at, double* exact) {
    for (std::uint32_t i = 0; i < draw_block; ++i) {
        exact[i] = series(at[i]);
    }
}

CLV_CLONES void middles(std::uint32_t first, double* at) {
    for (std::uint32_t i = 0; i < draw_block; ++i) {
        at[i] = static_cast<double>(first + i) + 0.5;
    }
}

/// What the law makes of a word plus a half.
CLV_CLONES void float_middles(std::uint32_t first, double* at) {
    for (std::uint32_t i = 0; i < draw_block; ++i) {
        at[i] = static_cast<double>(static_cast<float>(first + i) + 0.5F);
    }
}

CLV_CLONES void floats_of(std::uint32_t first_bits, double* at) {
    for (std::uint32_t i = 0; i < draw_block; ++i) {
        at[i] = static_cast<double>(std::bit_cast<float>(first_bits + i));
    }
}

CLV_CLONES void root(double* square) {
    for (std::uint32_t i = 0; i < draw_block; ++i) {
        square[i] = __builtin_sqrt(square[i] > 0.0 ? square[i] : 0.0);
    }
}

CLV_CLONES void absolute_errors(const float* draw, const double* exact, double* error) {
    for (std::uint32_t i = 0; i < draw_block; ++i) {
        error[i] = std::abs(static_cast<double>(draw[i]) - exact[i]);
    }
}

/// An error where the exact value is 0 counts as infinite.
CLV_CLONES void relative_errors(const float* draw, const double* exact, double* error) {
    for (std::uint32_t i = 0; i < draw_block; ++i) {
        const double size = std::abs(exact[i]);
        error[i] = std::abs(static_cast<double>(draw[i]) - exact[i]) / (size > 1e-300 ? size : 1e-300);
    }
}

/// In units in the last place of a float of the exact value's size.
CLV_CLONES void ulp_errors(const float* draw, const double* exact, double* error) {
    constexpr std::uint64_t exponent_bits = 0x7ff0000000000000ULL;
    for (std::uint32_t i = 0; i < draw_block; ++i) {
        const double power = std::bit_cast<double>(std::bit_cast<std::uint64_t>(exact[i]) & exponent_bits);
        error[i] = std::abs(static_cast<double>(draw[i]) - exact[i]) / power * 0x1p23;
    }
}

/// Absolute within one standard deviation, relative beyond.
CLV_CLONES void normal_errors(const float* draw, const double* exact, double* error) {
    for (std::uint32_t i = 0; i < draw_block; ++i) {
        const double size = std::abs(exact[i]);
        error[i] = std::abs(static_cast<double>(draw[i]) - exact[i]) / (size > 1.0 ? size : 1.0);
    }
}

/// Raises `error` to that of a second coordinate.
CLV_CLONES void larger_errors(const float* draw, const double* exact, double* error) {
    for (std::uint32_t i = 0; i < draw_block; ++i) {
        const double here = std::abs(static_cast<double>(draw[i]) - exact[i]);
        error[i] = here > error[i] ? here : error[i];
    }
}

CLV_CLONES double largest(const double* error, std::uint32_t count) {
    constexpr std::uint32_t side_by_side = 32;
    double largest[side_by_side] = {};
    std::uint32_t i = 0;
    for (; i + side_by_side <= count; i += side_by_side) {
        for (std::uint32_t lane = 0; lane < side_by_side; ++lane) {
            // NaN must not pass for a small error
            largest[lane] = error[i + lane] <= largest[lane] ? largest[lane] : error[i + lane];
        }
    }
    for (; i < count; ++i) {
        largest[0] = error[i] <= largest[0] ? largest[0] : error[i];
    }
    for (const double each : largest) {
        largest[0] = each <= largest[0] ? largest[0] : each;
    }
    return largest[0];
}

void see(const Doubles& error, std::uint32_t first, std::uint32_t count, Worst& worst) {
    const double here = largest(error.data(), count);
    if (here <= worst.error) {
        return;
    }
    const auto at = std::find_if(error.begin(), error.begin() + count,
                                 [&](double each) { return each == here || std::isnan(each); });
    worst = {std::isnan(*at) ? HUGE_VAL : here, first + static_cast<std::uint32_t>(at - error.begin())};
}

/// exact(at) of a whole block, by a series, or one by one where `direct` says that the function bends too much.
template <class Exact>
void fill_exact(const Doubles& at, double low, double high, bool direct, Exact exact, Doubles& values) {
    if (direct) {
        std::transform(at.begin(), at.end(), values.begin(), exact);
        return;
    }
    const ReferenceSeries series(low, high, exact);
    follow(series, at.data(), values.data());
    const double sure = exact(at.front());
    if (!(std::abs(values.front() - sure) <= 1e-9 * std::abs(sure))) {
        throw std::logic_error(fmt::format("the reference misses its function at {}", at.front()));
    }
}

/// Words this close to an end at which a logarithm diverges are computed one by one.
constexpr std::uint32_t near_end = 64 * draw_block;

void check_exponential(const DrawBlocks& draws, std::uint32_t first, std::uint32_t count, Buffers& b, Worst* worst) {
    draws.exponential(first, b.draw.data());
    middles(first, b.at.data());
    const auto exact = [](double at) { return -std::log1p(-at * 0x1p-32); };
    fill_exact(b.at, b.at.front(), b.at.back(), first >= 0U - near_end, exact, b.exact);
    ulp_errors(b.draw.data(), b.exact.data(), b.error.data());
    see(b.error, first, count, worst[0]);
}

void check_exp2(const DrawBlocks& draws, std::uint32_t first, std::uint32_t count, Buffers& b, Worst* worst) {
    draws.exp2(first, b.draw.data());
    floats_of(first, b.at.data());
    const auto exact = [](double at) { return std::exp2(at); };
    fill_exact(b.at, std::min(b.at.front(), b.at.back()), std::max(b.at.front(), b.at.back()), false, exact, b.exact);
    relative_errors(b.draw.data(), b.exact.data(), b.error.data());
    see(b.error, first, count, worst[0]);
}

/// worst[0]: relative, for the float that stands for the word; worst[1]: absolute, for the word itself.
void check_radius(const DrawBlocks& draws, std::uint32_t first, std::uint32_t count, Buffers& b, Worst* worst) {
    const auto exact = [](double at) {  // its square
        return -2.0 * (at > 0x1p31 ? std::log1p((at - 0x1p32) * 0x1p-32) : std::log(at * 0x1p-32));
    };
    const bool direct = first < near_end;
    draws.radius(first, b.draw.data());
    float_middles(first, b.at.data());
    fill_exact(b.at, b.at.front(), b.at.back(), direct, exact, b.exact);
    root(b.exact.data());
    relative_errors(b.draw.data(), b.exact.data(), b.error.data());
    see(b.error, first, count, worst[0]);
    middles(first, b.at.data());
    fill_exact(b.at, b.at.front(), b.at.back(), direct, exact, b.exact);
    root(b.exact.data());
    absolute_errors(b.draw.data(), b.exact.data(), b.error.data());
    see(b.error, first, count, worst[1]);
}

/// `first` has the 23 bits of the angle, and above them the two that reflect it.
void check_angle(const DrawBlocks& draws, std::uint32_t first, std::uint32_t count, Buffers& b, Worst* worst) {
    constexpr std::uint32_t radius_word = 12'345;
    static const double radius = std::sqrt(-2.0 * std::log((radius_word + 0.5) * 0x1p-32));
    const std::uint32_t t = first & 0x7fffffU;
    const std::uint32_t reflection = first >> 23;
    const double sign = (reflection & 2U) != 0 ? -1.0 : 1.0;
    const bool swapped = (reflection & 1U) != 0;
    const std::uint32_t word = reflection << 30 | t;
    draws.angle(radius_word, word, b.draw.data(), b.other.data());
    middles(t, b.at.data());
    const auto angle = [](double at) { return std::numbers::pi / 4.0 * ((at - 0.5) * 0x1p-22 - 1.0); };
    const auto cosine = [&](double at) { return sign * std::cos(angle(at)); };
    const auto sine = [&](double at) { return sign * std::sin(angle(at)); };
    fill_exact(b.at, b.at.front(), b.at.back(), false, cosine, swapped ? b.second_exact : b.exact);
    // a series near 0 is exact to double's absolute error, which is what counts here
    const ReferenceSeries sines(b.at.front(), b.at.back(), sine);
    follow(sines, b.at.data(), swapped ? b.exact.data() : b.second_exact.data());
    for (Doubles* exact : {&b.exact, &b.second_exact}) {
        std::transform(exact->begin(), exact->end(), exact->begin(), [](double unit) { return unit * radius; });
    }
    absolute_errors(b.draw.data(), b.exact.data(), b.error.data());
    larger_errors(b.other.data(), b.second_exact.data(), b.error.data());
    std::transform(b.error.begin(), b.error.end(), b.error.begin(), [](double error) { return error / radius; });
    see(b.error, word, count, worst[0]);
}

/// Quantile of 1 - tail for tail = `at` / 2^32 up to a half, by Halley's iteration from the float's.
double exact_quantile(double at) {
    const double tail = at * 0x1p-32;
    auto z = static_cast<double>(clv::inverse_normal<float>(~static_cast<std::uint32_t>(at)));
    for (int step = 0; step < 2; ++step) {
        const double beyond = z < 1.0 ? 0.5 - 0.5 * std::erf(z / std::numbers::sqrt2) - tail
                                      : 0.5 * std::erfc(z / std::numbers::sqrt2) - tail;
        const double newton = beyond * std::sqrt(2.0 * std::numbers::pi) * std::exp(0.5 * z * z);
        z += newton / (1.0 - 0.5 * z * newton);
    }
    return z;
}

/// worst[0]: of the words 2^31 + `first` .., absolute and relative; worst[1]: how many of their complements differ in
/// more than the sign.
void check_quantile(const DrawBlocks& draws, std::uint32_t first, std::uint32_t count, Buffers& b, Worst* worst) {
    const std::uint32_t word = 0x80000000U + first;
    draws.inverse_normal(word, b.draw.data());
    draws.inverse_normal(~(word + (draw_block - 1)), b.other.data());
    std::uint32_t unlike = 0;
    for (std::uint32_t i = 0; i < count; ++i) {
        const auto mirrored = std::bit_cast<std::uint32_t>(b.other[draw_block - 1 - i]);
        unlike += std::bit_cast<std::uint32_t>(b.draw[i]) == (mirrored ^ 0x80000000U) ? 0 : 1;
    }
    worst[1] = {worst[1].error + unlike, unlike > 0 ? word : worst[1].argument};

    middles(~(word + (draw_block - 1)), b.at.data());  // of the tail, rising
    std::reverse(b.draw.begin(), b.draw.end());
    fill_exact(b.at, b.at.front(), b.at.back(), b.at.front() < near_end, exact_quantile, b.exact);
    normal_errors(b.draw.data(), b.exact.data(), b.error.data());
    see(b.error, ~(word + (draw_block - 1)), count, worst[0]);
}

struct Check {
    std::string name;
    std::vector<std::string> measures;
    std::vector<double> bounds;  ///< of every measure; what the headers of clv/random state
    std::uint32_t first;
    std::uint64_t arguments;
    void (*run)(const DrawBlocks&, std::uint32_t first, std::uint32_t count, Buffers&, Worst*);
};

const std::vector<Check>& checks() {
    const auto limit = std::bit_cast<std::uint32_t>(126.0F);
    static const std::vector<Check> all{
        {"exponential_draw, every word", {"units in the last place"}, {2.46}, 0, 1ULL << 32, check_exponential},
        {"exp2, every float in [0, 126]", {"relative"}, {1.72e-7}, 0, limit + 1ULL, check_exp2},
        {"exp2, every float in [-126, -0]", {"relative"}, {1.72e-7}, 0x80000000U, limit + 1ULL, check_exp2},
        {"normal_pair, every radius word",
         {"relative, of the word as a float", "absolute, of the word"},
         {2.7e-7, 2.44e-4},
         0,
         1ULL << 32,
         check_radius},
        {"normal_pair, every angle", {"of a coordinate, in radii"}, {1.25e-7}, 0, 1ULL << 25, check_angle},
        {"inverse_normal, every word",
         {"absolute up to 1, then relative", "words unlike their complements"},
         {4e-7, 0.0},
         0,
         1ULL << 31,
         check_quantile},
    };
    return all;
}

std::vector<Worst> run(const Check& check, const DrawBlocks& draws, int threads) {
    constexpr std::uint64_t per_task = 1ULL << 20;
    const std::size_t measures = check.measures.size();
    const auto slots = static_cast<std::size_t>(clv::thread_count(threads));
    std::vector<std::vector<Worst>> worst(slots, std::vector<Worst>(measures));
    std::vector<Buffers> buffers(slots);
    const auto tasks = static_cast<std::size_t>((check.arguments + per_task - 1) / per_task);
    clv::for_each_block(threads, tasks, [&](std::size_t slot, std::size_t task) {
        const std::uint64_t end = std::min(check.arguments, (task + 1) * per_task);
        for (std::uint64_t at = task * per_task; at < end; at += draw_block) {
            const auto count = static_cast<std::uint32_t>(std::min<std::uint64_t>(draw_block, end - at));
            check.run(draws, check.first + static_cast<std::uint32_t>(at), count, buffers[slot], worst[slot].data());
        }
    });
    std::vector<Worst> all(measures);
    for (const std::vector<Worst>& of_slot : worst) {
        for (std::size_t m = 0; m < measures; ++m) {
            all[m] = of_slot[m].error > all[m].error ? of_slot[m] : all[m];
        }
    }
    return all;
}

const DrawBlocks& draws_of(const std::string& instruction_set) {
#if defined(__x86_64__)
    if (instruction_set.starts_with("avx512")) {
        return clv::bench::draw_blocks_avx512;
    }
    if (instruction_set == "avx2") {
        return clv::bench::draw_blocks_avx2;
    }
    if (instruction_set == "sse4") {
        return clv::bench::draw_blocks_sse4;
    }
#endif
    return clv::bench::draw_blocks_scalar;
}

}  // namespace

int main(int argc, char** argv) {
    CLI::App app("The float polynomials of the draws at every argument, against double precision.");
    int threads = 0;
    app.add_option("--threads", threads, "0: all that the machine has")->check(CLI::NonNegativeNumber);
    CLI11_PARSE(app, argc, argv);

    const std::string instruction_set = clv::cpu::choose_instruction_set().name;
    bool passed = true;
    nlohmann::json figures = nlohmann::json::array();
    for (const Check& check : checks()) {
        fmt::print(stderr, "{}\n", check.name);
        const std::vector<Worst> worst = run(check, draws_of(instruction_set), threads);
        for (std::size_t m = 0; m < worst.size(); ++m) {
            const bool within = worst[m].error <= check.bounds[m];
            passed = passed && within;
            figures.push_back({{"name", check.name},
                               {"measure", check.measures[m]},
                               {"worst", worst[m].error},
                               {"at", worst[m].argument},
                               {"bound", check.bounds[m]},
                               {"passed", within}});
        }
    }
    const nlohmann::json result{{"instruction_set", instruction_set}, {"figures", figures}, {"passed", passed}};
    fmt::print("{}\n", result.dump());
    return passed ? 0 : 1;
}
