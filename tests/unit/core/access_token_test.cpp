#include "core/access_token.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace flotilla {
namespace {

using testing::HasSubstr;

TEST(AccessToken, ATokenIsAPrefixAndItsBytes) {
    const auto token = access_token_text(std::string(access_token_bytes, '\xab'));
    EXPECT_EQ(token, "flt_abababababababababababababababababababababababababababababababab");
    EXPECT_TRUE(is_access_token_text(token));
}

TEST(AccessToken, OtherTextsAreNone) {
    const auto token = access_token_text(std::string(access_token_bytes, 'x'));
    for (const std::string& other : {std::string(), std::string("flt_"), token + "0", token.substr(1),
                                     token.substr(0, token.size() - 1) + "G", "FLT" + token.substr(3)}) {
        EXPECT_FALSE(is_access_token_text(other)) << other;
    }
}

TEST(AccessToken, WhatIsKeptOfATokenDoesNotHoldIt) {
    const auto token = access_token_text(std::string(access_token_bytes, 'x'));
    EXPECT_EQ(access_token_hash(token), access_token_hash(token));
    EXPECT_NE(access_token_hash(token), access_token_hash(token + "0"));
    EXPECT_EQ(access_token_hash(token).find(token.substr(4)), std::string::npos);
}

TEST(AccessToken, ANameIsAnOwnersName) {
    for (const char* name : {"ada", "Ada.Lovelace", "ci-nightly_2", "ada+jobs@example.org", "7"}) {
        EXPECT_EQ(token_name_mistake(name), std::nullopt) << name;
    }
    for (const auto& name :
         {std::string(), std::string("-ada"), std::string("@ada"), std::string("a b"), std::string("a\n"),
          std::string("a/b"), std::string("\u00e9va"), std::string(65, 'a')}) {
        EXPECT_THAT(token_name_mistake(name).value_or(""), HasSubstr("at most 64 letters")) << name;
    }
    EXPECT_EQ(token_name_mistake(std::string(64, 'a')), std::nullopt);
    EXPECT_THAT(token_name_mistake("v1-unknown").value_or(""), HasSubstr("owners that nobody knows"));
}

}  // namespace
}  // namespace flotilla
