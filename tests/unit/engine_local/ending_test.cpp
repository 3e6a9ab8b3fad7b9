#include "engine/local/ending.hpp"

#include <gtest/gtest.h>

#include "base/file.hpp"
#include "engine/job_end.hpp"
#include "support/temporary_folder.hpp"

namespace flotilla {
namespace {

Remains ended_with(int code) {
    Remains remains;
    remains.was_started = true;
    remains.memory = 64;
    remains.exit =
        launcher::ExitRecord{.at = 5, .code = code, .stopped = false, .exit_class = {}, .reason = {}};
    return remains;
}

TEST(HowItEnded, ZeroIsCompleted) {
    const Ended ended = how_it_ended(ended_with(0));
    EXPECT_EQ(ended.exit_code, 0);
    EXPECT_EQ(ended.exit_class, ExitClass::completed);
    EXPECT_EQ(ended.reason, "the job completed");
    EXPECT_EQ(ended.at.time_since_epoch().count(), 5);
}

TEST(HowItEnded, AnyOtherCodeIsSaid) {
    EXPECT_EQ(how_it_ended(ended_with(7)).exit_class, ExitClass::job_failed);
    EXPECT_EQ(how_it_ended(ended_with(7)).reason, "the job ended with exit code 7");
    EXPECT_EQ(how_it_ended(ended_with(255)).reason, "the job ended with exit code 255");
}

TEST(HowItEnded, ASignalIsNamed) {
    EXPECT_EQ(how_it_ended(ended_with(137)).reason,
              "the job ended with exit code 137, which means signal 9 (SIGKILL)");
    EXPECT_EQ(how_it_ended(ended_with(139)).reason,
              "the job ended with exit code 139, which means signal 11 (SIGSEGV)");
}

TEST(HowItEnded, AMissingCommandIsSaidWithTheLastLineOfTheLog) {
    auto remains = ended_with(127);
    remains.last_log_line = "bash: line 4: foo: command not found";
    EXPECT_EQ(how_it_ended(remains).reason,
              "the command was not found (exit code 127): bash: line 4: foo: command not found");
    EXPECT_EQ(how_it_ended(ended_with(126)).reason, "the command cannot be executed (exit code 126)");
}

TEST(HowItEnded, AFailureIsSaidWithTheLastLineOfTheLog) {
    auto remains = ended_with(1);
    remains.last_log_line = "ValueError: no such column";
    EXPECT_EQ(how_it_ended(remains).reason,
              "the job ended with exit code 1; the last line of its log: ValueError: no such column");
}

TEST(HowItEnded, AJobThatFailedAfterAKillForMemoryRanOutOfMemory) {
    auto remains = ended_with(137);
    remains.memory_use.kills = 1;
    EXPECT_EQ(how_it_ended(remains).exit_class, ExitClass::out_of_memory);
    EXPECT_EQ(how_it_ended(remains).exit_code, 137);
    EXPECT_EQ(how_it_ended(remains).reason, "out of memory: the job was killed at its limit of 64 MiB");
    remains.memory_use.peak = 63 << 20;
    EXPECT_EQ(how_it_ended(remains).reason,
              "out of memory: the job was killed at its limit of 64 MiB (peak 63.0 MiB)");
}

TEST(HowItEnded, AJobThatGotOverAKillForMemoryCompleted) {
    auto remains = ended_with(0);
    remains.memory_use.kills = 1;
    EXPECT_EQ(how_it_ended(remains).exit_class, ExitClass::completed);
}

TEST(HowItEnded, AStopIsSaid) {
    auto remains = ended_with(143);
    remains.exit->stopped = true;
    EXPECT_EQ(how_it_ended(remains).exit_class, ExitClass::stopped_by_user);
    EXPECT_EQ(how_it_ended(remains).reason,
              "stopped: the job ended with exit code 143, which means signal 15 (SIGTERM)");
}

TEST(HowItEnded, AStopIsSaidThoughTheJobGaveACodeOfSuccess) {
    auto remains = ended_with(0);
    remains.exit->stopped = true;
    EXPECT_EQ(how_it_ended(remains).exit_class, ExitClass::stopped_by_user);
    EXPECT_EQ(how_it_ended(remains).exit_code, 0);
    EXPECT_EQ(how_it_ended(remains).reason, "stopped: the job ended with exit code 0");
}

TEST(HowItEnded, ARecordWithoutCodeTellsWhyTheJobNeverRan) {
    Remains remains;
    remains.exit = launcher::ExitRecord{
        .at = 5, .code = {}, .stopped = false, .exit_class = "rejected", .reason = "the image has no shell"};
    const Ended ended = how_it_ended(remains);
    EXPECT_EQ(ended.exit_code, std::nullopt);
    EXPECT_EQ(ended.exit_class, ExitClass::rejected);
    EXPECT_EQ(ended.reason, "the image has no shell");
}

TEST(HowItEnded, WithoutARecordWhatKilledItDecides) {
    Remains remains;
    EXPECT_EQ(how_it_ended(remains).exit_class, ExitClass::start_failed);
    remains.was_started = true;
    EXPECT_EQ(how_it_ended(remains).exit_class, ExitClass::host_lost);
    EXPECT_EQ(how_it_ended(remains).exit_code, std::nullopt);
    remains.memory_use.kills = 1;
    EXPECT_EQ(how_it_ended(remains).exit_class, ExitClass::out_of_memory);
    remains.was_killed = true;
    EXPECT_EQ(how_it_ended(remains).exit_class, ExitClass::stopped_by_user);
    EXPECT_EQ(how_it_ended(remains).exit_code, 137);
    remains.host_restarted = true;
    EXPECT_EQ(how_it_ended(remains).exit_class, ExitClass::host_lost);
}

TEST(LastLine, IsTheLastThatTheJobWroteAsText) {
    const test::TemporaryFolder folder;
    const auto log = folder.path() / "log";
    EXPECT_EQ(last_line(log), "");
    write_file(log, "\n\n");
    EXPECT_EQ(last_line(log), "");
    write_file(log, "first\nsecond \x1b[1m\n\n");
    EXPECT_EQ(last_line(log), "second ?[1m");
    write_file(log, std::string(10'000, 'a'));
    EXPECT_EQ(last_line(log), std::string(300, 'a'));
    write_file(log, "+ python job.py\nFehler: zu groß\n+ exit 3\n++ true\n");
    EXPECT_EQ(last_line(log), "Fehler: zu groß");
    write_file(log, "+ exit 3\n");
    EXPECT_EQ(last_line(log), "");
    write_file(log, std::string(299, 'a') + "ß\n");
    EXPECT_EQ(last_line(log), std::string(299, 'a'));
}

TEST(HowItEnded, AJobThatCompletedThoughProcessesWereKilledForMemorySaysSo) {
    auto remains = ended_with(0);
    remains.memory = 64;
    remains.memory_use.kills = 2;
    EXPECT_EQ(how_it_ended(remains).exit_class, ExitClass::completed);
    EXPECT_EQ(how_it_ended(remains).reason,
              "the job completed, but out of memory: 2 of its processes were killed at its limit of 64 MiB");
}

TEST(HowItEnded, AJobThatFailedAfterOneOfItsProcessesWasKilledForMemorySaysBoth) {
    auto remains = ended_with(3);
    remains.memory = 64;
    remains.memory_use.kills = 1;
    EXPECT_EQ(how_it_ended(remains).reason,
              "out of memory: 1 of its processes was killed at its limit of 64 MiB, and the job ended with "
              "exit code 3");
}

TEST(HowItEnded, WhatALogLacksIsTold) {
    auto remains = ended_with(0);
    remains.exit->log_lost = 7;
    EXPECT_EQ(how_it_ended(remains).log_lost, 7);
    remains.exit->stopped = true;
    EXPECT_EQ(how_it_ended(remains).log_lost, 7);
}

}  // namespace
}  // namespace flotilla
