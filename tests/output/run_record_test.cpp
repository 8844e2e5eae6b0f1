#include "clv/output/documents/run_record.hpp"

#include <gtest/gtest.h>

#include <fstream>

#include "clv/core/errors.hpp"
#include "clv/output/files.hpp"
#include "output/folders.hpp"

namespace clv {
namespace {

/// With everything that a record can have.
RunRecord full_record() {
    RunRecord record;
    record.program = {"clv", "0.1.0", "a1b2c3d"};
    record.command = "simulate";
    record.config = {{"simulation", {{"paths", 100}}}};
    record.config_hash = "c0ffee";
    record.execution = {"host", "2026-01-31T12:00:00Z", 1.5, 20.25, "cpu", "16 lanes"};
    record.input = RunInput{"c.csv", "beef", RunRows{3, 2, 1}};
    record.observation = RunObservation{"2010-12-01", "2011-12-09"};
    record.tail_share = 0.1;
    record.warnings = std::vector<std::string>{"beware"};
    record.churned = {{"customers", 2}, {"treatment", "separate"}, {"clv_mean", 1.5}};
    record.model = {{"format", "clvsim model 1"}};
    record.survival = nlohmann::json::array({{{"segment", "portfolio"}}});
    record.plan = {{"profit", 1.0}};
    record.plans = nlohmann::json::array({{{"scenario", "base"}}});
    record.sources = nlohmann::json::array({{{"source", "market"}}});
    record.truth = RunTruth{7, {0.1, -0.2}};
    record.validation = {{"command", "validate"}};
    record.steps = {{"value", "abc", {{"input.customers", "/c.csv", "def"}, {"fit", "", "123"}}, {"clv.csv"}, true}};
    record.inputs = {{"input.model", "model.json", {"ab", 3}}};
    record.files = {{"clv.csv", {"cd", 5}}};
    return record;
}

RunRecord written_and_read(const std::string& text) {
    const TemporaryFolder folder;
    write_text(folder.path() / "run.json", text);
    return read_run_record(folder.path());
}

TEST(RunRecord, ReadsBackAsItWasWritten) {
    for (const RunRecord& record : {full_record(), RunRecord()}) {
        EXPECT_EQ(run_document(written_and_read(run_text(record))), run_document(record));
    }
    const RunRecord read = written_and_read(run_text(full_record()));
    EXPECT_TRUE(read.others.empty());
    EXPECT_EQ(read.steps.at(0).inputs, full_record().steps.at(0).inputs);
    EXPECT_EQ(read.files, full_record().files);
    EXPECT_EQ(read.input->rows->accepted, 2U);
    EXPECT_EQ(read.execution.backend, "cpu");
}

TEST(RunRecord, HasEveryMemberOfTheTable) {
    const nlohmann::json document = run_document(full_record());
    for (const ColumnSpec& column : file_spec("run.json").columns) {
        if (column.name.find('.') == std::string_view::npos) {
            EXPECT_TRUE(document.contains(column.name)) << column.name;
        }
    }
}

TEST(RunRecord, KeepsMembersThatItDoesNotKnow) {
    nlohmann::json document = run_document(full_record());
    document["lift"] = {1, 2};
    EXPECT_EQ(run_document(written_and_read(document.dump())), document);
}

TEST(RunRecord, ReadsARecordOfBeforeStepsAndInputs) {
    nlohmann::json document = run_document(full_record());
    document.erase("steps");
    document.erase("inputs");
    const RunRecord read = written_and_read(document.dump());
    EXPECT_TRUE(read.steps.empty());
    EXPECT_TRUE(read.inputs.empty());
}

std::string refusal(const std::string& text) {
    try {
        static_cast<void>(written_and_read(text));
    } catch (const InputError& error) {
        return error.what();
    }
    return "";
}

TEST(RunRecord, RefusesWhatSaysOneThingTwice) {
    std::string text = run_text(full_record());
    text.insert(1, "\"config_hash\": \"other\",");
    const std::string message = refusal(text);
    EXPECT_NE(message.find("run.json: member \"config_hash\" stands there twice"), std::string::npos) << message;
    EXPECT_NE(message.find("run the command that made it again"), std::string::npos) << message;
}

TEST(RunRecord, RefusesNamesThatTheSystemWouldReadAsOthers) {
    nlohmann::json document = run_document(full_record());
    document["files"][std::string("clv.csv\0", 8)] = document["files"]["clv.csv"];
    EXPECT_NE(refusal(document.dump()).find("of \"files\""), std::string::npos);
}

TEST(RunRecord, RefusesAnotherFormat) {
    nlohmann::json document = run_document(full_record());
    document["format"] = run_format + 1;
    try {
        static_cast<void>(written_and_read(document.dump()));
        FAIL();
    } catch (const InputError& error) {
        EXPECT_NE(std::string(error.what()).find("unknown format"), std::string::npos) << error.what();
    }
}

}  // namespace
}  // namespace clv
