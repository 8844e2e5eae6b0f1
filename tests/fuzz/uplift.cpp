// Profits and costs of actions from elsewhere

#include "clv/data/readers/uplift_reader.hpp"
#include "harness.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace clv;
    return fuzz::refused_or_read(data, size, [&] {
        for (const bool require_choice : {false, true}) {
            CsvReader reader = CsvReader::from_text(fuzz::text_of(data, size));
            NoProgress progress;
            (void)read_uplift(reader, {}, require_choice, progress);
        }
    });
}
