#include "clv/models/draw_points.hpp"

#include <algorithm>
#include <bit>

#include "clv/random/inverse_normal.hpp"
#include "clv/random/scrambled_point.hpp"

namespace clv {

namespace {

constexpr std::size_t dimensions = 4;  // of one point set

std::vector<std::uint32_t> words(const DrawPoints& points, DrawStream stream, std::size_t k, std::size_t count) {
    constexpr std::uint32_t streams = 1U << 24;  // point sets of a stream
    const PhiloxKey key =
        philox_key(static_cast<std::uint32_t>(points.seed), static_cast<std::uint32_t>(points.seed >> 32));
    const auto path = static_cast<std::uint32_t>(k);
    std::vector<std::uint32_t> result;
    for (std::uint32_t group = 0; result.size() < count; ++group) {
        const auto seeds = scramble_seeds<static_cast<int>(dimensions)>(
            points.set * replicates, path, static_cast<std::uint32_t>(stream) * streams + group,
            draw_address(Purpose::parameters, 0), key);
        const auto point = scrambled_point(seeds, point_of(path));
        result.insert(result.end(), point.word, point.word + dimensions);
    }
    result.resize(count);
    return result;
}

}  // namespace

std::vector<double> DrawPoints::uniforms(DrawStream stream, std::size_t k, std::size_t count) const {
    std::vector<double> result;
    for (const std::uint32_t word : words(*this, stream, k, count)) {
        result.push_back((word + 0.5) * 0x1p-32);
    }
    return result;
}

std::vector<double> DrawPoints::normals(DrawStream stream, std::size_t k, std::size_t count) const {
    std::vector<double> result;
    for (const std::uint32_t word : words(*this, stream, k, count)) {
        result.push_back(static_cast<double>(inverse_normal<float>(word)));
    }
    return result;
}

std::size_t draws_for(std::int64_t paths) {
    return std::bit_floor(static_cast<std::size_t>(std::clamp<std::int64_t>(paths / 32, 64, 4'096)));
}

}  // namespace clv
