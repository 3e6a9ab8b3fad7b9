#include <array>
#include <utility>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "base/file.hpp"
#include "engine/local/launcher/job.hpp"
#include "engine/local/launcher/log_relay.hpp"
#include "engine/local/launcher/protocol.hpp"
#include "engine/local/launcher/records.hpp"
#include "engine/local/launcher/users.hpp"
#include "support/temporary_folder.hpp"

namespace flotilla::launcher {
namespace {

LaunchSpec full_spec() {
    LaunchSpec spec;
    spec.folder = "/data/runs/r.1";
    spec.image = "debian:12";
    spec.layers = {"/l/2", "/l/1"};
    spec.mounts = {{"/host", "/there", false}, {"/other", "/here", true}};
    spec.hostname = "r";
    spec.hosts = "127.0.0.1 localhost\n";
    spec.command = std::string(300'000, 'x');
    spec.kept_path = "/opt/bin";
    spec.env = {"A=1", "B="};
    spec.user = "nobody";
    spec.traced = false;
    spec.log_limit = 7;
    spec.masked = {"hidden"};
    return spec;
}

TEST(LaunchSpec, ComesBackAsItWasEncoded) {
    LaunchSpec decoded;
    ASSERT_TRUE(decode(encode(full_spec()), decoded));
    EXPECT_EQ(decoded, full_spec());
}

TEST(LaunchSpec, IsRefusedWhereverItIsCutShort) {
    auto spec = full_spec();
    spec.command = "true";
    const std::string bytes = encode(spec);
    for (std::size_t size = 0; size < bytes.size(); ++size) {
        LaunchSpec decoded;
        EXPECT_FALSE(decode(bytes.substr(0, size), decoded)) << size;
    }
}

TEST(StartedRecord, ComesBackAsItWasWritten) {
    const StartedRecord record{1'700'000'000'000'001, 4711, 99};
    EXPECT_EQ(parse_started_record(to_text(record)), record);
}

TEST(StartedRecord, IsNoneIfItIsNotComplete) {
    const std::string text = to_text(StartedRecord{1, 2, 3});
    EXPECT_EQ(parse_started_record(text.substr(0, text.size() - 1)), std::nullopt);
    EXPECT_EQ(parse_started_record(""), std::nullopt);
}

TEST(StartTicks, AreFoundBehindAnyName) {
    EXPECT_EQ(parse_start_ticks("7 (a) b (c) S 1 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 2200 23\n"),
              2200);
    EXPECT_EQ(parse_start_ticks("7 (a) S 1 5"), std::nullopt);
    EXPECT_EQ(parse_start_ticks(""), std::nullopt);
}

TEST(ExitRecord, ComesBackAsItWasWritten) {
    ExitRecord ended;
    ended.at = 5;
    ended.code = 143;
    ended.stopped = true;
    EXPECT_EQ(parse_exit_record(to_text(ended)), ended);

    ExitRecord never_ran;
    never_ran.at = 6;
    never_ran.exit_class = "rejected";
    never_ran.reason = "no such user";
    EXPECT_EQ(parse_exit_record(to_text(never_ran)), never_ran);
}

TEST(ExitRecord, KeepsAReasonToOneLine) {
    ExitRecord record;
    record.exit_class = "rejected";
    record.reason = "first\ncode 0";
    const auto parsed = parse_exit_record(to_text(record));
    ASSERT_TRUE(parsed);
    EXPECT_EQ(parsed->reason, "first code 0");
    EXPECT_EQ(parsed->code, std::nullopt);
}

constexpr std::string_view passwd =
    "root:x:0:0:root:/root:/bin/sh\n"
    "broken line\n"
    "app:x:1000:1001::/home/app:/bin/sh\n";
constexpr std::string_view group = "root:x:0:\napp:x:1001:\naudio:x:29:other,app\nvideo:x:44:app\n";

UserIdentity found(std::string_view user) {
    auto result = find_user(user, passwd, group);
    EXPECT_TRUE(std::holds_alternative<UserIdentity>(result)) << user;
    return std::get<UserIdentity>(result);
}

TEST(FindUser, NoUserIsRoot) {
    EXPECT_EQ(found("").uid, 0U);
    EXPECT_EQ(found("").home, "/root");
    EXPECT_EQ(std::get<UserIdentity>(find_user("", "", "")).uid, 0U);
}

TEST(FindUser, ANameHasItsGroupsAndHome) {
    const UserIdentity app = found("app");
    EXPECT_EQ(app.uid, 1000U);
    EXPECT_EQ(app.gid, 1001U);
    EXPECT_EQ(app.groups, (std::vector<gid_t>{29, 44}));
    EXPECT_EQ(app.home, "/home/app");
}

TEST(FindUser, ANumberIsTheUserOfThatId) {
    EXPECT_EQ(found("1000").gid, 1001U);
}

TEST(FindUser, ANumberNeedsNoEntry) {
    const UserIdentity stranger = found("4242");
    EXPECT_EQ(stranger.uid, 4242U);
    EXPECT_EQ(stranger.gid, 0U);
    EXPECT_EQ(stranger.home, "/");
}

TEST(FindUser, AGroupThatIsNamedIsTheOnlyOne) {
    const UserIdentity app = found("app:audio");
    EXPECT_EQ(app.gid, 29U);
    EXPECT_TRUE(app.groups.empty());
    EXPECT_EQ(found("5:6").gid, 6U);
}

TEST(FindUser, SaysWhatIsUnknown) {
    EXPECT_EQ(std::get<std::string>(find_user("ghost", passwd, group)),
              "the user \"ghost\" is not in the image's /etc/passwd");
    EXPECT_EQ(std::get<std::string>(find_user("app:ghosts", passwd, group)),
              "the group \"ghosts\" is not in the image's /etc/group");
}

TEST(FindUser, TheIdThatMeansNoChangeToTheKernelIsNoUser) {
    EXPECT_TRUE(std::holds_alternative<std::string>(find_user("4294967295", passwd, group)));
}

LaunchSpec spec_of(const std::string& command, const std::string& kept_path = "") {
    LaunchSpec spec;
    spec.command = command;
    spec.kept_path = kept_path;
    return spec;
}

TEST(WrappedScript, BeginsWithTracing) {
    EXPECT_EQ(wrapped_script(spec_of("echo hi"), true), "set -x\nset -e\n\necho hi");
}

TEST(WrappedScript, PutsAGivenPathInFrontOfTheProfiles) {
    EXPECT_EQ(wrapped_script(spec_of("true", "/it's/bin:/x"), true),
              "PATH='/it'\\''s/bin:/x':\"$PATH\"; set -x\nset -e\n\ntrue");
}

TEST(WrappedScript, LeavesThePathToAShellThatIsNoLoginShell) {
    EXPECT_EQ(wrapped_script(spec_of("true", "/opt/bin"), false), "set -x\nset -e\n\ntrue");
}

TEST(WrappedScript, HasTheSameLinesWithoutTracing) {
    LaunchSpec spec = spec_of("echo hi");
    spec.traced = false;
    EXPECT_EQ(wrapped_script(spec, true), "set +x\nset -e\n\necho hi");
}

/// What is shown of `pieces`, the end included.
std::string masked(const std::vector<std::string>& texts, const std::vector<std::string>& pieces) {
    Mask mask(texts);
    std::string shown;
    for (const std::string& piece : pieces) {
        shown += mask.pass(piece);
    }
    return shown.append(mask.rest());
}

TEST(Mask, HidesATextWhereverTheStreamIsCut) {
    const std::string stream = "ab token token, tokentoke token";
    for (std::size_t first = 0; first <= stream.size(); ++first) {
        for (std::size_t second = first; second <= stream.size(); ++second) {
            EXPECT_EQ(masked({"token"}, {stream.substr(0, first), stream.substr(first, second - first),
                                         stream.substr(second)}),
                      "ab *** ***, ***toke ***")
                << first << " " << second;
        }
    }
}

TEST(Mask, HidesEachOfSeveralTexts) {
    EXPECT_EQ(masked({"aab", "ab"}, {"a", "a", "b ab a"}), "*** *** a");
    EXPECT_EQ(masked({"aaa"}, {"a", "aaab"}), "***ab");
}

TEST(Mask, HoldsBackNoMoreThanWhatMayBecomeSuchAText) {
    Mask mask({"token"});
    EXPECT_EQ(mask.pass("line\ntok"), "line\n");
    EXPECT_EQ(mask.pass("ay\n"), "tokay\n");
    EXPECT_EQ(mask.rest(), "");
}

TEST(Mask, WithoutTextsChangesNothing) {
    EXPECT_EQ(masked({}, {"any", "thing"}), "anything");
}

class LogRelayTest : public ::testing::Test {
protected:
    /// What is in the log after `pieces` were written one by one.
    std::string relay(const std::vector<std::string>& pieces, LogRules rules) {
        std::array<int, 2> pipe{};
        EXPECT_EQ(::pipe2(pipe.data(), O_CLOEXEC), 0);
        const UniqueFd read_end(pipe[0]);
        UniqueFd write_end(pipe[1]);
        const auto path = folder.path() / "log";
        const UniqueFd log(::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600));
        LogRelay log_relay(read_end.get(), log.get(), place.get(), std::move(rules));
        for (const std::string& piece : pieces) {
            EXPECT_EQ(::write(write_end.get(), piece.data(), piece.size()),
                      static_cast<ssize_t>(piece.size()));
            EXPECT_TRUE(log_relay.pump());
        }
        EXPECT_FALSE(log_relay.pump());
        EXPECT_FALSE(log_relay.at_end());
        write_end.reset();
        EXPECT_FALSE(log_relay.pump());
        EXPECT_TRUE(log_relay.at_end());
        log_relay.finish();
        return read_file(path).value_or("");
    }
    test::TemporaryFolder folder;
    UniqueFd place{::open(folder.path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
};

TEST_F(LogRelayTest, CarriesEveryByte) {
    EXPECT_EQ(relay({"one\n", std::string(1, '\0') + "two"}, {100, {}}), std::string("one\n\0two", 8));
}

TEST_F(LogRelayTest, HidesWhatIsMaskedAlsoAtTheEnd) {
    EXPECT_EQ(relay({"use to", "ken1 or tok"}, {100, {"token1"}}), "use *** or tok");
}

TEST_F(LogRelayTest, ALogOfExactlyItsLimitIsWhole) {
    EXPECT_EQ(relay({"12345", "6789\n"}, {10, {}}), "123456789\n");
}

TEST_F(LogRelayTest, CountsWhatCouldNotBeWritten) {
    std::array<int, 2> pipe{};
    ASSERT_EQ(::pipe2(pipe.data(), O_CLOEXEC), 0);
    const UniqueFd read_end(pipe[0]);
    const UniqueFd write_end(pipe[1]);
    const UniqueFd full(::open("/dev/full", O_WRONLY | O_CLOEXEC));
    LogRelay log_relay(read_end.get(), full.get(), place.get(), {100, {}});
    ASSERT_EQ(::write(write_end.get(), "12345", 5), 5);
    log_relay.pump();
    log_relay.finish();
    EXPECT_EQ(log_relay.lost(), 5);
}

TEST_F(LogRelayTest, KeepsTheFirstAndTheLastBytesAndSaysWhatIsLeftOut) {
    EXPECT_EQ(relay({"123456", "789abc", "def"}, {8, {}}),
              "1234\n[flotilla: log limit of 8 bytes reached, 7 bytes are left out here]\ncdef");
}

TEST_F(LogRelayTest, CountsOfTheLimitWhatIsShown) {
    EXPECT_EQ(relay({"12token", "1, the end, tok", "en1!"}, {10, {"token1"}}),
              "12***\n[flotilla: log limit of 10 bytes reached, 10 bytes are left out here]\n ***!");
}

TEST_F(LogRelayTest, CountsWhatCouldNotBeKeptForTheEndAndSaysWhere) {
    std::array<int, 2> pipe{};
    ASSERT_EQ(::pipe2(pipe.data(), O_CLOEXEC), 0);
    const UniqueFd read_end(pipe[0]);
    const UniqueFd write_end(pipe[1]);
    const auto path = folder.path() / "log";
    const auto in_the_way = folder.path() / "log.end";
    const UniqueFd log(::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600));
    LogRelay log_relay(read_end.get(), log.get(), place.get(), {200, {}});
    const auto carry = [&](const std::string& text) {
        ASSERT_EQ(::write(write_end.get(), text.data(), text.size()), static_cast<ssize_t>(text.size()));
        ASSERT_TRUE(log_relay.pump());
    };
    std::filesystem::create_directory(in_the_way);
    carry(std::string(100, 'x') + "12345");
    carry("678");
    std::filesystem::remove(in_the_way);
    carry("the end");
    log_relay.finish();
    EXPECT_EQ(log_relay.lost(), 8);
    EXPECT_EQ(read_file(path),
              std::string(100, 'x') + "\n[flotilla: 8 bytes could not be written here]\nthe end");
}

}  // namespace
}  // namespace flotilla::launcher
