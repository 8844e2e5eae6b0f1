// docs/data_dictionary.md is the page of this program; `clv docs` in the top folder writes it anew.

#include <gtest/gtest.h>

#include <filesystem>

#include "clv/output/files.hpp"
#include "support/temporary_folder.hpp"

namespace clv {
namespace {

TEST(ReferencePages, DataDictionaryIsCurrent) {
    const std::filesystem::path committed = std::filesystem::path(CLV_SOURCE_DIR) / "docs/data_dictionary.md";
    EXPECT_EQ(test::read_file(committed), data_dictionary_page()) << "run: clv docs";
}

TEST(DataDictionary, FilesOfThePackageAreCurrent) {
    const auto path = std::filesystem::path(CLV_SOURCE_DIR) / "python/clvsim/files.json";
    EXPECT_EQ(test::read_file(path), file_table_text()) << "run: clv docs";
}

}  // namespace
}  // namespace clv
