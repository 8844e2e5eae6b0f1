#include "clv/output/files.hpp"

#include <gtest/gtest.h>

#include <set>
#include <stdexcept>

namespace clv {
namespace {

TEST(LevelSuffix, ReadsTheLevelAsADecimal) {
    EXPECT_EQ(quantile_column(0.05), "clv_q05");
    EXPECT_EQ(quantile_column(0.025), "clv_q02_5");
    EXPECT_EQ(quantile_column(0.5), "clv_q50");
    EXPECT_EQ(quantile_column(0.95), "clv_q95");
    EXPECT_EQ(quantile_column(0.29), "clv_q29");
    EXPECT_EQ(quantile_column(0.999), "clv_q99_9");
    EXPECT_EQ(quantile_column(0.00001), "clv_q00_001");
    EXPECT_EQ(cvar_column(0.05), "clv_cvar05");
    EXPECT_EQ(var_column(0.1), "clv_var10");
    EXPECT_THROW(static_cast<void>(level_suffix(5.0)), std::invalid_argument);
    EXPECT_THROW(static_cast<void>(level_suffix(-0.05)), std::invalid_argument);
}

TEST(FileTable, NamesAreUniqueAndEverythingHasAMeaning) {
    std::set<std::string_view> files;
    for (const FileSpec& file : file_table()) {
        EXPECT_TRUE(files.insert(file.name).second) << file.name;
        EXPECT_FALSE(file.meaning.empty());
        std::set<std::string_view> columns;
        for (const ColumnSpec& column : file.columns) {
            EXPECT_TRUE(columns.insert(column.name).second) << column.name;
            EXPECT_FALSE(column.meaning.empty()) << column.name;
            EXPECT_FALSE(column.type.empty()) << column.name;
            EXPECT_EQ(column.dimensions.empty(), !file.name.ends_with(".h5")) << column.name;
        }
    }
    EXPECT_THROW(static_cast<void>(file_spec("clv.tsv")), std::logic_error);
    EXPECT_THROW(static_cast<void>(column_spec(file_spec("clv.csv"), "clv_meen")), std::logic_error);
}

TEST(DataDictionary, HasEveryColumn) {
    const std::string page = data_dictionary_page();
    for (const FileSpec& file : file_table()) {
        EXPECT_NE(page.find("\n## " + std::string(file.name) + "\n"), std::string::npos) << file.name;
        for (const ColumnSpec& column : file.columns) {
            EXPECT_NE(page.find("| `" + std::string(column.name) + "`"), std::string::npos) << column.name;
        }
    }
}

}  // namespace
}  // namespace clv
