// model.json of purchases

#include "clv/output/documents/model_file.hpp"
#include "harness.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace clv;
    return fuzz::refused_or_read(
        data, size, [&] { (void)model_as_json(model_from_json(fuzz::text_of(data, size), "model.json")); });
}
