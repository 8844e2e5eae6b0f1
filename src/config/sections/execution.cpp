// Keys of [execution].

#include "clv/config/config.hpp"
#include "config/key_kinds.hpp"
#include "sections.hpp"

namespace clv {

namespace {

constexpr std::int64_t max_threads = 1024;

}  // namespace

Section<RunConfig> execution_section() {
    using namespace kinds;
    using C = RunConfig;
    return {"execution",
            "How it is computed. Nothing here changes a result.",
            {
                word({.name = "execution.backend",
                      .meaning = "where to compute; auto: cuda if there is a GPU, else cpu. Results are the same",
                      .statistical = false},
                     at<&C::execution, &ExecutionSettings::backend>, {"auto", "cpu", "cuda"}),
                integer({.name = "execution.threads",
                         .meaning = "threads of the CPU; 0: all. Results are the same",
                         .unit = "threads",
                         .statistical = false},
                        at<&C::execution, &ExecutionSettings::threads>, 0, max_threads),
            }};
}

}  // namespace clv
