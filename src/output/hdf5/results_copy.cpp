// Results that stand, as those of another configuration that values nobody otherwise.

#include <fmt/format.h>
#include <hdf5.h>

#include <fstream>
#include <string>
#include <vector>

#include "clv/core/errors.hpp"
#include "clv/output/checked_file.hpp"
#include "clv/output/hdf5/results_file.hpp"
#include "hdf5_error.hpp"
#include "hdf5_library.hpp"
#include "hdf5_state.hpp"

namespace clv {

namespace {

void copy_bytes(const std::filesystem::path& from, const std::filesystem::path& to) {
    constexpr std::size_t at_once = 1 << 20;
    std::ifstream source(from, std::ios::binary);
    CheckedFile copy(to);
    std::vector<char> part(at_once);
    while (source.read(part.data(), static_cast<std::streamsize>(part.size())) || source.gcount() > 0) {
        copy.write({part.data(), static_cast<std::size_t>(source.gcount())});
    }
    if (source.bad()) {
        throw InputError(fmt::format("cannot read {}: run the command that made it again", from.string()));
    }
    copy.close();
}

}  // namespace

void copy_results_h5(const std::filesystem::path& from, const std::filesystem::path& to,
                     const std::string& config_hash) {
    copy_bytes(from, to);
    start_hdf5();
    const auto check = [&](bool is_good) {
        if (!is_good) {
            throw OutputError(fmt::format("cannot write {} ({}): make room there, or name another folder by --out",
                                          to.string(), last_hdf5_error().reason));
        }
    };
    // Of the same length, it takes the place of the old one and no room beside it.
    Id file(H5Fopen(to.c_str(), H5F_ACC_RDWR, H5P_DEFAULT), H5Fclose);
    check(file.is_open());
    Id attribute(H5Aopen(file.get(), "config_hash", H5P_DEFAULT), H5Aclose);
    check(attribute.is_open());
    const Id type = utf8_type(config_hash.size() + 1);
    check(H5Awrite(attribute.get(), type.get(), config_hash.c_str()) >= 0);
    check(attribute.close() >= 0);
    check(file.close() >= 0);
}

}  // namespace clv
