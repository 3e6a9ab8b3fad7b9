#include "base/time_text.hpp"

#include <gtest/gtest.h>

namespace flotilla {
namespace {

using namespace std::chrono_literals;

TimePoint at(std::int64_t microseconds) {
    return TimePoint(std::chrono::microseconds(microseconds));
}

TEST(TimeText, AWholeSecondHasNoFraction) {
    EXPECT_EQ(to_rfc3339(at(1'541'073'600'000'000)), "2018-11-01T12:00:00Z");
}

TEST(TimeText, AFractionHasNoTrailingZeros) {
    EXPECT_EQ(to_rfc3339(at(1'541'073'600'120'000)), "2018-11-01T12:00:00.12Z");
    EXPECT_EQ(to_rfc3339(at(1'541'073'600'000'001)), "2018-11-01T12:00:00.000001Z");
}

TEST(TimeText, ATimeComesBackAsItWasWritten) {
    for (const std::int64_t microseconds : {0LL, 1LL, 999'999LL, 1'541'073'600'123'456LL}) {
        EXPECT_EQ(parse_time(to_rfc3339(at(microseconds))), at(microseconds));
    }
}

TEST(TimeText, AnOffsetIsTakenAway) {
    EXPECT_EQ(parse_time("2018-11-01T14:00:00+02:00"), at(1'541'073'600'000'000));
    EXPECT_EQ(parse_time("2018-11-01T06:30:00-05:30"), at(1'541'073'600'000'000));
}

TEST(TimeText, ADayIsItsMidnight) {
    EXPECT_EQ(parse_time("2018-11-01"), at(1'541'030'400'000'000));
}

TEST(TimeText, WhatIsNoTimeIsRefused) {
    for (const char* text :
         {"", "banana", "2018-13-01", "2018-02-30", "2018-11-01T25:00:00Z", "2018-11-01T12:00:00",
          "2018-11-01T12:00:00.Z", "2018-11-01Z", "2018-11-01T12:00:00Zz", "18-11-01"}) {
        EXPECT_EQ(parse_time(text), std::nullopt) << text;
    }
}

TEST(Duration, EveryUnitOfGoIsRead) {
    EXPECT_EQ(parse_duration("300ms"), 300ms);
    EXPECT_EQ(parse_duration("1m30s"), 90s);
    EXPECT_EQ(parse_duration("1.5h"), 90min);
    EXPECT_EQ(parse_duration("2us"), 2us);
    EXPECT_EQ(parse_duration("2\u00b5s"), 2us);
    EXPECT_EQ(parse_duration("5000ns"), 5us);
    EXPECT_EQ(parse_duration("0"), 0us);
    EXPECT_EQ(parse_duration("-1s"), -1s);
}

TEST(Duration, WhatIsNoDurationIsRefused) {
    for (const char* text : {"", "5", "s", "1d", "1s2", "--1s", "1e3s", "9999999999999h", "1 s", "1s-2s"}) {
        EXPECT_EQ(parse_duration(text), std::nullopt) << text;
    }
}

TEST(Duration, IsWrittenAsGoWritesIt) {
    EXPECT_EQ(duration_text(90s), "1m30s");
    EXPECT_EQ(duration_text(300ms), "300ms");
    EXPECT_EQ(duration_text(0s), "0s");
    EXPECT_EQ(duration_text(25h), "25h");
}

}  // namespace
}  // namespace flotilla
