#include "logs/cloudwatch/cloudwatch_log_reader.hpp"

#include <algorithm>
#include <atomic>
#include <fstream>
#include <future>
#include <latch>

#include <boost/json.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "logs/file/file_log_reader.hpp"
#include "logs/file/log_path.hpp"
#include "net/aws/json_fields.hpp"
#include "support/refusal.hpp"
#include "support/scripted_aws.hpp"
#include "support/temporary_folder.hpp"

namespace flotilla::test {
namespace {

namespace json = boost::json;
using ::testing::HasSubstr;

HttpResponse denied() {
    return {.status = 400, .headers = {}, .body = R"({"__type":"AccessDeniedException"})"};
}

/// A log stream in pages of two events, whose tokens count until `expire`.
class CloudWatchLogReaderTest : public testing::Test {
protected:
    CloudWatchLogReaderTest() {
        account_.aws.on("GetLogEvents", [this](const json::object& input) { return answer(input); });
    }

    /// A line at that time.
    void write(std::int64_t time, const std::string& line) { events_.emplace_back(time, line); }
    void expire() { ++age_; }
    /// All that can be read.
    std::string read() {
        account_.clock.time += std::chrono::seconds{2};
        std::string text;
        while (true) {
            const LogPage page = reader_.read(log_, offset_, 1 << 20);
            if (page.length == 0) {
                return text;
            }
            text += page.text + "\n";
            offset_ += page.length;
        }
    }
    [[nodiscard]] std::filesystem::path copy() const {
        return log_path(folder_.path(), log_.run, log_.attempt);
    }

    ScriptedAccount account_;
    TemporaryFolder folder_;
    FileLogReader files_{folder_.path()};
    CloudWatchLogReader reader_{
        account_.client, account_.clock, files_, {{"group", "flotilla"}, folder_.path()}};
    AttemptLog log_{.run = {"0b9c6a70-0000-4000-8000-000000000000"}, .handle = "arn:task/default/1"};
    std::int64_t offset_ = 0;
    std::vector<std::pair<std::int64_t, std::string>> events_;

