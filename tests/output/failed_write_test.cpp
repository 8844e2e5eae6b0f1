// One system call fails: a writer says so, or has done what it was to do all the same.

#include <gtest/gtest.h>

#include <map>

#include "clv/core/errors.hpp"
#include "clv/output/documents/run_record.hpp"
#include "clv/output/hdf5/hdf5_file.hpp"
#include "clv/output/hdf5/totals_file.hpp"
#include "clv/output/output_set.hpp"
#include "clv/output/workbook/workbook.hpp"
#include "output/failing_calls.hpp"
#include "output/folders.hpp"
#include "output/sample_results.hpp"

namespace clv {
namespace {

namespace fs = std::filesystem;
using Files = std::map<std::string, std::string>;

/// What `work` throws as an OutputError; empty: nothing.
template <class Work>
std::string output_error(const Work& work) {
    try {
        work();
    } catch (const OutputError& error) {
        return error.what();
    }
    return {};
}

TEST(FailedWrite, NoneOfAnHdf5FileIsSwallowed) {
    const TemporaryFolder folder;
    int writes = 0;
    for (bool happened = true; happened;) {
        const FailingCall fault(SystemCall::write_at, ++writes);
        const std::string error =
            output_error([&] { write_results(folder.path() / "results.h5", sample_results(), 2); });
        happened = fault.has_happened();
        EXPECT_EQ(error.find("Input/output error") != std::string::npos, happened) << writes << ": " << error;
        EXPECT_EQ(error.find("results.h5") != std::string::npos, happened) << error;
    }
    EXPECT_GT(writes, 5);
    const SampleResults sample = sample_results();
    const std::vector<std::string> segments{"Basic", "Plus"};
    for (bool happened = true; happened;) {
        const FailingCall fault(SystemCall::write_at, ++writes);
        const std::string error =
            output_error([&] { write_totals_h5(folder.path() / "totals.h5", sample.totals[0].totals, segments); });
        happened = fault.has_happened();
        EXPECT_EQ(!error.empty(), happened) << writes;
    }
}

/// More than a buffer of the library holds.
std::string many_customers() {
    std::string text = "customer_id,clv_mean,segment\n";
    for (int i = 0; i < 400; ++i) {
        text += "C" + std::to_string(i) + "," + std::to_string(1.5 * i) + ",Basic\n";
    }
    return text;
}

/// Fails every `stride`-th write in its turn. Returns how many left other bytes than they should without a word.
int swallowed_writes(const fs::path& dir, const RunRecord& run, int stride) {
    const fs::path book = dir / "report.xlsx";
    const auto write = [&] { write_workbook(dir, run, {}, book); };
    write();
    EXPECT_FALSE(fs::exists(dir / "report.xlsx.twin"));
    const std::string sound = read_text(book);
    int swallowed = 0;
    int writes = 0;
    for (bool happened = true; happened; writes += stride) {
        fs::remove(book);
        const FailingCall fault(SystemCall::write_stream, writes + 1);
        const std::string error = output_error(write);
        happened = fault.has_happened();
        swallowed += error.empty() && read_text(book) != sound ? 1 : 0;
    }
    EXPECT_GT(writes, 1'000);
    return swallowed;
}

TEST(FailedWrite, AWorkbookIsWholeOrRefused) {
    const TemporaryFolder folder;
    RunRecord run;
    write_text(folder.path() / "clv.csv", many_customers());
    run.files["clv.csv"] = {};
    EXPECT_EQ(swallowed_writes(folder.path(), run, 97), 0);
}

TEST(FailedWrite, NorIsOneLostAroundTheRowsOfAWorkbook) {
    const TemporaryFolder folder;
    RunRecord run;
    write_text(folder.path() / "frontier.csv", "budget,profit\n0,0\n10,12.5\n");  // which is drawn, too
    run.files["frontier.csv"] = {};
    EXPECT_EQ(swallowed_writes(folder.path(), run, 5), 0);
}

TEST(Workbook, CutsOffWhatNoCellHolds) {
    const TemporaryFolder folder;
    std::string id;
    for (int i = 0; i < 40'000; ++i) {
        id += "\xC3\xB6";
    }
    write_text(folder.path() / "clv.csv", "customer_id,clv_mean\n" + id + ",1\n");
    RunRecord run;
    run.files["clv.csv"] = {};
    EXPECT_NO_THROW(write_workbook(folder.path(), run, {}, folder.path() / "report.xlsx"));
}

Files contents_of(const fs::path& dir) {
    Files files;
    for (const auto& entry : fs::recursive_directory_iterator(dir)) {
        files[fs::relative(entry.path(), dir).string()] = entry.is_directory() ? "(folder)" : read_text(entry.path());
    }
    return files;
}

void publish_files(const fs::path& dir, const Files& files) {
    OutputSet set(dir);
    for (const auto& [name, text] : files) {
        write_text(set.path(name), text);
    }
    set.commit({});
}

const Files first_run{{"a.csv", "a of the first"}, {"deep/x.csv", "x"}, {"b.csv", "b of the first"}};
const Files second_run{{"a.csv", "a of the second"}, {"c.csv", "c"}, {"more/y.csv", "y"}};

class FailedPublication : public testing::TestWithParam<SystemCall> {};

TEST_P(FailedPublication, LeavesTheEarlierSetAsItWas) {
    for (int first = 1;; ++first) {
        const TemporaryFolder folder;
        publish_files(folder.path(), first_run);
        const Files before = contents_of(folder.path());
        std::string error;
        bool happened = false;
        {
            const FailingCall fault(GetParam(), first);
            error = output_error([&] { publish_files(folder.path(), second_run); });
            happened = fault.has_happened();
        }
        if (!happened) {
            EXPECT_EQ(error, "");
            EXPECT_EQ(read_text(folder.path() / "a.csv"), "a of the second");
            EXPECT_FALSE(fs::exists(folder.path() / "b.csv"));
            EXPECT_NO_THROW(verify_output_set(folder.path()));
            EXPECT_GT(first, 3);
            return;
        }
        EXPECT_NE(error.find("earlier results are as they were"), std::string::npos) << first << ": " << error;
        EXPECT_EQ(contents_of(folder.path()), before) << first;
        EXPECT_NO_THROW(verify_output_set(folder.path()));
    }
}

INSTANTIATE_TEST_SUITE_P(Calls, FailedPublication,
                         testing::Values(SystemCall::rename, SystemCall::sync, SystemCall::link), [](const auto& call) {
                             return call.param == SystemCall::rename ? "rename"
                                    : call.param == SystemCall::sync ? "sync"
                                                                     : "link";
                         });

TEST(FailedPublication, NamesTheMixtureThatItCannotUndo) {
    const TemporaryFolder folder;
    publish_files(folder.path(), first_run);
    std::string error;
    {
        const FailingCall fault(SystemCall::rename, 3, all_calls);
        error = output_error([&] { publish_files(folder.path(), second_run); });
    }
    EXPECT_EQ(read_text(folder.path() / "a.csv"), "a of the second");
    EXPECT_EQ(read_text(folder.path() / "b.csv"), "b of the first");
    EXPECT_FALSE(fs::exists(folder.path() / "c.csv"));
    EXPECT_NE(error.find("holds a mixture; of this run: a.csv; all else as it was"), std::string::npos) << error;
    EXPECT_EQ(error.find("earlier results are as they were"), std::string::npos) << error;
    EXPECT_THROW(verify_output_set(folder.path()), InputError);
    publish_files(folder.path(), second_run);
    EXPECT_NO_THROW(verify_output_set(folder.path()));
}

TEST(FailedPublication, AFolderThatIsGoneIsSaid) {
    const TemporaryFolder folder;
    const fs::path out = folder.path() / "out";
    OutputSet set(out);
    write_text(set.path("a.csv"), "a");
    fs::remove_all(out);
    for (const std::string& error :
         {output_error([&] { static_cast<void>(set.path("b.csv")); }), output_error([&] { set.commit({}); })}) {
        EXPECT_NE(error.find("was removed while the run wrote to it"), std::string::npos) << error;
    }
    EXPECT_FALSE(fs::exists(out));
}

TEST(OutputSet, RemovesNothingBehindASymbolicLink) {
    const TemporaryFolder folder;
    const fs::path out = folder.path() / "out";
    publish_files(out, {{"a.csv", "a"}, {"deep/x.csv", "x"}, {"b.csv", "b"}});
    fs::rename(out / "deep", folder.path() / "elsewhere");
    fs::create_directory_symlink(folder.path() / "elsewhere", out / "deep");
    fs::rename(out / "b.csv", folder.path() / "mine.csv");
    fs::create_symlink(folder.path() / "mine.csv", out / "b.csv");
    publish_files(out, {{"a.csv", "new"}});
    EXPECT_EQ(read_text(folder.path() / "elsewhere" / "x.csv"), "x");
    EXPECT_EQ(read_text(out / "b.csv"), "b");
    EXPECT_TRUE(fs::is_symlink(out / "b.csv"));
}

TEST(VerifyOutputSet, AReportMayBeRemovedAndMadeAgain) {
    const TemporaryFolder folder;
    publish_files(folder.path(), {{"clv.csv", "abc"}, {"report.xlsx", "x"}});
    fs::remove(folder.path() / "report.xlsx");
    EXPECT_EQ(verify_output_set(folder.path()).files.size(), 1U);
    write_text(folder.path() / "report.xlsx", "edited");
    EXPECT_THROW(verify_output_set(folder.path()), InputError);
}

}  // namespace
}  // namespace clv
