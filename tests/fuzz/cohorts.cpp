// Tables of who renewed

#include "clv/data/readers/cohort_reader.hpp"
#include "harness.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace clv;
    return fuzz::refused_or_read(data, size, [&] {
        CsvReader reader = CsvReader::from_text(fuzz::text_of(data, size));
        (void)read_cohorts(reader, {}, {});
    });
}
