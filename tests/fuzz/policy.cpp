// What is done for customers today

#include "clv/data/readers/policy_reader.hpp"
#include "harness.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace clv;
    return fuzz::refused_or_read(data, size, [&] {
        IdColumn ids;
        for (const char* id : {"C0", "C1", "C2"}) {
            ids.push_back(id);
        }
        CsvReader reader = CsvReader::from_text(fuzz::text_of(data, size));
        (void)read_policy(reader, ids, {"none", "call", "gift"});
    });
}
