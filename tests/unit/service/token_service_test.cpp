#include "service/token_service.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "store/sql_token_store.hpp"
#include "support/control_plane.hpp"
#include "support/refusal.hpp"

namespace flotilla {
namespace {

using test::refusal;
using testing::HasSubstr;

struct TokenServiceTest : testing::Test {
    const std::string bytes = std::string(access_token_bytes, 'r');
    test::ControlPlane plane;
    SqlTokenStore tokens{plane.database};
    TokenService service{tokens, plane.clock};
};

TEST_F(TokenServiceTest, ANewTokenIsStoredWithoutItself) {
    const auto token = service.create("ada", bytes);
    EXPECT_EQ(token, access_token_text(bytes));
    const auto stored = service.list();
    ASSERT_EQ(stored.size(), 1U);
    EXPECT_EQ(stored[0].name, "ada");
    EXPECT_EQ(stored[0].hash, access_token_hash(token));
    EXPECT_EQ(stored[0].created_at, test::noon);
    EXPECT_EQ(stored[0].last_used_at, std::nullopt);
}

TEST_F(TokenServiceTest, ANameIsGoodAndNotTaken) {
    EXPECT_THAT(refusal(ErrorKind::invalid, [&] { std::ignore = service.create("a b", bytes); }),
                HasSubstr("[a b]"));
    std::ignore = service.create("ada", bytes);
    EXPECT_THAT(refusal(ErrorKind::conflict, [&] { std::ignore = service.create("ada", bytes); }),
                HasSubstr("[ada]"));
}

TEST_F(TokenServiceTest, OnlyAValidTokenIsRevoked) {
    EXPECT_THAT(refusal(ErrorKind::not_found, [&] { service.revoke("ada"); }), HasSubstr("token list"));
    std::ignore = service.create("ada", bytes);
    plane.clock.time += std::chrono::seconds{1};
    service.revoke("ada");
    EXPECT_EQ(service.list()[0].revoked_at, test::noon + std::chrono::seconds{1});
    EXPECT_NE(refusal(ErrorKind::not_found, [&] { service.revoke("ada"); }), "nothing was thrown");
}

}  // namespace
}  // namespace flotilla
