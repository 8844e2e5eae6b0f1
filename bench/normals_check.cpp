// Moments and tails of the normals over a long stream: exits with 1 if any is more than 4 standard errors off.
// The one argument is the number of draws, 1e8 unless told.

#include <fmt/format.h>

#include <cstdlib>
#include <nlohmann/json.hpp>

#include "support/normal_moments.hpp"

int main(int argc, char** argv) {
    const double draws = argc > 1 ? std::atof(argv[1]) : 1e8;
    if (!(draws >= 4.0 && draws <= 4.0 * 0x1p32 - 4.0)) {
        fmt::print(stderr, "clv_normals_check: give a number of draws from 4 to 1.7e10\n");
        return 2;
    }
    const auto moments =
        clv::test::draw_normals(static_cast<std::uint32_t>(draws / 4.0), 1U, [](double x) { return x; });
    constexpr double bound = 4.0;
    bool passed = true;
    nlohmann::json figures = nlohmann::json::array();
    for (const clv::test::Deviation& deviation : moments.deviations()) {
        passed = passed && std::abs(deviation.z()) < bound;
        figures.push_back({{"name", deviation.name},
                           {"value", deviation.value},
                           {"expected", deviation.expected},
                           {"se", deviation.se},
                           {"z", deviation.z()}});
    }
    fmt::print("{}\n", nlohmann::json{{"draws", draws}, {"figures", figures}, {"passed", passed}}.dump());
    return passed ? 0 : 1;
}
