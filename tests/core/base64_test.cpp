#include "clv/core/base64.hpp"

#include <gtest/gtest.h>

#include <string>
#include <utility>

namespace clv {
namespace {

TEST(Base64, GivesTheAnswersOfRfc4648) {
    const std::pair<std::string, std::string> published[] = {{"", ""},
                                                             {"f", "Zg=="},
                                                             {"fo", "Zm8="},
                                                             {"foo", "Zm9v"},
                                                             {"foob", "Zm9vYg=="},
                                                             {"fooba", "Zm9vYmE="},
                                                             {"foobar", "Zm9vYmFy"}};
    for (const auto& [bytes, text] : published) {
        EXPECT_EQ(base64(bytes), text);
        EXPECT_EQ(base64_bytes(text), bytes);
    }
    EXPECT_EQ(base64("\xfb\xff\xbf"), "+/+/") << "the alphabet of section 4";
}

TEST(Base64, EveryByteComesBack) {
    for (std::size_t length = 1; length < 300; ++length) {
        std::string bytes;
        for (std::size_t i = 0; i < length; ++i) {
            bytes += static_cast<char>(i * 7 + length);
        }
        EXPECT_EQ(base64(bytes).size(), 4 * ((length + 2) / 3));
        EXPECT_EQ(base64_bytes(base64(bytes)), bytes);
    }
    const std::string zeros(5, '\0');
    EXPECT_EQ(base64_bytes(base64(zeros)), zeros);
}

TEST(Base64, RefusesWhatItWouldNotWrite) {
    for (const std::string text :
         {"Z",     "Zg",       "Zg=",  "Zg===",    "=",      "==",           "====",         "Z===",
          "Zm9v=", "Zm=v",     "=m9v", "Zg==Zg==", "Zm9v\n", "Zm9v\n\n\n\n", "\n\n\n\nZm9v", "Zm 9v===",
          "    ",  "Zm9v    ", "Zm9*", "Zm9-",     "Zm9_",   "\xc3\xa9mm"}) {
        EXPECT_EQ(base64_bytes(text), std::nullopt) << text;
    }
    EXPECT_EQ(base64_bytes("Zh=="), std::nullopt) << "bits that are no part of any byte are 0";
    EXPECT_EQ(base64_bytes("Zm9="), std::nullopt);
    EXPECT_EQ(base64_bytes(std::string("Zm9\0", 4)), std::nullopt);
}

}  // namespace
}  // namespace clv
