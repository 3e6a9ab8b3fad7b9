#include "api/request_id.hpp"

#include <gtest/gtest.h>

namespace flotilla {
namespace {

TEST(RequestIdTest, TheOneThatCameIsKept) {
    for (const auto& id : {std::string("Abc-1_2.3"), std::string("x"), std::string(128, 'a')}) {
        EXPECT_EQ(request_id({{"x-request-id", id}}), id);
    }
}

TEST(RequestIdTest, OneThatCouldDoHarmInALogIsReplaced) {
    for (const auto& id :
         {std::string(), std::string("a b"), std::string("a\nb"), std::string("é"), std::string(129, 'a')}) {
        EXPECT_EQ(request_id({{"X-Request-Id", id}}).size(), 36U) << id;
    }
}

TEST(RequestIdTest, EachRequestWithoutOneGetsItsOwn) {
    EXPECT_NE(request_id({}), request_id({}));
}

}  // namespace
}  // namespace flotilla
