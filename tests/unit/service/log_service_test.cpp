#include "service/log_service.hpp"

#include <gtest/gtest.h>

#include "base/error.hpp"
#include "core/lifecycle.hpp"
#include "support/control_plane.hpp"

namespace flotilla {
namespace {

using namespace std::chrono_literals;

struct LogServiceTest : testing::Test {
    void advance(ChangeKind change) {
        run = *plane.runs.advance(run.id, {run.attempt.number, std::move(change)});
    }
    void start() {
        advance(Submitting{});
        advance(Submitted{"handle"});
        advance(Started{test::noon, {}});
    }
    void end(int exit_code) { advance(Ended{test::noon, exit_code, ExitClass::completed, "", {}}); }
    /// The attempt ends for the platform's reasons and the next one begins to wait.
    void retry() {
        advance(Reported{test::noon, RunStatus::needs_retry, {}, {RetryRules{}, test::noon, 0.0}});
        advance(Ended{test::noon, {}, ExitClass::stopped_by_user, "", {}});
        advance(Requeued{test::noon});
    }
    std::string& log(int attempt = 1) { return plane.logs.logs[{run.id.value, attempt}]; }
    LogFollower follow(std::string_view token = {}) { return plane.log_service.follow(run.id, token); }
    LogNews next(LogFollower& follower) { return follower.next(now += 2s); }
    /// What comes until there is nothing new, one word each.
    std::string all(LogFollower& follower) {
        std::string told;
        while (true) {
            const LogNews news = next(follower);
            if (const auto* lines = std::get_if<LogLines>(&news)) {
                told += "[" + lines->text + "]";
                last_seen = lines->last_seen;
            } else if (const auto* line = std::get_if<UnfinishedLine>(&news)) {
                told += "<" + line->text + ">";
            } else if (const auto* began = std::get_if<AttemptBegan>(&news)) {
                told += "attempt " + std::to_string(began->number);
                last_seen = began->last_seen;
            } else if (const auto* ended = std::get_if<LogEnded>(&news)) {
                return told + "end " + std::to_string(ended->exit_code.value_or(-1));
            } else {
                return told;
            }
        }
    }

