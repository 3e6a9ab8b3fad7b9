#include "core/env.hpp"

#include <gtest/gtest.h>

namespace flotilla {
namespace {

TEST(MergedEnv, TheLaterListWins) {
    const Env image{{"PATH", "/bin"}, {"LANG", "C"}};
    const Env run{{"LANG", "de"}};
    EXPECT_EQ(merged_env({&image, &run}), (Env{{"PATH", "/bin"}, {"LANG", "de"}}));
}

TEST(MergedEnv, TheLastOfARepeatedNameWins) {
    const Env env{{"A", "1"}, {"B", "2"}, {"A", "3"}};
    EXPECT_EQ(merged_env({&env}), (Env{{"A", "3"}, {"B", "2"}}));
    EXPECT_EQ(*find_env(env, "A"), "3");
    EXPECT_EQ(find_env(env, "C"), nullptr);
}

}  // namespace
}  // namespace flotilla
