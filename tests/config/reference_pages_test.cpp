// docs/configuration.md is the page of this program; `clv docs` in the top folder writes it anew.

#include "clv/config/reference_pages.hpp"

#include <gtest/gtest.h>

#include <filesystem>

#include "support/temporary_folder.hpp"

namespace clv {
namespace {

TEST(ReferencePages, ConfigurationIsCurrent) {
    const std::filesystem::path committed = std::filesystem::path(CLV_SOURCE_DIR) / "docs/configuration.md";
    EXPECT_EQ(test::read_file(committed), configuration_page()) << "run: clv docs";
}

TEST(ReferencePages, CellsKeepTheirTable) {
    EXPECT_EQ(markdown_cell("a | b\nc"), "a \\| b c");
}

}  // namespace
}  // namespace clv
