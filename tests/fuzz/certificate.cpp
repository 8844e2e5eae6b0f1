// certificate.json

#include "clv/output/documents/certificate_file.hpp"
#include "harness.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace clv;
    return fuzz::refused_or_read(data, size,
                                 [&] { (void)read_certificate(fuzz::written("certificate.json", data, size)); });
}
