#include "clv/core/json_text.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>

#include "clv/core/errors.hpp"

namespace clv {
namespace {

std::string refusal_of_text(const std::string& text) {
    try {
        (void)parse_document(text);
    } catch (const InputError& fault) {
        return fault.what();
    }
    return "";
}

TEST(JsonText, IsReadBackInItsOrder) {
    for (const std::string text : {R"({"b":[1,2.5,-3,null,true,"x\n"],"a":{},"c":[[],[{}]]})", "[]", "1", "\"\"",
                                   R"([{"a":1},{"a":{"a":[{"a":2}]}}])", "18446744073709551615"}) {
        EXPECT_EQ(json_text(parse_document(text)), text);
    }
}

TEST(JsonText, AMemberStandsOnlyOnce) {
    EXPECT_EQ(refusal_of_text(R"({"a": 1, "b": 2, "a": 1})"), "member \"a\" stands there twice");
    EXPECT_EQ(refusal_of_text(R"({"a": 1, "\u0061": 2})"), "member \"a\" stands there twice");
    EXPECT_EQ(refusal_of_text(R"({"x": {"y": [0, {"c": 1, "d": 2, "c": 3}]}})"),
              "member \"x.y[1].c\" stands there twice");
    EXPECT_EQ(refusal_of_text(R"({"a\u0000": 1, "a\u0000": 2})"), R"(member "a\u0000" stands there twice)");
    EXPECT_EQ(refusal_of_text(R"([{"x": 1, "x": {}}])"), "member \"[0].x\" stands there twice");
}

TEST(JsonText, FaultsAreNamedWithTheirPlace) {
    EXPECT_EQ(refusal_of_text(""), "it is no JSON (1:1)");
    EXPECT_EQ(refusal_of_text("[1,\n ]"), "it is no JSON (2:2)");
    EXPECT_EQ(refusal_of_text("{} x"), "it is no JSON (1:4)");
    EXPECT_NE(refusal_of_text("[1e999]").find("a number is out of range (1:"), std::string::npos);
    EXPECT_NE(refusal_of_text(std::string(100, '[')).find("64 deep"), std::string::npos);
}

}  // namespace
}  // namespace clv
