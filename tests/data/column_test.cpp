#include "clv/data/tables/column.hpp"

#include <gtest/gtest.h>

#include <utility>

#include "clv/data/tables/customer_table.hpp"

namespace clv {
namespace {

TEST(Column, OneNumberForEverybodyReadsLikeMany) {
    Column constant;
    constant.assign(3, 2.5);
    EXPECT_EQ(constant.size(), 3U);
    EXPECT_EQ(constant, (Column{2.5, 2.5, 2.5}));
    EXPECT_EQ(std::as_const(constant)[2], 2.5);
    constant.assign(0, 1.0);
    EXPECT_TRUE(constant.empty());
    EXPECT_EQ(constant, Column{});
}

TEST(Column, WritingOneEntryLeavesTheOthers) {
    Column column;
    column.assign(3, 2.5);
    Column copy = column;
    copy[1] = -1.0;
    EXPECT_EQ(copy, (Column{2.5, -1.0, 2.5}));
    EXPECT_EQ(column, (Column{2.5, 2.5, 2.5}));
    column.push_back(4.0);
    EXPECT_EQ(column, (Column{2.5, 2.5, 2.5, 4.0}));
    EXPECT_FALSE(column == (Column{2.5, 2.5, 2.5}));
    column.assign(2, 0.0);
    EXPECT_EQ(column, (Column{0.0, 0.0}));
}

TEST(IdColumn, CopiesShareUntilOneGrows) {
    IdColumn ids;
    ids.push_back("a");
    ids.push_back("bc");
    IdColumn copy = ids;
    EXPECT_EQ(copy[1].data(), ids[1].data());
    copy.push_back("d");
    EXPECT_EQ(ids.size(), 2U);
    EXPECT_EQ(copy.size(), 3U);
    EXPECT_EQ(copy[2], "d");
    EXPECT_EQ(ids[1], "bc");
    const IdRange range{copy, 1, 2};
    EXPECT_EQ(range[0], "bc");
    EXPECT_EQ(range[1], "d");
}

}  // namespace
}  // namespace clv
