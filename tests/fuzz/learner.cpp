// learner.json. Its digest is made right first, where it can be: what is refused for that alone is no test of the
// rest.

#include "clv/output/documents/learner_file.hpp"
#include "harness.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace clv;
    return fuzz::refused_or_read(data, size, [&] {
        (void)learner_as_json(learner_from_json(with_right_digest(fuzz::text_of(data, size)), "learner.json"));
    });
}
