// A configuration, and the values of --set

#include "clv/config/load_config.hpp"
#include "harness.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace clv;
    return fuzz::refused_or_read(data, size, [&] {
        const std::string text = fuzz::text_of(data, size);
        fuzz::refused_or_read(data, size, [&] { (void)load_config({"", {}, ConfigText{text, "text", false}}); });
        const Override override = parse_override(text);
        (void)load_config({"", {{override.key, override.value, "--set"}}});
    });
}
