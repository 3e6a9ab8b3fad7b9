#include "base/log.hpp"

#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace flotilla {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;

class LogTest : public testing::Test {
protected:
    ~LogTest() override { configure_log(LogFormat::plain, LogLevel::info); }

    /// What `write` puts on standard error.
    template <typename Write>
    static std::string written(Write write) {
        testing::internal::CaptureStderr();
        write();
        return testing::internal::GetCapturedStderr();
    }
};

TEST_F(LogTest, LinesBelowTheLevelAreLeftOut) {
    configure_log(LogFormat::plain, LogLevel::warning);
    EXPECT_EQ(written([] {
                  log_info("quiet");
                  log_event("quiet", {});
                  log_event(LogLevel::debug, "quiet", {});
              }),
              "");
    EXPECT_THAT(written([] { log_warning("loud {}", 1); }), EndsWith(" warning loud 1\n"));
    EXPECT_FALSE(is_logged(LogLevel::info));
    EXPECT_TRUE(is_logged(LogLevel::error));
}

TEST_F(LogTest, LinesCarryTheFieldsOfTheScopesAroundThem) {
    const LogScope request{"request_id", "q-1"};
    EXPECT_THAT(written([] {
                    const LogScope run{"run_id", "r-1"};
                    log_info("in both");
                }),
                EndsWith(" info run_id=r-1 request_id=q-1 in both\n"));
    EXPECT_THAT(written([] {
                    log_event("alone", {{"n", 1}});
                }),
                EndsWith(" event=alone n=1 request_id=q-1\n"));
}

TEST_F(LogTest, ALinesOwnFieldAndTheInnerScopeComeFirst) {
    configure_log(LogFormat::json, LogLevel::info);
    const LogScope outer{"run_id", "outer"};
    const LogScope inner{"run_id", "inner"};
    EXPECT_THAT(written([] { log_info("m"); }), EndsWith(R"("message":"m","run_id":"inner"})"
                                                         "\n"));
    EXPECT_THAT(written([] {
                    log_event("e", {{"run_id", "own"}});
                }),
                EndsWith(R"("event":"e","run_id":"own"})"
                         "\n"));
}

TEST_F(LogTest, AScopeIsThatOfItsThread) {
    const LogScope request{"request_id", "q-1"};
    EXPECT_THAT(written([] { std::jthread([] { log_info("elsewhere"); }); }), Not(HasSubstr("q-1")));
}

TEST_F(LogTest, LinesOfManyThreadsDoNotMix) {
    const std::string text = written([] {
        std::vector<std::jthread> threads;
        for (int i = 0; i < 4; ++i) {
            threads.emplace_back([] {
                for (int n = 0; n < 100; ++n) {
                    log_event("tick", {{"text", "a b"}});
                }
            });
        }
    });
    std::size_t lines = 0;
    for (std::size_t at = 0; at < text.size(); ++lines) {
        const auto end = text.find('\n', at);
        EXPECT_THAT(text.substr(at, end - at), EndsWith(" info event=tick text=\"a b\""));
        at = end + 1;
    }
    EXPECT_EQ(lines, 400);
}

}  // namespace
}  // namespace flotilla
