// Dates and numbers in the cells of tables

#include "clv/data/tables/parse_date.hpp"
#include "clv/data/tables/parse_number.hpp"
#include "harness.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace clv;
    return fuzz::refused_or_read(data, size, [&] {
        const std::string cell = fuzz::text_of(data, size);
        (void)parse_number(cell);
        for (const auto format : {DateFormat::iso, DateFormat::month_first, DateFormat::day_first}) {
            (void)parse_date(cell, format);
        }
    });
}
