// The generated pages in docs/ are those of this program; `clv docs` in the top folder writes them anew.

#include "clv/config/reference_pages.hpp"

#include <gtest/gtest.h>

#include "clv/output/files.hpp"
#include "pipeline/temporary_folder.hpp"

namespace clv {
namespace {

std::string committed(const std::string& page) {
    return test::read_file(std::filesystem::path(CLV_SOURCE_DIR) / "docs" / page);
}

TEST(ReferencePages, ConfigurationIsCurrent) {
    EXPECT_EQ(committed("configuration.md"), configuration_page()) << "run: clv docs";
}

TEST(ReferencePages, DataDictionaryIsCurrent) {
    EXPECT_EQ(committed("data_dictionary.md"), data_dictionary_page()) << "run: clv docs";
}

TEST(ReferencePages, FilesOfThePackageAreCurrent) {
    const auto path = std::filesystem::path(CLV_SOURCE_DIR) / "python/clvsim/files.json";
    EXPECT_EQ(test::read_file(path), file_table_text()) << "run: clv docs";
}

TEST(ReferencePages, CellsKeepTheirTable) {
    EXPECT_EQ(markdown_cell("a | b\nc"), "a \\| b c");
}

}  // namespace
}  // namespace clv
