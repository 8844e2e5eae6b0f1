// run.json, as a record and as a configuration

#include "clv/output/documents/run_record.hpp"
#include "clv/config/load_config.hpp"
#include "harness.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace clv;
    return fuzz::refused_or_read(data, size, [&] {
        const std::filesystem::path file = fuzz::written("run.json", data, size);
        fuzz::refused_or_read(data, size, [&] { (void)run_text(read_run_record(fuzz::folder())); });
        (void)load_config({file.string(), {}});
    });
}
