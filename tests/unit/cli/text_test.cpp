#include "cli/text.hpp"

#include <gtest/gtest.h>

namespace flotilla {
namespace {

using namespace std::chrono_literals;

TEST(ShortDuration, ShowsTheTwoLargestUnits) {
    EXPECT_EQ(short_duration(0s), "0ms");
    EXPECT_EQ(short_duration(999ms), "999ms");
    EXPECT_EQ(short_duration(1s), "1.0s");
    EXPECT_EQ(short_duration(9'999ms), "9.9s");
    EXPECT_EQ(short_duration(10s), "10s");
    EXPECT_EQ(short_duration(59'999ms), "59s");
    EXPECT_EQ(short_duration(185s), "3m05s");
    EXPECT_EQ(short_duration(2h + 10min + 59s), "2h10m");
    EXPECT_EQ(short_duration(99h), "4d03h");
}

TEST(ShortDuration, ClocksThatDisagreeGiveZero) {
    EXPECT_EQ(short_duration(-5s), "0ms");
}

TEST(AgeText, CountsInTheLargestUnit) {
    const TimePoint now(100h);
    EXPECT_EQ(age_text(now, now), "now");
    EXPECT_EQ(age_text(now + 5s, now), "now");
    EXPECT_EQ(age_text(now - 59s, now), "59s ago");
    EXPECT_EQ(age_text(now - 60s, now), "1m ago");
    EXPECT_EQ(age_text(now - 23h, now), "23h ago");
    EXPECT_EQ(age_text(now - 49h, now), "2d ago");
}

TEST(SizeText, CountsInPowersOfAThousand) {
    EXPECT_EQ(size_text(0), "0 B");
    EXPECT_EQ(size_text(999), "999 B");
    EXPECT_EQ(size_text(1'000), "1.0 kB");
    EXPECT_EQ(size_text(15'240'000), "15.2 MB");
    EXPECT_EQ(size_text(999'990'000), "1.0 GB");
    EXPECT_EQ(size_text(5'000'000'000'000'000), "5000.0 TB");
}

TEST(OneLine, JoinsLines) {
    EXPECT_EQ(one_line("a\nb\n"), "a; b");
}

TEST(OneLine, KeepsLettersOfEveryAlphabet) {
    EXPECT_EQ(one_line("\xC3\xA9\t\x7F"), "\xC3\xA9??");
}

}  // namespace
}  // namespace flotilla
