#include "clv/core/input_text.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <string>

#include "support/temporary_folder.hpp"

namespace clv {
namespace {

std::string refusal(const std::filesystem::path& file) {
    try {
        (void)text_of_input(file);
    } catch (const UnreadableInput& fault) {
        return fault.reason();
    }
    return "";
}

TEST(InputText, IsThatOfARegularFile) {
    const test::TemporaryFolder folder;
    EXPECT_EQ(text_of_input(folder.write("a", "one\ntwo")), "one\ntwo");
    EXPECT_EQ(text_of_input(folder.write("b", "")), "");
    EXPECT_NE(refusal(folder.path()).find("is a folder"), std::string::npos);
    EXPECT_NE(refusal(folder.path() / "none").find("cannot be opened"), std::string::npos);
    EXPECT_NE(refusal("/dev/zero").find("is a device"), std::string::npos);
    EXPECT_NE(refusal("/dev/null").find("is a device"), std::string::npos);
    const std::filesystem::path pipe = folder.path() / "pipe";
    ASSERT_EQ(mkfifo(pipe.c_str(), 0600), 0);
    EXPECT_NE(refusal(pipe).find("is a pipe"), std::string::npos);  // and nobody waits for a writer
}

std::string repeated(const std::string& part, std::size_t count) {
    std::string text;
    for (std::size_t i = 0; i < count; ++i) {
        text += part;
    }
    return text;
}

TEST(InputText, NestingIsCountedOutsideOfTexts) {
    const std::string deep = repeated("[", deepest_nesting + 1);
    EXPECT_TRUE(nests_too_deep(deep));
    EXPECT_FALSE(nests_too_deep(repeated("[", deepest_nesting)));
    EXPECT_FALSE(nests_too_deep(repeated("[]", 1000)));
    EXPECT_FALSE(nests_too_deep(repeated("[1.5, {\"a\": 2.5}],\n", 1000)));
    EXPECT_FALSE(nests_too_deep(repeated("a.b = 1.5\n", 1000)));
    EXPECT_FALSE(nests_too_deep("a = \"" + deep + "\""));
    EXPECT_FALSE(nests_too_deep("a = '" + deep + "'"));
    EXPECT_FALSE(nests_too_deep("a = \"\"\"" + deep + "\n" + deep + "\"\"\""));
    EXPECT_FALSE(nests_too_deep("a = \"\\\"" + deep + "\""));
    EXPECT_FALSE(nests_too_deep("# " + deep));
    EXPECT_TRUE(nests_too_deep("a = 'x' " + deep));
    EXPECT_TRUE(nests_too_deep("a = \"\"\"x\"\"\"\"\" " + deep));
    EXPECT_TRUE(nests_too_deep("# x\n" + deep));
    EXPECT_TRUE(nests_too_deep("a" + repeated(".a", deepest_nesting + 1) + " = 1"));
    EXPECT_TRUE(nests_too_deep("\"a\"" + repeated(". 'a'", deepest_nesting + 1) + " = 1"));
    EXPECT_TRUE(nests_too_deep(repeated("{a.b = ", deepest_nesting / 2 + 1)));
    EXPECT_FALSE(nests_too_deep("path = a" + repeated("/../b", deepest_nesting)));  // a bare text of --set
}

TEST(InputText, PlacesCountFromOne) {
    EXPECT_EQ(place_in_text("abc", 0), "1:1");
    EXPECT_EQ(place_in_text("ab\ncd", 4), "2:2");
    EXPECT_EQ(place_in_text("ab\n", 99), "2:1");
}

}  // namespace
}  // namespace clv
