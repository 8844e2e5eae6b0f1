// model.json of contracts

#include "clv/output/documents/contract_file.hpp"
#include "harness.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace clv;
    return fuzz::refused_or_read(
        data, size, [&] { (void)contracts_as_json(contracts_from_json(fuzz::text_of(data, size), "model.json")); });
}
