#include <fmt/format.h>

#include <chrono>
#include <nlohmann/json.hpp>

#include "clv/core/errors.hpp"
#include "clv/output/output_set.hpp"
#include "clv/pipeline/commands.hpp"
#include "clv/pipeline/run_record.hpp"
#include "output_folder.hpp"
#include "world.hpp"

namespace clv::commands {

int generate(const RunConfig& config, Terminal& terminal) {
    const auto started = std::chrono::system_clock::now();
    OutputSet outputs(output_folder(config));
    write_world(config, outputs, terminal);
    if (config.market.hazard_sensitivity != 0.0) {
        terminal.warning(
            "truth.csv is the truth at market.hazard_sensitivity = 0; a market that moves hazards has no closed form");
    }
    outputs.commit(run_record(config, "generate", nullptr, started));
    terminal.message(fmt::format("wrote {} customers and their truth to {}", with_thousands(config.generate.customers),
                                 outputs.out_dir().string()));
    return static_cast<int>(ExitCode::done);
}

}  // namespace clv::commands
