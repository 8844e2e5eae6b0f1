#include "clv/output/hdf5/hdf5_file.hpp"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <csignal>

#include "clv/core/errors.hpp"
#include "output/folders.hpp"

namespace clv {
namespace {

namespace fs = std::filesystem;

const std::vector<double> levels{0.05, 0.5, 0.95};
const std::vector<std::string> names{"A", "K\xC3\xB6ln", ""};

void write_sample(const fs::path& path, double first, const std::vector<std::string>& ids = names) {
    Hdf5File file = Hdf5File::create(path);
    file.write_attribute("title", "sample");
    file.write_attribute("seed", std::uint64_t{18446744073709551615U});
    file.write_attribute("level", 0.05);
    file.write_scale("level", levels, {"", "levels"});
    file.write_scale("id", ids, {"", "ids"});
    file.write_scale("action", std::vector<std::uint64_t>{0, 1}, {"", "actions"});
    const std::vector<double> row(ids.size(), first);
    std::vector<double> other(ids.size());
    for (std::size_t i = 0; i < other.size(); ++i) {
        other[i] = static_cast<double>(i);
    }
    file.create_doubles("cube", {"action", "level", "id"}, {"currency", "a cube"});
    for (std::size_t at = 0; at < 6; ++at) {
        file.write_part("cube", at, 0, at % 2 == 0 ? row : other);
    }
    file.write("flag", {"action"}, std::vector<std::uint8_t>{0, 255}, {"", "flags"});
    file.write("code", {"action"}, std::vector<std::uint32_t>{7, 4294967295U}, {"", "codes"});
    file.write("count", {"action"}, std::vector<std::int64_t>{-1, 9007199254740993}, {"customers", "counts"});
    file.write("text", {"action"}, std::vector<std::string>{"x", std::string(500, 'y')}, {"", "texts"});
    file.close();
}

TEST(Hdf5File, ReadsBackWhatItWrote) {
    const TemporaryFolder folder;
    const fs::path path = folder.path() / "x.h5";
    write_sample(path, 2.5);
    const Hdf5File file = Hdf5File::open(path);
    EXPECT_EQ(file.text_attribute("title"), "sample");
    EXPECT_EQ(file.integer_attribute("seed"), 18446744073709551615U);
    EXPECT_EQ(file.number_attribute("level"), 0.05);
    EXPECT_TRUE(file.has_attribute("seed"));
    EXPECT_FALSE(file.has_attribute("sead"));
    EXPECT_EQ(file.read_doubles("level"), levels);
    EXPECT_EQ(file.read_strings("id"), names);
    EXPECT_EQ(file.shape("cube"), (std::vector<std::uint64_t>{2, 3, 3}));
    EXPECT_EQ(file.read_doubles("cube"),
              (std::vector<double>{2.5, 2.5, 2.5, 0, 1, 2, 2.5, 2.5, 2.5, 0, 1, 2, 2.5, 2.5, 2.5, 0, 1, 2}));
    EXPECT_EQ(file.read_integers("flag"), (std::vector<std::int64_t>{0, 255}));
    EXPECT_EQ(file.read_integers("code"), (std::vector<std::int64_t>{7, 4294967295}));
    EXPECT_EQ(file.read_integers("count"), (std::vector<std::int64_t>{-1, 9007199254740993}));
    EXPECT_EQ(file.read_strings("text"), (std::vector<std::string>{"x", std::string(500, 'y')}));
    EXPECT_EQ(file.text_attribute("cube", "units"), "currency");
    EXPECT_EQ(file.text_attribute("cube", "description"), "a cube");
    EXPECT_TRUE(file.contains("cube"));
    EXPECT_FALSE(file.contains("ball"));
}

TEST(Hdf5File, TextsOfAnyLengthReadBack) {
    const TemporaryFolder folder;
    const fs::path path = folder.path() / "x.h5";
    std::vector<std::string> ids;
    for (int i = 0; i < 5000; ++i) {
        ids.push_back(std::to_string(i));
    }
    write_sample(path, 1.0, ids);
    EXPECT_EQ(Hdf5File::open(path).read_strings("id"), ids);
    const std::uintmax_t short_ids = fs::file_size(path);
    ids[2500] = std::string(100'000, 'z');
    write_sample(path, 1.0, ids);
    EXPECT_EQ(Hdf5File::open(path).read_strings("id"), ids);
    // One long id costs its own length, not its length for everybody (500 MB).
    EXPECT_LT(fs::file_size(path), short_ids + 1'000'000);
}

TEST(Hdf5File, SameCallsGiveTheSameBytes) {
    const TemporaryFolder folder;
    write_sample(folder.path() / "a.h5", 2.5);
    write_sample(folder.path() / "other.h5", 3.5, {std::string(3000, 'a'), "b"});
    write_sample(folder.path() / "b.h5", 2.5);
    EXPECT_EQ(read_text(folder.path() / "a.h5"), read_text(folder.path() / "b.h5"));
    EXPECT_NE(read_text(folder.path() / "a.h5"), read_text(folder.path() / "other.h5"));
}

TEST(Hdf5File, ReadsAndWritesPartsInAnyOrderWithTheSameBytes) {
    const TemporaryFolder folder;
    const std::vector<double> values{1, 2, 3, 4, 5, 6};
    const auto write = [&](const fs::path& path, const std::vector<std::size_t>& cells) {
        Hdf5File file = Hdf5File::create(path);
        file.write_scale("row", std::vector<std::uint64_t>{0, 1}, {"", "rows"});
        file.write_scale("level", levels, {"", "levels"});
        file.create_doubles("x", {"row", "level"}, {"", "x"});
        file.create_doubles("y", {"level"}, {"", "y"});
        for (const std::size_t cell : cells) {
            file.write_part("x", cell / 3, cell % 3, std::span(values).subspan(cell, 1));
        }
        file.write_part("y", 0, 0, levels);
        file.close();
    };
    write(folder.path() / "a.h5", {0, 1, 2, 3, 4, 5});
    write(folder.path() / "b.h5", {5, 2, 4, 1, 3, 0});
    EXPECT_EQ(read_text(folder.path() / "a.h5"), read_text(folder.path() / "b.h5"));
    const Hdf5File file = Hdf5File::open(folder.path() / "a.h5");
    EXPECT_EQ(file.read_doubles("x"), values);
    std::vector<double> part(2);
    file.read_part("x", 1, 1, part);
    EXPECT_EQ(part, (std::vector<double>{5, 6}));
    EXPECT_THROW(file.read_part("x", 1, 2, part), std::logic_error);
}

TEST(Hdf5File, RefusesSizesThatDoNotAgree) {
    const TemporaryFolder folder;
    Hdf5File file = Hdf5File::create(folder.path() / "x.h5");
    file.write_scale("level", levels, {"", "levels"});
    EXPECT_THROW(file.write("x", {"level"}, std::vector<double>{1, 2}, {}), std::logic_error);
    EXPECT_THROW(file.write("x", {"levle"}, levels, {}), std::logic_error);
    file.create_doubles("x", {"level"}, {"", "x"});
    EXPECT_THROW(file.write_part("x", 0, 1, levels), std::logic_error);
    EXPECT_THROW(file.write_part("x", 0, 4, std::span<const double>()), std::logic_error);
    EXPECT_THROW(file.write_part("x", 1, 0, levels), std::logic_error);
}

TEST(Hdf5File, WritesTheSameNameOnce) {
    const TemporaryFolder folder;
    Hdf5File file = Hdf5File::create(folder.path() / "x.h5");
    file.write_scale("level", levels, {"", "levels"});
    EXPECT_THROW(file.write_scale("level", levels, {"", "levels"}), OutputError);
}

TEST(Hdf5File, RefusesWhatIsNotThereOrNotHdf5) {
    const TemporaryFolder folder;
    EXPECT_THROW(static_cast<void>(Hdf5File::open(folder.path() / "none.h5")), InputError);
    write_text(folder.path() / "x.h5", "customer_id,clv_mean\n");
    EXPECT_THROW(static_cast<void>(Hdf5File::open(folder.path() / "x.h5")), InputError);
    write_sample(folder.path() / "y.h5", 1.0);
    const Hdf5File file = Hdf5File::open(folder.path() / "y.h5");
    EXPECT_THROW(static_cast<void>(file.read_doubles("ball")), InputError);
    EXPECT_THROW(static_cast<void>(file.read_doubles("id")), InputError);
    EXPECT_THROW(static_cast<void>(file.read_strings("cube")), InputError);
    EXPECT_THROW(static_cast<void>(file.integer_attribute("title")), InputError);
    EXPECT_THROW(static_cast<void>(file.number_attribute("seed")), InputError);
    EXPECT_THROW(static_cast<void>(file.text_attribute("seed")), InputError);
    EXPECT_THROW(static_cast<void>(Hdf5File::create(folder.path() / "no" / "x.h5")), OutputError);
}

TEST(Hdf5File, RefusesTextsThatAreNotWhereTheyAreSaidToBe) {
    const TemporaryFolder folder;
    const fs::path path = folder.path() / "x.h5";
    write_sample(path, 1.0);
    const std::string sound = read_text(path);
    const std::size_t heap = sound.find("GCOL");
    ASSERT_NE(heap, std::string::npos);
    std::string address(8, '\0');
    for (std::size_t i = 0; i < address.size(); ++i) {
        address[i] = static_cast<char>(heap >> (8 * i));
    }
    const std::size_t reference = sound.find(address + std::string("\1\0\0\0", 4));  // to the first text of the heap
    ASSERT_NE(reference, std::string::npos);
    const auto refused = [&](std::size_t at, char value) {
        std::string damaged = sound;
        damaged[at] = value;
        write_text(path, damaged);
        EXPECT_THROW(
            {
                const Hdf5File file = Hdf5File::open(path);
                static_cast<void>(file.read_strings("id"));
                static_cast<void>(file.read_strings("action"));
            },
            InputError)
            << at - reference << " from the reference, " << at - heap << " from the heap";
    };
    for (const std::size_t at : {reference + 7, reference + 8, reference + 10, reference - 1, heap, heap + 4, heap + 9,
                                 heap + 15, heap + 16, heap + 24, heap + 31}) {
        refused(at, '\x7f');
    }
    refused(heap + 24, '\0');
    write_text(path, sound);
    EXPECT_EQ(Hdf5File::open(path).read_strings("id"), names);
}

TEST(Hdf5File, RefusesATruncatedFile) {
    const TemporaryFolder folder;
    const fs::path path = folder.path() / "x.h5";
    write_sample(path, 1.0);
    fs::resize_file(path, fs::file_size(path) / 2);
    EXPECT_THROW(static_cast<void>(Hdf5File::open(path)), InputError);
}

/// Ends the process like a program that met the error: 7 for an OutputError.
[[noreturn]] void write_much_and_exit(const fs::path& path) {
    try {
        const std::vector<double> index(20'000);
        Hdf5File file = Hdf5File::create(path);
        file.write_scale("i", index, {"", "index"});
        for (int dataset = 0; dataset < 100; ++dataset) {
            file.write("x" + std::to_string(dataset), {"i"}, index, {"", "data"});
        }
        file.close();
    } catch (const OutputError& error) {
        std::fprintf(stderr, "%s\n", error.what());
        std::exit(7);
    }
    std::exit(0);
}

TEST(Hdf5FileDeathTest, AFullDiskIsACleanError) {
    const SmallDisk disk;
    CLV_SKIP_UNLESS_MOUNTED(disk);
    EXPECT_EXIT(write_much_and_exit(disk.path() / "x.h5"), testing::ExitedWithCode(7), "disk is full");
}

TEST(Hdf5FileDeathTest, AFullDiskBeforeTheFirstDatasetIsACleanError) {
    const SmallDisk disk;
    CLV_SKIP_UNLESS_MOUNTED(disk);
    write_text(disk.path() / "filler", std::string(1 << 20, 'x'));
    EXPECT_EXIT(write_much_and_exit(disk.path() / "x.h5"), testing::ExitedWithCode(7), "disk is full");
}

// Space can be reserved beyond a process's file size limit, so here HDF5 itself meets the failure.
TEST(Hdf5FileDeathTest, AFailedWriteIsACleanError) {
    const TemporaryFolder folder;
    const auto limited = [&] {
        const rlimit limit{.rlim_cur = 1'000'000, .rlim_max = 1'000'000};
        ::setrlimit(RLIMIT_FSIZE, &limit);
        std::signal(SIGXFSZ, SIG_IGN);
        write_much_and_exit(folder.path() / "x.h5");
    };
    EXPECT_EXIT(limited(), testing::ExitedWithCode(7), "earlier results are as they were");
}

TEST(Hdf5File, GivesBackReservedSpace) {
    const TemporaryFolder folder;
    const fs::path path = folder.path() / "x.h5";
    write_sample(path, 1.0);
    struct stat status {};
    ASSERT_EQ(::stat(path.c_str(), &status), 0);
    EXPECT_LT(status.st_size, 40'000);
    EXPECT_LT(status.st_blocks * 512, status.st_size + 16'384);
}

}  // namespace
}  // namespace clv
