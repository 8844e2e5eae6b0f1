// Keys of [output].

#include "clv/config/config.hpp"
#include "config/key_kinds.hpp"
#include "sections.hpp"

namespace clv {

Section<RunConfig> output_section() {
    using namespace kinds;
    using C = RunConfig;
    return {"output",
            "Where results go.",
            {
                path({.name = "output.dir", .meaning = "folder of the results"}, at<&C::output, &OutputSettings::dir>),
            }};
}

}  // namespace clv
