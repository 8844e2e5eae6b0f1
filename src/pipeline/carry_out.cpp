// What all commands have in common: how their CSV files are written.

#include "clv/output/tables/csv_writer.hpp"
#include "clv/pipeline/commands.hpp"

namespace clv::commands {

int carry_out(const Command& command, const RunConfig& config, Terminal& terminal) {
    mark_formula_texts(config.output.spreadsheet_safe);
    const int code = command(config, terminal);
    if (met_formula_texts() && !config.output.spreadsheet_safe) {
        terminal.message(
            "note: ids or other texts begin with =, +, - or @, which a spreadsheet that opens a CSV file runs; "
            "output.spreadsheet_safe marks them");
    }
    return code;
}

}  // namespace clv::commands
