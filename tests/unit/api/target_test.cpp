#include "api/target.hpp"

#include <gtest/gtest.h>

#include "base/error.hpp"

namespace flotilla {
namespace {

using Segments = std::vector<std::string>;

std::optional<ErrorKind> refusal(std::string_view target) {
    try {
        static_cast<void>(parse_target(target));
        return std::nullopt;
    } catch (const Error& error) {
        return error.kind();
    }
}

TEST(TargetTest, ThePathIsSplitBeforeItIsUnescaped) {
    EXPECT_EQ(parse_target("/").segments, Segments{});
    EXPECT_EQ(parse_target("/api/v1/task").segments, (Segments{"api", "v1", "task"}));
    EXPECT_EQ(parse_target("/task/a%2Fb%20%C3%A9+c").segments, (Segments{"task", "a/b \u00e9+c"}));
    EXPECT_EQ(parse_target("/a?b/c").segments, Segments{"a"});
}

TEST(TargetTest, ABasePathIsTakenOffWhereItIs) {
    EXPECT_EQ(below_base_path("/flotilla/api?a=/b", "/flotilla"), "/api?a=/b");
    EXPECT_EQ(below_base_path("/flotilla", "/flotilla"), "/");
    for (const char* other : {"/", "/api", "/flotillas/api", "/x/flotilla/api"}) {
        EXPECT_EQ(below_base_path(other, "/flotilla"), other);
    }
    EXPECT_EQ(below_base_path("/api", ""), "/api");
}

TEST(TargetTest, APathThatCouldBeWrittenOtherwiseIsNotFound) {
    for (const char* target : {"//a", "/a//b", "/a/", "/a/../b", "/a/.", "/..", "*", "example.org:80", ""}) {
        EXPECT_EQ(refusal(target), ErrorKind::not_found) << target;
    }
}

TEST(TargetTest, ADotIsNoLessADotForBeingEscaped) {
    for (const char* target : {"/a/%2e%2E/b", "/a/.%2e", "/%2e", "/a/%2E/b"}) {
        EXPECT_EQ(refusal(target), ErrorKind::not_found) << target;
    }
    EXPECT_EQ(parse_target("/a/%2e%2e%2e").segments, (Segments{"a", "..."}));
}

TEST(TargetTest, TheAbsoluteFormIsTaken) {
    EXPECT_EQ(parse_target("http://h:3000/a?b=c").segments, Segments{"a"});
    EXPECT_EQ(parse_target("http://h").segments, Segments{});
    EXPECT_EQ(parse_target("http://h?x=/y").segments, Segments{});
}

TEST(TargetTest, QueryPairsAreUnescapedInOrder) {
    EXPECT_EQ(parse_target("/a?x=1&y=a+b%2Bc&x=&z&&x=2=3").query,
              (QueryParameters{{"x", "1"}, {"y", "a b+c"}, {"x", ""}, {"z", ""}, {"x", "2=3"}}));
    EXPECT_EQ(parse_target("/a?").query, QueryParameters{});
    EXPECT_EQ(parse_target("/a?%6Cimit=1#x").query, (QueryParameters{{"limit", "1"}}));
}

TEST(TargetTest, APairWithASemicolonIsDropped) {
    EXPECT_EQ(parse_target("/a?x=1;y=2&z=3").query, (QueryParameters{{"z", "3"}}));
}

TEST(TargetTest, BadEscapesNulAndOtherBytesThanUtf8AreRefused) {
    for (const char* target : {"/a?x=%zz", "/a?x=%", "/a?x=%4", "/a?%4=x", "/%zz", "/a%2", "/a%00",
                               "/a?x=%00", "/a%FF", "/a?x=%C3", "/a\xFF"}) {
        EXPECT_EQ(refusal(target), ErrorKind::invalid) << target;
    }
}

}  // namespace
}  // namespace flotilla