    test::ControlPlane plane;
    flotilla::Run run = plane.execute("job");
    LogFollower::Moment now{};
    std::string last_seen;
};

TEST_F(LogServiceTest, AnotherAttemptsTokenCountsAsNone) {
    start();
    log(1) = "first\n";
    const auto seen = plane.log_service.read(run.id, "", {}).last_seen;
    retry();
    start();
    EXPECT_EQ(plane.log_service.read(run.id, seen, {}).last_seen, seen);
    log(2) = "second\n";
    EXPECT_EQ(plane.log_service.read(run.id, seen, {}).text, "second");
}

TEST_F(LogServiceTest, AnEarlierAttemptCanBeRead) {
    start();
    log(1) = "first";
    retry();
    EXPECT_EQ(plane.log_service.read(run.id, "", {}).text, "");
    EXPECT_EQ(plane.log_service.read(run.id, "", 1).text, "first");
    EXPECT_EQ(plane.log_service.open(run.id, 1).bytes->size(), 5);
    EXPECT_FALSE(plane.log_service.open(run.id, 2).bytes);
    for (const int unknown : {-1, 0, 3}) {
        EXPECT_THROW(static_cast<void>(plane.log_service.read(run.id, "", unknown)), Error);
        EXPECT_THROW(static_cast<void>(plane.log_service.open(run.id, unknown)), Error);
    }
}

TEST_F(LogServiceTest, FollowingTellsWhatComesUntilTheRunHasStopped) {
    auto follower = follow();
    EXPECT_EQ(all(follower), "");
    start();
    log() = "one\ntwo\nhal";
    EXPECT_EQ(all(follower), "[one\ntwo]<hal>");
    EXPECT_EQ(all(follower), "");
    log() += "f\n\n";
    EXPECT_EQ(all(follower), "[half\n]");
    log() += "rest";
    end(3);
    EXPECT_EQ(all(follower), "<rest>[rest]end 3");
}

TEST_F(LogServiceTest, FollowingTellsWhatAProgressBarShowsNow) {
    start();
    auto follower = follow();
    log() = "begin\n\r 1%\r 2%";
    EXPECT_EQ(all(follower), "[begin]< 2%>");
    const auto after_begin = last_seen;
    log() += "\r";
    EXPECT_EQ(all(follower), "");
    log() += " 3%";
    EXPECT_EQ(all(follower), "< 3%>");
    auto second = follow(after_begin);
    EXPECT_EQ(all(second), "< 3%>") << "who comes back is told at once, and misses nothing of the line";
    log() += "\ndone\n";
    EXPECT_EQ(all(second), "[\r 1%\r 2%\r 3%\ndone]");
    log() += " 3%";
    EXPECT_EQ(all(second), "< 3%>") << "another line may begin as the one before was";
}

TEST_F(LogServiceTest, OfALineThatIsToldInPiecesTheEndShows) {
    start();
    auto follower = follow();
    plane.logs.cuts_at = 8;
    log() = "\r10% abcdef";
    EXPECT_EQ(all(follower), "[\r10% abc]<10% abcdef>");
    log() += "\r20%!";
    EXPECT_EQ(all(follower), "[def\r20%!]");
    log() += "?";
    EXPECT_EQ(all(follower), "<20%!?>");
    log() += "\n1";
    EXPECT_EQ(all(follower), "[?]<1>");
}

TEST_F(LogServiceTest, FollowingGoesOnWithTheNextAttempt) {
    auto follower = follow();
    start();
    log(1) = "first\n";
    EXPECT_EQ(all(follower), "[first]");
    log(1) += "its end";
    retry();
    EXPECT_EQ(all(follower), "<its end>[its end]attempt 2");
    start();
    log(2) = "second\n";
    EXPECT_EQ(all(follower), "[second]");
    end(0);
    EXPECT_EQ(all(follower), "end 0");
}

TEST_F(LogServiceTest, WhoComesBackGetsTheRestAlsoOfAnEarlierAttempt) {
    start();
    log(1) = "one\n";
    auto follower = follow();
    EXPECT_EQ(all(follower), "[one]");
    log(1) += "two\n";
    retry();
    start();
    log(2) = "three\n";
    end(0);
    auto second = follow(last_seen);
    EXPECT_EQ(all(second), "[two]attempt 2[three]end 0");
    auto third = follow("2/0");
    EXPECT_EQ(all(third), "[three]end 0");
    auto fourth = follow(last_seen);
    EXPECT_EQ(all(fourth), "end 0");
    auto fresh = follow();
    EXPECT_EQ(all(fresh), "[three]end 0");
}

TEST_F(LogServiceTest, ATokenThatWasNeverGivenOutCannotBeFollowed) {
    for (const char* token : {"nonsense", "0/0", "2/0"}) {
        EXPECT_THROW(follow(token), Error) << token;
    }
}

TEST_F(LogServiceTest, AJobThatReportsItsEndIsFollowedUntilItsContainerIsGone) {
    start();
    auto follower = follow();
    advance(Reported{test::noon, RunStatus::stopped, 5, {}});
    EXPECT_EQ(all(follower), "");
    log() = "last words\n";
    end(0);
    EXPECT_EQ(all(follower), "[last words]end 5");
}

TEST_F(LogServiceTest, ALogOfWhichMoreMayComeIsFollowedBeyondTheEndOfItsRun) {
    start();
    plane.logs.is_late = true;
    auto follower = follow();
    end(0);
    EXPECT_EQ(all(follower), "");
    log() = "last words\n";
    EXPECT_EQ(all(follower), "[last words]");
    plane.logs.is_late = false;
    EXPECT_EQ(all(follower), "end 0");
}

TEST_F(LogServiceTest, AFollowerIsDueWhenTheLogGrewOrTheRunMayHaveChanged) {
    start();
    auto follower = follow();
    EXPECT_TRUE(follower.is_due(now));
    std::ignore = next(follower);
    EXPECT_FALSE(follower.is_due(now));
    log() = "half";
    EXPECT_TRUE(follower.is_due(now));
    std::ignore = follower.next(now);
    EXPECT_FALSE(follower.is_due(now)) << "half a line was told";
    EXPECT_TRUE(follower.is_due(now + 1s));
}

TEST_F(LogServiceTest, FollowingOutlivesAStoreThatDoesNotAnswerForAWhile) {
    start();
    auto follower = follow();
    plane.database.write([](SqlSession& session) { session.execute("ALTER TABLE runs RENAME TO gone", {}); });
    log() = "line\n";
    EXPECT_EQ(all(follower), "[line]");
    plane.database.write([](SqlSession& session) { session.execute("ALTER TABLE gone RENAME TO runs", {}); });
    end(0);
    EXPECT_EQ(all(follower), "end 0");
}

TEST_F(LogServiceTest, LinesAndMatchesAreThoseOfTheAttempt) {
    log() = "not yet\n";
    EXPECT_EQ(plane.log_service.lines(run.id, {}, {}, 10).last_seen, "");
    EXPECT_EQ(plane.log_service.search(run.id, {}, {"yet"}).total, 0);
    start();
    log() = "one\ntwo\nhalf";
    const auto lines = plane.log_service.lines(run.id, {}, 2, 10);
    EXPECT_EQ(lines.range.lines, std::vector<std::string>{"two"});
    EXPECT_EQ(lines.attempt, 1);
    EXPECT_EQ(lines.last_seen, "1/8");
    end(0);
    EXPECT_EQ(plane.log_service.lines(run.id, 1, {}, 1).range.lines, std::vector<std::string>{"half"});
    EXPECT_EQ(plane.log_service.search(run.id, 1, {"HALF", true}).lines, std::vector<std::int64_t>{3});
    EXPECT_THROW((void)plane.log_service.lines(run.id, 2, {}, 1), Error);
}

TEST_F(LogServiceTest, NumbersAndTextsThatCannotBeAreRefused) {
    for (const std::int64_t count : {-1, 0, 10'001}) {
        EXPECT_THROW((void)plane.log_service.lines(run.id, {}, {}, count), Error);
    }
    EXPECT_THROW((void)plane.log_service.lines(run.id, {}, 0, 1), Error);
    for (const std::string& text : {std::string(), std::string("a\nb"), std::string(1001, 'x')}) {
        EXPECT_THROW((void)plane.log_service.search(run.id, {}, {text}), Error);
    }
    EXPECT_THROW((void)plane.log_service.search(run.id, {}, {.text = "a", .offset = -1}), Error);
}

}  // namespace
}  // namespace flotilla
