// Conditions on customers

#include "clv/data/filters/filter.hpp"
#include "harness.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace clv;
    return fuzz::refused_or_read(data, size, [&] { (void)Filter::parse(fuzz::text_of(data, size)).columns(); });
}
