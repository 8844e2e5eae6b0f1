// A configuration of JSON, as Python hands it over

#include "clv/config/load_config.hpp"
#include "harness.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace clv;
    return fuzz::refused_or_read(data, size, [&] {
        (void)load_config({"", {}, ConfigText{fuzz::text_of(data, size), "text", true}});
    });
}
