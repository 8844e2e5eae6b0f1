#include "clv/output/output_set.hpp"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <map>
#include <nlohmann/json.hpp>

#include "clv/core/errors.hpp"
#include "clv/core/progress.hpp"
#include "clv/output/documents/run_record.hpp"
#include "clv/output/file_digest.hpp"
#include "output/folders.hpp"

namespace clv {
namespace {

namespace fs = std::filesystem;
using Contents = std::map<std::string, std::string>;

/// Every file below `dir` and what is in it.
Contents contents(const fs::path& dir) {
    Contents files;
    for (const auto& entry : fs::recursive_directory_iterator(dir)) {
        files[fs::relative(entry.path(), dir).string()] = entry.is_directory() ? "(folder)" : read_text(entry.path());
    }
    return files;
}

RunRecord record_of(std::string command) {
    RunRecord record;
    record.command = std::move(command);
    return record;
}

void publish(const fs::path& dir, const Contents& files,
             OutputSet::EarlierFiles earlier = OutputSet::EarlierFiles::remove) {
    OutputSet set(dir);
    for (const auto& [name, text] : files) {
        write_text(set.path(name), text);
    }
    set.commit(record_of("test"), earlier);
}

TEST(FileDigest, IsSha256) {
    const TemporaryFolder folder;
    write_text(folder.path() / "x", "abc");
    const FileDigest digest = digest_file(folder.path() / "x");
    EXPECT_EQ(digest.sha256, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");  // FIPS 180-2, B.1
    EXPECT_EQ(digest.bytes, 3U);
    EXPECT_THROW(static_cast<void>(digest_file(folder.path() / "y")), InputError);
}

TEST(OutputSet, PublishesFilesAndRunJson) {
    const TemporaryFolder folder;
    const fs::path out = folder.path() / "deep" / "out";
    publish(out, {{"clv.csv", "abc"}, {"monitoring/x.csv", "x"}});
    const Contents files = contents(out);
    EXPECT_EQ(files.size(), 4U);
    EXPECT_EQ(files.at("clv.csv"), "abc");
    EXPECT_EQ(files.at("monitoring/x.csv"), "x");
    const auto run = nlohmann::json::parse(files.at("run.json"));
    EXPECT_EQ(run["command"], "test");
    EXPECT_EQ(run["inputs"].size(), 0U);
    EXPECT_EQ(run["files"].size(), 2U);
    EXPECT_EQ(run["files"]["clv.csv"]["sha256"], "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    EXPECT_EQ(run["files"]["clv.csv"]["bytes"], 3);
    EXPECT_NO_THROW(verify_output_set(out));
}

TEST(OutputSet, LeavesNothingWithoutACommit) {
    const TemporaryFolder folder;
    {
        OutputSet set(folder.path() / "new" / "out");
        write_text(set.path("monitoring/x.csv"), "x");
        EXPECT_FALSE(contents(folder.path()).empty());
    }
    EXPECT_TRUE(contents(folder.path()).empty());
}

TEST(OutputSet, LeavesEarlierResultsWithoutACommit) {
    const TemporaryFolder folder;
    publish(folder.path(), {{"clv.csv", "abc"}, {"monitoring/x.csv", "x"}});
    const Contents before = contents(folder.path());
    {
        OutputSet set(folder.path());
        write_text(set.path("clv.csv"), "other");
        write_text(set.path("monitoring/x.csv"), "other");
        write_text(set.path("more/y.csv"), "other");
    }
    EXPECT_EQ(contents(folder.path()), before);
}

TEST(OutputSet, LeavesEarlierResultsWhenInterrupted) {
    const TemporaryFolder folder;
    publish(folder.path(), {{"clv.csv", "abc"}});
    const Contents before = contents(folder.path());
    request_interruption();
    EXPECT_THROW(publish(folder.path(), {{"clv.csv", "other"}}), Interrupted);
    clear_interruption();
    EXPECT_EQ(contents(folder.path()), before);
}

TEST(OutputSet, LeavesEarlierResultsWhenAFileWasNotWritten) {
    const TemporaryFolder folder;
    publish(folder.path(), {{"clv.csv", "abc"}});
    const Contents before = contents(folder.path());
    {
        OutputSet set(folder.path());
        write_text(set.path("clv.csv"), "other");
        static_cast<void>(set.path("plan.csv"));
        EXPECT_THROW(set.commit({}), OutputError);
    }
    EXPECT_EQ(contents(folder.path()), before);
}

TEST(OutputSet, LeavesEarlierResultsWhenAFolderStandsInTheWay) {
    const TemporaryFolder folder;
    publish(folder.path(), {{"a.csv", "abc"}});
    fs::create_directory(folder.path() / "b.csv");
    const Contents before = contents(folder.path());
    EXPECT_THROW(publish(folder.path(), {{"a.csv", "other"}, {"b.csv", "b"}}), OutputError);
    EXPECT_EQ(contents(folder.path()), before);
}

TEST(OutputSet, RemovesWhatAnEarlierRunLeft) {
    const TemporaryFolder folder;
    publish(folder.path(), {{"clv.csv", "abc"}, {"monitoring/x.csv", "x"}, {"plan.csv", "plan"}});
    write_text(folder.path() / "plan.csv", "edited");
    write_text(folder.path() / "notes.txt", "mine");
    publish(folder.path(), {{"clv.csv", "new"}});
    Contents files = contents(folder.path());
    files.erase("run.json");
    EXPECT_EQ(files, (Contents{{"clv.csv", "new"}, {"plan.changed.csv", "edited"}, {"notes.txt", "mine"}}));
    EXPECT_NO_THROW(verify_output_set(folder.path()));
    EXPECT_NO_THROW(publish(folder.path(), {{"plan.csv", "again"}}));  // its place is free
}

TEST(OutputSet, KeepsAnEarlierRunWhenAsked) {
    const TemporaryFolder folder;
    publish(folder.path(), {{"clv.csv", "abc"}, {"plan.csv", "old"}});
    publish(folder.path(), {{"plan.csv", "new"}}, OutputSet::EarlierFiles::keep);
    EXPECT_EQ(read_text(folder.path() / "clv.csv"), "abc");
    EXPECT_NO_THROW(verify_output_set(folder.path()));
    write_text(folder.path() / "clv.csv", "abd");
    EXPECT_THROW(verify_output_set(folder.path()), InputError);
}

TEST(OutputSet, NeverRemovesAFileOutsideItsFolder) {
    const TemporaryFolder folder;
    const fs::path out = folder.path() / "out";
    const fs::path outside = folder.path() / "precious";
    publish(out, {{"clv.csv", "abc"}});
    write_text(outside, "abc");
    auto run = nlohmann::json::parse(read_text(out / "run.json"));
    run["files"]["../precious"] = run["files"]["clv.csv"];
    write_text(out / "run.json", run.dump());
    publish(out, {{"clv.csv", "new"}});
    EXPECT_EQ(read_text(outside), "abc");

    OutputSet set(out);
    for (const char* name : {"../x", "/x", "", ".", "a/../../x", "run.json", ".partial-1/x", "a/"}) {
        EXPECT_THROW(static_cast<void>(set.path(name)), OutputError) << name;
    }
}

TEST(OutputSet, RefusesAFolderBelowAFile) {
    const TemporaryFolder folder;
    write_text(folder.path() / "file", "mine");
    EXPECT_THROW(OutputSet(folder.path() / "file"), OutputError);
    EXPECT_THROW(OutputSet(folder.path() / "file" / "below" / "out"), OutputError);
    EXPECT_EQ(contents(folder.path()), (Contents{{"file", "mine"}}));
}

TEST(OutputSet, RemovesWhatADeadProcessLeft) {
    const TemporaryFolder folder;
    const pid_t child = ::fork();
    if (child == 0) {
        auto* abandoned = new OutputSet(folder.path());
        write_text(abandoned->path("clv.csv"), "half");
        ::_exit(0);
    }
    ::waitpid(child, nullptr, 0);
    ASSERT_EQ(contents(folder.path()).size(), 2U);
    fs::create_directory(folder.path() / ".partial-notes");
    publish(folder.path(), {{"clv.csv", "abc"}});
    EXPECT_EQ(contents(folder.path()).size(), 3U);
    EXPECT_TRUE(fs::exists(folder.path() / ".partial-notes"));
}

TEST(OutputSet, IsAloneInItsFolder) {
    const TemporaryFolder folder;
    OutputSet first(folder.path());
    write_text(first.path("clv.csv"), "first");
    EXPECT_THROW(OutputSet{folder.path()}, OutputError);
    const pid_t child = ::fork();
    if (child == 0) {
        try {
            publish(folder.path(), {{"plan.csv", "second"}});
        } catch (const OutputError&) {
            ::_exit(7);
        }
        ::_exit(0);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    EXPECT_EQ(WEXITSTATUS(status), 7);
    EXPECT_THROW(FolderLock(folder.path(), FolderLock::For::reading), OutputError);
    first.commit({});
    EXPECT_EQ(contents(folder.path()).size(), 2U);
    EXPECT_EQ(read_text(folder.path() / "clv.csv"), "first");
    EXPECT_NO_THROW(verify_output_set(folder.path()));
}

TEST(OutputSet, WhatWasPublishedCanBeTakenBack) {
    const TemporaryFolder folder;
    publish(folder.path(), {{"clv.csv", "abc"}, {"old.csv", "old"}});
    const Contents before = contents(folder.path());
    enum class Way { by_name, at_once, by_leaving };
    for (const Way way : {Way::by_name, Way::at_once, Way::by_leaving}) {
        OutputSet set(folder.path());
        write_text(set.path("clv.csv"), "new");
        write_text(set.path("plan.csv"), "plan");
        RunRecord record = set.publish({});
        EXPECT_EQ(read_text(folder.path() / "clv.csv"), "new");
        EXPECT_NO_THROW(verify_output_set(folder.path()));
        write_text(set.path("report.xlsx"), "report");
        set.publish(record, OutputSet::EarlierFiles::keep);
        EXPECT_TRUE(verify_output_set(folder.path()).files.contains("report.xlsx"));
        if (way == Way::by_name) {
            EXPECT_EQ(set.take_back(), "");
        } else if (way == Way::at_once) {
            take_back_at_once();
            EXPECT_EQ(read_text(folder.path() / "clv.csv"), "abc");
            EXPECT_NO_THROW(verify_output_set(folder.path()));
        }
    }
    EXPECT_EQ(contents(folder.path()), before);
    EXPECT_NO_THROW(verify_output_set(folder.path()));
}

TEST(OutputSet, FilesThatArePublishedLaterJoinThose) {
    const TemporaryFolder folder;
    publish(folder.path(), {{"old.csv", "old"}});
    {
        OutputSet set(folder.path());
        write_text(set.path("clv.csv"), "new");
        RunRecord record = set.publish({});
        write_text(set.path("report.xlsx"), "report");
        set.commit(record, OutputSet::EarlierFiles::keep);
    }
    const RunRecord record = verify_output_set(folder.path());
    EXPECT_TRUE(record.files.contains("clv.csv") && record.files.contains("report.xlsx"));
    EXPECT_EQ(record.files.size(), 2U);
    EXPECT_EQ(contents(folder.path()).size(), 3U);
}

TEST(OutputSet, FullDiskLeavesEarlierResults) {
    const SmallDisk disk;
    CLV_SKIP_UNLESS_MOUNTED(disk);
    publish(disk.path(), {{"clv.csv", std::string(600'000, 'x')}});
    const Contents before = contents(disk.path());
    {
        OutputSet set(disk.path());
        write_text(set.path("clv.csv"), std::string(2'000'000, 'y'));
        // What a writer that checks nothing has left; run.json no longer fits.
        EXPECT_THROW(set.commit(record_of(std::string(100'000, 'z'))), OutputError);
    }
    EXPECT_EQ(contents(disk.path()), before);
    EXPECT_NO_THROW(verify_output_set(disk.path()));
}

TEST(VerifyOutputSet, RefusesWhatDoesNotMatch) {
    const TemporaryFolder folder;
    EXPECT_THROW(verify_output_set(folder.path()), InputError);
    publish(folder.path(), {{"clv.csv", "abc"}, {"plan.csv", "plan"}});
    EXPECT_NO_THROW(verify_output_set(folder.path()));
    write_text(folder.path() / "clv.csv", "abd");
    EXPECT_THROW(verify_output_set(folder.path()), InputError);
    write_text(folder.path() / "clv.csv", "abc");
    EXPECT_NO_THROW(verify_output_set(folder.path()));
    fs::remove(folder.path() / "plan.csv");
    EXPECT_THROW(verify_output_set(folder.path()), InputError);
    for (const char* text :
         {"", "{", "[]", "{}", R"({"format": 1})", R"({"format": 2, "files": {}})",
          R"({"format": 1, "files": {"x": {}}})", R"({"format": 1, "files": {"../x": {"sha256": "", "bytes": 0}}})",
          R"({"format": 1, "files": {}, "input": {"file": 1}})"}) {
        write_text(folder.path() / "run.json", text);
        EXPECT_THROW(verify_output_set(folder.path()), InputError) << text;
    }
}

TEST(OutputSet, RefusesAResultInThePlaceOfAnInput) {
    const TemporaryFolder folder;
    const fs::path out = folder.path() / "out";
    write_text(folder.path() / "elsewhere.csv", "mine");
    publish(out, {{"a.csv", "abc"}});
    fs::create_symlink(out / "a.csv", folder.path() / "symbolic");
    fs::create_hard_link(out / "a.csv", folder.path() / "hard");
    fs::create_symlink(folder.path() / "elsewhere.csv", out / "link.csv");
    const Contents before = contents(folder.path());
    for (const auto& [input, name] :
         {std::pair{out / "a.csv", "a.csv"}, std::pair{out / "../out/./a.csv", "a.csv"},
          std::pair{folder.path() / "symbolic", "a.csv"}, std::pair{folder.path() / "hard", "a.csv"},
          std::pair{folder.path() / "elsewhere.csv", "link.csv"}}) {
        const std::vector<NamedFile> inputs{{"input.other", folder.path() / "missing"}, {"input.model", input}};
        EXPECT_THROW(refuse_overwriting(out, std::vector<std::string>{"b.csv", name}, inputs), ConfigError) << input;
        EXPECT_NO_THROW(refuse_overwriting(out, std::vector<std::string>{"b.csv"}, inputs));
        OutputSet set(out, inputs);
        EXPECT_NO_THROW(static_cast<void>(set.path("b.csv")));
        EXPECT_THROW(static_cast<void>(set.path(name)), ConfigError) << input;
    }
    EXPECT_EQ(contents(folder.path()), before);
}

TEST(OutputSet, KeepsInputsAndListsThemApart) {
    const TemporaryFolder folder;
    const fs::path out = folder.path() / "out";
    publish(out, {{"model.json", "model"}, {"truth.csv", "truth"}, {"plan.csv", "plan"}, {"deep/x.csv", "x"}});
    write_text(out / "job.toml", "mine");
    fs::create_hard_link(out / "plan.csv", folder.path() / "current.csv");
    OutputSet set(out, {{"input.model", out / "model.json"},
                        {"input.model", out / ".." / "out" / "model.json"},
                        {"config", out / "job.toml"},
                        {"optimizer.current", folder.path() / "current.csv"},
                        {"survival.curves", out / "deep" / "x.csv"},
                        {"input.customers", out / "missing.csv"},
                        {"config", out / "run.json"}});
    write_text(set.path("clv.csv"), "new");
    const RunRecord record = set.commit({});
    EXPECT_EQ(read_text(out / "model.json"), "model");
    EXPECT_EQ(read_text(out / "plan.csv"), "plan");
    EXPECT_EQ(read_text(out / "deep" / "x.csv"), "x");
    std::map<std::string, std::string> inputs;
    for (const KeptInput& input : record.inputs) {
        inputs[input.file] = input.key;
        EXPECT_EQ(input.digest, digest_file(out / input.file));
    }
    EXPECT_EQ(inputs, (std::map<std::string, std::string>{{"model.json", "input.model"},
                                                          {"job.toml", "config"},
                                                          {"plan.csv", "optimizer.current"},
                                                          {"deep/x.csv", "survival.curves"}}));
    EXPECT_EQ(record.files.size(), 2U);  // clv.csv and the truth of the world
    EXPECT_TRUE(record.files.contains("truth.csv"));
    EXPECT_EQ(run_text(verify_output_set(out)), run_text(record));
    publish(out, {{"clv.csv", "again"}});
    EXPECT_EQ(read_text(out / "model.json"), "model") << "no file of the set any more, so no later run removes it";
}

TEST(OutputSet, ASetThatIsJoinedKeepsItsFiles) {
    const TemporaryFolder folder;
    publish(folder.path(), {{"customers.csv", "abc"}});
    OutputSet set(folder.path(), {{"input.customers", folder.path() / "customers.csv"}});
    write_text(set.path("validation.json"), "{}");
    const RunRecord record = set.commit({}, OutputSet::EarlierFiles::keep);
    EXPECT_TRUE(record.files.contains("customers.csv"));
    EXPECT_TRUE(record.inputs.empty());
}

TEST(OutputSet, RunsGiveTheSameBytes) {
    const TemporaryFolder a;
    const TemporaryFolder b;
    publish(a.path(), {{"clv.csv", "abc"}, {"plan.csv", "plan"}});
    publish(b.path(), {{"plan.csv", "plan"}, {"clv.csv", "abc"}});
    EXPECT_EQ(contents(a.path()), contents(b.path()));
}

}  // namespace
}  // namespace clv
