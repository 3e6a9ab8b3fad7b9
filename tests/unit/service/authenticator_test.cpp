#include "service/authenticator.hpp"

#include <gtest/gtest.h>

#include "service/token_service.hpp"
#include "store/sql_token_store.hpp"
#include "support/control_plane.hpp"
#include "support/counting_token_store.hpp"

namespace flotilla {
namespace {

struct AuthenticatorTest : testing::Test {
    /// The name of the token's holder; `-` if it is nobody's.
    std::string holder(std::string_view text) {
        const auto identity = authenticator.identify(text);
        const auto* known = std::get_if<TokenHolder>(&identity);
        return known != nullptr ? known->name : "-";
    }
    std::optional<TimePoint> last_use() { return stored.list().at(0).last_used_at; }

    test::ControlPlane plane;
    SqlTokenStore stored{plane.database};
    test::CountingTokenStore tokens{stored};
    TokenService service{stored, plane.clock};
    RunTokens run_tokens{"key"};
    Authenticator authenticator{tokens, plane.clock, run_tokens};
    const std::string token = service.create("ada", std::string(access_token_bytes, 'a'));
};

TEST_F(AuthenticatorTest, ATokenIsItsHolders) {
    const auto other = service.create("bob", std::string(access_token_bytes, 'b'));
    EXPECT_EQ(holder(token), "ada");
    EXPECT_EQ(holder(other), "bob");
    EXPECT_EQ(holder(token), "ada");
}

TEST_F(AuthenticatorTest, ARunsTokenIsTheRunsWithoutARead) {
    const auto identity = authenticator.identify(run_tokens.token_of({"r1"}));
    ASSERT_TRUE(std::holds_alternative<RunItself>(identity));
    EXPECT_EQ(std::get<RunItself>(identity).run.value, "r1");
    EXPECT_TRUE(
        std::holds_alternative<UnknownToken>(authenticator.identify(RunTokens("other").token_of({"r1"}))));
    EXPECT_EQ(tokens.reads, 0);
}

TEST_F(AuthenticatorTest, OtherTextsAreMalformedWithoutARead) {
    for (const char* text : {"", "ada", "flt_", "flr_r1_00"}) {
        EXPECT_TRUE(std::holds_alternative<MalformedToken>(authenticator.identify(text))) << text;
    }
    EXPECT_EQ(tokens.reads, 0);
}

TEST_F(AuthenticatorTest, ATokenThatWasNeverMadeIsUnknown) {
    const auto text = access_token_text(std::string(access_token_bytes, 'x'));
    EXPECT_TRUE(std::holds_alternative<UnknownToken>(authenticator.identify(text)));
}

TEST_F(AuthenticatorTest, ATokenInUseIsReadOnceASecond) {
    for (int i = 0; i < 100; ++i) {
        EXPECT_EQ(holder(token), "ada");
    }
    EXPECT_EQ(tokens.reads, 1);
    plane.clock.time += Authenticator::trusted_for;
    EXPECT_EQ(holder(token), "ada");
    EXPECT_EQ(tokens.reads, 2);
}

TEST_F(AuthenticatorTest, ARevokedTokenEndsWithinASecond) {
    EXPECT_EQ(holder(token), "ada");
    service.revoke("ada");
    plane.clock.time += Authenticator::trusted_for;
    EXPECT_EQ(holder(token), "-");
    plane.clock.time -= Authenticator::trusted_for;
    EXPECT_EQ(holder(token), "-");
}

TEST_F(AuthenticatorTest, AClockThatWasSetBackDoesNotKeepItAlive) {
    EXPECT_EQ(holder(token), "ada");
    service.revoke("ada");
    plane.clock.set(-std::chrono::hours{1});
    plane.clock.time += Authenticator::trusted_for;
    EXPECT_EQ(holder(token), "-");
}

TEST_F(AuthenticatorTest, ANewTokenIsTakenAtOnce) {
    const auto text = access_token_text(std::string(access_token_bytes, 'b'));
    EXPECT_EQ(holder(text), "-");
    EXPECT_EQ(service.create("bob", std::string(access_token_bytes, 'b')), text);
    EXPECT_EQ(holder(text), "bob");
}

TEST_F(AuthenticatorTest, TheLastUseIsNotedOnceAMinute) {
    EXPECT_EQ(holder(token), "ada");
    EXPECT_EQ(last_use(), test::noon);
    plane.clock.time += std::chrono::seconds{59};
    EXPECT_EQ(holder(token), "ada");
    EXPECT_EQ(last_use(), test::noon);
    plane.clock.time += std::chrono::seconds{1};
    EXPECT_EQ(holder(token), "ada");
    EXPECT_EQ(last_use(), test::noon + std::chrono::minutes{1});
}

TEST_F(AuthenticatorTest, AFullDiskKeepsNobodyOut) {
    tokens.read_only = true;
    EXPECT_EQ(holder(token), "ada");
}

TEST_F(AuthenticatorTest, ADatabaseThatIsAwayIsSaidToBe) {
    tokens.unreachable = true;
    try {
        std::ignore = authenticator.identify(token);
        FAIL();
    } catch (const Error& error) {
        EXPECT_EQ(error.kind(), ErrorKind::unavailable);
    }
}

}  // namespace
}  // namespace flotilla
