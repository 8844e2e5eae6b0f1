// Keys of [output].

#include "clv/config/config.hpp"
#include "config/key_kinds.hpp"
#include "sections.hpp"

namespace clv {

Section<RunConfig> output_section() {
    using namespace kinds;
    using C = RunConfig;
    return {
        "output",
        "Where results go.",
        {
            path({.name = "output.dir", .meaning = "folder of the results"}, at<&C::output, &OutputSettings::dir>),
            boolean({.name = "output.spreadsheet_safe",
                     .meaning = "in CSV files, mark texts that a spreadsheet would run (they begin with =, +, -, @, a "
                                "tab or a carriage return) with an apostrophe before them. results.h5 keeps ids as "
                                "they are, and optimizer.current may be marked or not",
                     .statistical = false},
                    at<&C::output, &OutputSettings::spreadsheet_safe>),
        }};
}

}  // namespace clv
