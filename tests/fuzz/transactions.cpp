// Purchases, in every schema

#include <vector>

#include "clv/data/histories/transactions_reader.hpp"
#include "harness.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace clv;
    return fuzz::refused_or_read(data, size, [&] {
        const std::vector<std::filesystem::path> files{fuzz::written("transactions.csv", data, size)};
        for (const auto schema :
             {TransactionSchema::generic, TransactionSchema::online_retail, TransactionSchema::cdnow}) {
            fuzz::refused_or_read(data, size, [&] {
                TransactionSettings settings;
                settings.schema = schema;
                settings.date_format =
                    schema == TransactionSchema::online_retail ? DateFormat::month_first : DateFormat::iso;
                settings.memory_mb = 1;
                NoProgress progress;
                (void)read_transactions(files, settings, {}, progress);
            });
        }
    });
}
