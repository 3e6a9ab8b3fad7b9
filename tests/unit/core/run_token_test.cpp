#include "core/run_token.hpp"

#include <gtest/gtest.h>

namespace flotilla {
namespace {

const RunId run{"4cc0b4a2-8b8e-4c43-8f0e-7d3f3a1c2b5d"};

TEST(RunTokens, ATokenNamesItsRun) {
    const RunTokens tokens("key");
    EXPECT_TRUE(RunTokens::is_run_token_text(tokens.token_of(run)));
    EXPECT_EQ(tokens.run_of(tokens.token_of(run)), run);
    EXPECT_EQ(RunTokens("key").token_of(run), tokens.token_of(run));
}

TEST(RunTokens, AnotherKeyMakesAnotherToken) {
    EXPECT_NE(RunTokens("other").token_of(run), RunTokens("key").token_of(run));
    EXPECT_EQ(RunTokens("other").run_of(RunTokens("key").token_of(run)), std::nullopt);
}

TEST(RunTokens, ATokenCannotBeTurnedIntoThatOfAnotherRun) {
    const RunTokens tokens("key");
    const auto token = tokens.token_of(run);
    auto other = token;
    other[4] = '5';
    EXPECT_TRUE(RunTokens::is_run_token_text(other));
    EXPECT_EQ(tokens.run_of(other), std::nullopt);
    auto other_code = token;
    other_code.back() = other_code.back() == '0' ? '1' : '0';
    EXPECT_EQ(tokens.run_of(other_code), std::nullopt);
}

TEST(RunTokens, OtherTextsAreNone) {
    const auto token = RunTokens("key").token_of(run);
    const auto code = token.substr(token.rfind('_') + 1);
    for (const std::string& other :
         {std::string(), std::string("flr_"), std::string("_"), "flr__" + code, "flr_" + code,
          "flt_r1_" + code, "flr_r1_" + code.substr(1), "flr_r1_" + code.substr(1) + "X", token + "0"}) {
        EXPECT_FALSE(RunTokens::is_run_token_text(other)) << other;
        EXPECT_EQ(RunTokens("key").run_of(other), std::nullopt) << other;
    }
}

}  // namespace
}  // namespace flotilla
