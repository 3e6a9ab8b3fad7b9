#include "api/entity_tag.hpp"

#include <gtest/gtest.h>

namespace flotilla {
namespace {

TEST(EntityTag, DiffersWithTheBody) {
    EXPECT_EQ(entity_tag("a"), entity_tag("a"));
    EXPECT_NE(entity_tag("a"), entity_tag("b"));
    EXPECT_EQ(entity_tag("a").size(), 34U);
}

TEST(EntityTag, IsMatchedByItselfInAListAndByTheStar) {
    EXPECT_TRUE(is_matched(R"("x")", R"("x")"));
    EXPECT_TRUE(is_matched(R"( "y" ,	"x")", R"("x")"));
    EXPECT_TRUE(is_matched("*", R"("x")"));
    EXPECT_FALSE(is_matched(R"("y", "xx")", R"("x")"));
    EXPECT_FALSE(is_matched(R"(W/"x")", R"("x")"));
    EXPECT_FALSE(is_matched("", R"("x")"));
    EXPECT_FALSE(is_matched(" , ", R"("x")"));
}

}  // namespace
}  // namespace flotilla
