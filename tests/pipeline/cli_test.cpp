// The program itself: usage errors, help, and that flags reach the configuration. It stands one folder above the tests.

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>

#include <cstdlib>
#include <nlohmann/json.hpp>

#include "support/temporary_folder.hpp"

namespace clv {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::StartsWith;

struct Outcome {
    int exit_code = -1;
    std::string out;
    std::string err;
};

class Cli : public ::testing::Test {
  protected:
    void SetUp() override {
        program = std::filesystem::read_symlink("/proc/self/exe").parent_path().parent_path() / "clv";
        ASSERT_TRUE(std::filesystem::exists(program)) << program << " is missing: build the target clv";
    }

    [[nodiscard]] Outcome clv(const std::string& arguments) const {
        const auto out = folder.path() / "out.txt";
        const auto err = folder.path() / "err.txt";
        const std::string line = fmt::format("cd '{}' && '{}' {} >'{}' 2>'{}'", folder.path().string(),
                                             program.string(), arguments, out.string(), err.string());
        const int status = std::system(line.c_str());
        return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, test::read_file(out), test::read_file(err)};
    }

    test::TemporaryFolder folder;
    std::filesystem::path program;
};

TEST_F(Cli, AloneItPrintsHelp) {
    const Outcome outcome = clv("");
    EXPECT_EQ(outcome.exit_code, 0);
    for (const char* command : {"generate", "validate", "simulate", "sweep", "run", "doctor"}) {
        EXPECT_THAT(outcome.out, HasSubstr(command));
    }
    EXPECT_EQ(outcome.out.find("docs"), std::string::npos) << "hidden";
    EXPECT_EQ(clv("--help").out, outcome.out);
}

TEST_F(Cli, PrintsItsVersion) {
    EXPECT_EQ(clv("--version").exit_code, 0);
    EXPECT_THAT(clv("--version").out, StartsWith("clv "));
}

TEST_F(Cli, UsageErrorsExitWithTwoAndASuggestion) {
    const std::pair<const char*, const char*> cases[] = {
        {"simualte", "did you mean clv simulate?"},
        {"banana", "the commands are generate"},
        {"doctor --thraeds 3", "did you mean --threads?"},
        {"--quite", "see clv --help"},
        {"doctor --threads", "--threads"},
        {"doctor a.toml b.toml", "b.toml"},
        {"doctor a.toml --config b.toml", "two configurations"},
        {"doctor --set simulation.paths", "--set section.key=value"},
        {"doctor --set simulation.pahts=1", "did you mean simulation.paths?"},
        {"doctor --set simulation.paths=0", "simulation.paths is 0"},
        {"doctor --seed -1", "simulation.seed is -1, which is out of range (--seed -1)"},
        {"doctor --threads two", "(--threads two)"},
        {"doctor --backend gpu", "(--backend gpu): give one of auto, cpu, cuda"},
        {"generate --kind retial", "(--kind retial)"},
        {"generate --customers 0", "(--customers 0)"},
        {"run missing.toml", "missing.toml"},
    };
    for (const auto& [arguments, message] : cases) {
        const Outcome outcome = clv(arguments);
        EXPECT_EQ(outcome.exit_code, 2) << arguments << outcome.err;
        EXPECT_THAT(outcome.err, AllOf(StartsWith("clv: "), HasSubstr(message))) << arguments;
        EXPECT_EQ(outcome.out, "") << arguments;
    }
}

TEST_F(Cli, SetDoesNotSwallowTheFile) {
    folder.write("a.toml", "simulation.horizon_months = 0\n");
    EXPECT_THAT(clv("doctor --set simulation.paths=0 a.toml").err,
                AllOf(HasSubstr("2 faults"), HasSubstr("a.toml:1:12)"), HasSubstr("paths is 0")));
}

TEST_F(Cli, FlagsWinOverSet) {
    EXPECT_EQ(clv("doctor --threads 2 --set execution.threads=1").exit_code, 0);
    const Outcome refused = clv("doctor --out x --seed 1 --set 'actions=[{name=\"a\"}]' --set simulation.seed=-1");
    EXPECT_EQ(refused.exit_code, 2);
    EXPECT_THAT(refused.err, HasSubstr("(--set simulation.seed=-1)"));
}

TEST_F(Cli, DoctorReportsTheBackends) {
    const Outcome text = clv("doctor");
    EXPECT_EQ(text.exit_code, 0) << text.err;
    EXPECT_THAT(text.out, AllOf(HasSubstr("cpu"), HasSubstr("cuda"), HasSubstr("instruction sets")));
    EXPECT_EQ(text.out.find('\x1b'), std::string::npos) << "no colour off a terminal";
    const auto report = nlohmann::json::parse(clv("doctor --json").out);
    EXPECT_EQ(report["backends"].size(), 2U);
    EXPECT_GE(report["threads"].get<int>(), 1);
    EXPECT_GT(report["memory_gib"].get<double>(), 0.0);
}

TEST_F(Cli, AFullDiskIsAnOutputError) {
    const std::string line = fmt::format("'{}' doctor --json >/dev/full 2>/dev/null", program.string());
    EXPECT_EQ(WEXITSTATUS(std::system(line.c_str())), 7);
}

TEST_F(Cli, ItsPageIsCurrent) {
    ASSERT_EQ(clv("docs .").exit_code, 0);
    for (const char* page : {"cli.md", "configuration.md", "data_dictionary.md"}) {
        const std::filesystem::path committed = std::filesystem::path(CLV_SOURCE_DIR) / "docs" / page;
        EXPECT_EQ(test::read_file(committed), test::read_file(folder.path() / page)) << "run: clv docs";
    }
    EXPECT_EQ(test::read_file(std::filesystem::path(CLV_SOURCE_DIR) / "python/clvsim/files.json"),
              test::read_file(folder.path() / "files.json"))
        << "run: clv docs";
    EXPECT_EQ(clv("docs missing_folder").exit_code, 7);
}

}  // namespace
}  // namespace clv
