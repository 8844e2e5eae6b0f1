// customers.csv, whatever columns a run asks for

#include "clv/data/readers/customers_reader.hpp"
#include "harness.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace clv;
    return fuzz::refused_or_read(data, size, [&] {
        for (const bool all : {false, true}) {
            CsvReader reader = CsvReader::from_text(fuzz::text_of(data, size));
            NoProgress progress;
            CustomerRequirements requirements;
            requirements.churn_probability_or_curve = true;
            requirements.tenure_months = requirements.churned = all;
            InputSettings settings;
            settings.on_fault = all ? OnFault::refuse : OnFault::reject_rows;
            (void)read_customers(reader, settings, requirements, progress);
        }
    });
}
