#include "api/request_weight.hpp"

#include <gtest/gtest.h>

namespace flotilla {
namespace {

bool is_long(const std::string& target, HttpVerb verb = HttpVerb::get) {
    return may_be_long({.verb = verb, .target = target, .headers = {}, .body = {}});
}

TEST(RequestWeight, PagesOfLogsMayBeLong) {
    EXPECT_TRUE(is_long("/api/v1/r/logs"));
    EXPECT_TRUE(is_long("/api/v1/r/logs?last_seen=x"));
}

TEST(RequestWeight, ListsMayBeLongUnlessTheyAskForFew) {
    for (const std::string list :
         {"/api/v1/task", "/api/v1/history", "/api/v1/task/d/history", "/api/v1/tags"}) {
        EXPECT_TRUE(is_long(list));
        EXPECT_TRUE(is_long(list + "?limit=1000&status=RUNNING"));
        EXPECT_TRUE(is_long(list + "?limit=x"));
        EXPECT_FALSE(is_long(list + "?status=RUNNING&limit=20"));
    }
}

TEST(RequestWeight, OthersAreShort) {
    EXPECT_FALSE(is_long("/api/v1/history/r"));
    EXPECT_FALSE(is_long("/health"));
    EXPECT_FALSE(is_long("/api/v1/task", HttpVerb::post));
}

}  // namespace
}  // namespace flotilla
