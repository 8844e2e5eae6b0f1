// Survival curves of segments

#include "clv/data/readers/segment_curves_reader.hpp"
#include "harness.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace clv;
    return fuzz::refused_or_read(data, size,
                                 [&] { (void)read_segment_curves(fuzz::written("curves.csv", data, size)); });
}