    HttpResponse answer(const json::object& input) {
        const std::string token = aws::text(input, "nextToken");
        const std::string beginning = "f" + std::to_string(age_) + "/";
        if (!token.empty() && !token.starts_with(beginning)) {
            return {.status = 400,
                    .headers = {},
                    .body = R"({"__type":"InvalidParameterException",)"
                            R"("message":"The specified nextToken is invalid."})"};
        }
        const auto start = aws::integer(input, "startTime").value_or(0);
        const auto first = std::find_if(events_.begin(), events_.end(),
                                        [&](const auto& event) { return event.first >= start; });
        const auto at = token.empty() ? static_cast<std::size_t>(first - events_.begin())
                                      : std::stoul(token.substr(beginning.size()));
        const auto end = std::min(at + 2, events_.size());
        json::array page;
        for (auto index = at; index < end; ++index) {
            page.push_back({{"timestamp", events_[index].first}, {"message", events_[index].second}});
        }
        const json::object body{{"events", std::move(page)},
                                {"nextForwardToken", beginning + std::to_string(end)}};
        return {.status = 200, .headers = {}, .body = json::serialize(body)};
    }

private:
    int age_ = 0;
};

TEST_F(CloudWatchLogReaderTest, ATokenThatExpiredLosesAndDoublesNothing) {
    write(1, "a");
    write(7, "b");
    for (const char* line : {"c", "d", "e"}) {
        write(8, line);
    }
    EXPECT_EQ(read(), "a\nb\nc\nd\ne\n");
    expire();
    EXPECT_EQ(read(), "");
    write(8, "f");
    write(9, "g");
    expire();
    EXPECT_EQ(read(), "f\ng\n");
    expire();
    write(9, "h");
    EXPECT_EQ(read(), "h\n");
}

TEST_F(CloudWatchLogReaderTest, WhatAwsRemovedMeanwhileIsNotWaitedFor) {
    write(1, "a");
    write(1, "b");
    write(1, "c");
    EXPECT_EQ(read(), "a\nb\nc\n");
    expire();
    events_.clear();
    write(2, "d");
    EXPECT_EQ(read(), "d\n");
}

TEST_F(CloudWatchLogReaderTest, ALogMayGrowForAWhileAfterTheEndOfItsAttempt) {
    write(1, "a");
    EXPECT_EQ(read(), "a\n");
    write(2, "b");
    EXPECT_EQ(reader_.read(log_, offset_, 1 << 20).length, 0) << "AWS was asked a moment ago";
    log_.is_complete = true;
    log_.ended_at = account_.clock.time;
    EXPECT_TRUE(reader_.may_grow(log_));
    EXPECT_EQ(reader_.read(log_, offset_, 1 << 20).text, "b") << "but not since it ended";
    offset_ += 2;
    EXPECT_TRUE(reader_.may_grow(log_));
    account_.clock.time += std::chrono::seconds{7};
    write(3, "c");
    EXPECT_EQ(read(), "c\n");
    EXPECT_TRUE(reader_.may_grow(log_));
    account_.clock.time += std::chrono::seconds{3};
    EXPECT_EQ(read(), "");
    EXPECT_FALSE(reader_.may_grow(log_));
}

TEST_F(CloudWatchLogReaderTest, OfAnAttemptThatEndedLongAgoNothingMoreIsWaitedFor) {
    log_.is_complete = true;
    log_.ended_at = account_.clock.time.load() - std::chrono::hours{1};
    write(1, "a");
    EXPECT_EQ(read(), "a\n");
    EXPECT_FALSE(reader_.may_grow(log_));
    log_.attempt = 2;
    log_.handle.clear();
    offset_ = 0;
    EXPECT_EQ(read(), "");
    EXPECT_FALSE(reader_.may_grow(log_)) << "no task was started";
}

TEST_F(CloudWatchLogReaderTest, ReadersOfOneLogWaitTogetherForAnAwsThatDoesNotAnswer) {
    std::latch asked(1);
    std::promise<void> given_up;
    std::atomic<bool> is_first = true;
    account_.aws.on("GetLogEvents", [&](const json::object& input) {
        if (!is_first.exchange(false)) {
            return answer(input);
        }
        asked.count_down();
        given_up.get_future().wait();
        return denied();
    });
    const auto refused = [&] {
        return refusal(ErrorKind::unavailable, [&] { std::ignore = reader_.read(log_, 0, 1 << 20); });
    };
    std::vector<std::future<std::string>> readers;
    readers.push_back(std::async(std::launch::async, refused));
    asked.wait();
    for (int i = 0; i < 4; ++i) {
        readers.push_back(std::async(std::launch::async, refused));
    }
    given_up.set_value();
    for (auto& reader : readers) {
        EXPECT_THAT(reader.get(), HasSubstr("logs:GetLogEvents"));
    }
    EXPECT_EQ(account_.aws.count("GetLogEvents"), 1U);
    write(1, "a");
    EXPECT_EQ(read(), "a\n") << "after a moment it is asked again";
}

TEST_F(CloudWatchLogReaderTest, WhoWantsABeginningDoesNotWaitForWhoWantsAll) {
    write(1, std::string(2 << 20, 'a'));
    write(2, "b");
    write(3, "c");
    std::latch asked_for_more(1);
    std::promise<void> is_answered;
    account_.aws.on("GetLogEvents", [&](const json::object& input) {
        if (input.contains("nextToken")) {
            asked_for_more.count_down();
            is_answered.get_future().wait();
            return denied();
        }
        return answer(input);
    });
    auto all = std::async(std::launch::async, [&] {
        return refusal(ErrorKind::unavailable, [&] { std::ignore = reader_.open(log_); });
    });
    asked_for_more.wait();
    auto beginning = std::async(std::launch::async, [&] { return reader_.read(log_, 0, 1000); });
    EXPECT_EQ(beginning.wait_for(std::chrono::seconds{20}), std::future_status::ready);
    is_answered.set_value();
    EXPECT_EQ(beginning.get().length, 1000);
    EXPECT_THAT(all.get(), HasSubstr("logs:GetLogEvents"));
}

TEST_F(CloudWatchLogReaderTest, ALogIsLookedForWhereItsRunSaysThatItIs) {
    log_.definition = {"job"};
    const auto asked = [&] {
        std::ignore = read();
        const auto& input = account_.aws.calls.back().second;
        return aws::text(input, "logGroupName") + " " + aws::text(input, "logStreamName");
    };
    EXPECT_EQ(asked(), "group flotilla/job/1");
    log_.location = LogLocation{"another", "a:b/c"}.text();
    EXPECT_EQ(asked(), "another a:b/c/job/1");
}

TEST_F(CloudWatchLogReaderTest, ThatNobodyMayReadLogsIsKnownUntilSomebodyMay) {
    account_.aws.on("GetLogEvents", [](const json::object&) { return denied(); });
    EXPECT_EQ(reader_.denial(), std::nullopt) << "nobody asked";
    EXPECT_THAT(refusal(ErrorKind::unavailable, [&] { std::ignore = read(); }),
                HasSubstr("logs:GetLogEvents"));
    EXPECT_THAT(reader_.denial(), testing::Optional(HasSubstr("logs: AWS denies logs:GetLogEvents")));
    account_.aws.on("GetLogEvents", [this](const json::object& input) { return answer(input); });
    write(1, "a");
    EXPECT_EQ(read(), "a\n");
    EXPECT_EQ(reader_.denial(), std::nullopt);
}

TEST_F(CloudWatchLogReaderTest, ACopyWithoutAPlaceIsMadeAnew) {
    write(1, "a");
    EXPECT_EQ(read(), "a\n");
    std::ofstream(log_progress_path(copy())) << "2 f0/1";
    write(2, "b");
    EXPECT_EQ(read(), "b\n");
}

}  // namespace
}  // namespace flotilla::test
