#include "cli/cli.hpp"

#include <fstream>

#include <gmock/gmock.h>
#include <unistd.h>

#include "unit/cli/command_test.hpp"

namespace flotilla {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

const std::vector<std::string> every_command{
    "serve",        "define",     "run",        "runs",     "status",    "logs",       "stop",
    "image import", "image pull", "image list", "image rm", "token new", "token list", "token revoke"};

constexpr auto stopped_run =
    R"({"run_id": "r1", "definition_id": "g-1", "alias": "hello", "image": "debian:12",
    "group_name": "g", "cluster": "default", "status": "STOPPED", "exit_code": 7, "exit_reason": "the job failed",
    "started_at": "2024-05-06T11:55:00Z", "finished_at": "2024-05-06T11:55:12.5Z", "user": "ada", "task_arn": "r1.1",
    "instance": {"instance_id": "host", "dns_name": "host"},
    "env": [{"name": "A", "value": "1"}, {"name": "B", "value": "2"}]})";

class CliTest : public CommandTest {
protected:
    int ask(std::vector<std::string> words) {
        words.insert(words.end(), {"--server", "http://server"});
        return run(std::move(words));
    }
};

TEST_F(CliTest, PrintsItsVersion) {
    EXPECT_EQ(run({"--version"}), 0);
    EXPECT_EQ(out.str(), "flotilla " FLOTILLA_VERSION "\n");
}

TEST_F(CliTest, HelpListsEveryCommand) {
    EXPECT_EQ(run({"--help"}), 0);
    for (const auto& command : every_command) {
        EXPECT_THAT(out.str(), HasSubstr("\n  " + command + " "));
    }
}

TEST_F(CliTest, EveryCommandHasAHelpWithAnExample) {
    for (const auto& command : every_command) {
        std::vector<std::string> words;
        std::istringstream stream(command);
        for (std::string word; stream >> word;) {
            words.push_back(word);
        }
        words.emplace_back("--help");
        EXPECT_EQ(run(words), 0);
        EXPECT_THAT(out.str(), HasSubstr("Usage: flotilla " + command));
        EXPECT_THAT(out.str(), HasSubstr("Example:\n\n    "));
        EXPECT_THAT(out.str(), HasSubstr("-h, --help"));
    }
    EXPECT_EQ(run({"image", "--help"}), 0);
    EXPECT_THAT(out.str(), HasSubstr("image pull "));
    EXPECT_EQ(run({"token", "--help"}), 0);
    EXPECT_THAT(out.str(), AllOf(HasSubstr("token revoke "), Not(HasSubstr("image"))));
}

TEST_F(CliTest, WrongUsageEndsWithTwo) {
    EXPECT_EQ(run({}), 2);
    EXPECT_EQ(err.str(), "flotilla: a command is missing; see: flotilla --help\n");
    EXPECT_EQ(run({"rum"}), 2);
    EXPECT_EQ(err.str(), "flotilla: there is no command [rum]; see: flotilla --help\n");
    EXPECT_EQ(run({"image", "eat"}), 2);
    EXPECT_EQ(err.str(), "flotilla: image takes one of import, pull, list, rm; see: flotilla image --help\n");
    EXPECT_EQ(run({"run"}), 2);
    EXPECT_EQ(err.str(), "flotilla: ALIAS is missing; see: flotilla run --help\n");
    EXPECT_EQ(run({"run", "hello", "-e", "A"}), 2);
    EXPECT_EQ(err.str(), "flotilla: -e takes NAME=VALUE, was [A]; see: flotilla run --help\n");
    EXPECT_EQ(run({"run", "hello", "--follow", "--json"}), 2);
    EXPECT_EQ(out.str(), "");
}

TEST_F(CliTest, AFailureEndsWithOneAndOneLine) {
    EXPECT_EQ(ask({"runs"}), 1);
    EXPECT_EQ(err.str(),
              "flotilla: cannot reach http://server: connection refused; is the server running? "
              "start it with: flotilla serve\n");
    http.answer("POST http://server/api/v1/task", 400, R"({"error": "first\nsecond"})");
    in.str("{}");
    EXPECT_EQ(ask({"define", "-"}), 1);
    EXPECT_EQ(err.str(), "flotilla: standard input: first; second\n");
}

TEST_F(CliTest, DefinesFromAFile) {
    const auto path = testing::TempDir() + "flotilla-cli-" + std::to_string(::getpid()) + ".json";
    std::ofstream(path) << R"({"alias": "hello"})";
    http.answer("POST http://server/api/v1/task", 200, R"({"definition_id": "g-1"})");
    EXPECT_EQ(ask({"define", path}), 0);
    EXPECT_EQ(out.str(), "created hello\n");
    ::unlink(path.c_str());
    EXPECT_EQ(ask({"define", path}), 1);
    EXPECT_EQ(err.str(), "flotilla: there is no file " + path +
                             "; give the path of a definition, or - for standard input\n");
}

TEST_F(CliTest, SaysThatADefinitionWasUpdatedAndKeptItsGroup) {
    http.answer("POST http://server/api/v1/task", 409,
                R"({"error": "definition with alias [hello] aleady exists"})");
    http.answer("GET http://server/api/v1/task/alias/hello", 200,
                R"({"definition_id": "g-1", "group_name": "g"})");
    http.answer("PUT http://server/api/v1/task/g-1", 200, R"({"definition_id": "g-1"})");
    in.str(R"({"alias": "hello", "group_name": "other"})");
    EXPECT_EQ(ask({"define", "-"}), 0);
    EXPECT_EQ(out.str(), "updated hello\n");
    EXPECT_EQ(err.str(), "flotilla: the group stays [g]: it never changes after creation\n");
}

TEST_F(CliTest, RunPrintsOnlyTheId) {
    http.answer("PUT http://server/api/v1/task/alias/hello/execute", 200, stopped_run);
    EXPECT_EQ(ask({"run", "hello", "-e", "A=1", "-e", "B=x=y", "--cluster", "big"}), 0);
    EXPECT_EQ(out.str(), "r1\n");
    EXPECT_EQ(err.str(), "");
    EXPECT_EQ(http.requests.at(0).body,
              R"({"cluster":"big","env":[{"name":"A","value":"1"},{"name":"B","value":"x=y"}],)"
              R"("run_tags":{"owner_id":"ada"}})");
}

TEST_F(CliTest, RunBelongsToTheNameOfTheToken) {
    http.answer("GET http://server/api/v1/whoami", 200, R"({"name": "eve", "auth_mode": "token"})");
    http.answer("GET http://server/api/v1/whoami", 200, R"({"name": "", "auth_mode": "none"})");
    http.answer("PUT http://server/api/v1/task/alias/hello/execute", 200, stopped_run);
    for (const char* owner : {"eve", "ada"}) {
        EXPECT_EQ(ask({"run", "hello", "--token", "secret"}), 0);
        EXPECT_THAT(http.requests.back().body, HasSubstr(std::string(R"("owner_id":")") + owner + "\""));
    }
    EXPECT_EQ(ask({"run", "hello", "--token", "secret", "--owner", "bob"}), 0);
    EXPECT_EQ(http.requests.size(), 5U);
    EXPECT_THAT(http.requests.back().body, HasSubstr(R"("owner_id":"bob")"));
}

TEST_F(CliTest, AMissingTokenIsSaidWithoutShowingAny) {
    http.answer("GET http://server/api/v1/history/r1", 401, R"({"error": "the token is not known"})");
    EXPECT_EQ(ask({"status", "r1", "--token", "flt_secret"}), 1);
    EXPECT_EQ(err.str(), "flotilla: the token is not known; check FLOTILLA_TOKEN or --token\n");
}

TEST_F(CliTest, RunSaysHowToDefineWhatIsMissing) {
    http.answer("PUT http://server/api/v1/task/alias/nope/execute", 404,
                R"({"error": "Definition with alias nope not found"})");
    EXPECT_EQ(ask({"run", "nope"}), 1);
    EXPECT_EQ(err.str(),
              "flotilla: Definition with alias nope not found; define it first: flotilla define FILE\n");
}

TEST_F(CliTest, FollowEndsWithTheJobsExitStatus) {
    http.answer("PUT http://server/api/v1/task/alias/hello/execute", 200,
                R"({"run_id": "r1", "status": "QUEUED"})");
    http.answer("GET http://server/api/v1/history/r1", 200, stopped_run);
    http.answer("GET http://server/api/v1/r1/logs", 200, R"({"log": "line", "last_seen": "5"})");
    http.answer("GET http://server/api/v1/r1/logs?last_seen=5", 200, R"({"log": "", "last_seen": "5"})");
    EXPECT_EQ(ask({"run", "hello", "--follow"}), 7);
    EXPECT_EQ(out.str(), "line\n");
    EXPECT_EQ(err.str(), "flotilla: run r1\nflotilla: run r1 ended with exit code 7: the job failed\n");
}

TEST_F(CliTest, FollowEndsWith125WhereThereIsNoExitCode) {
    http.answer("PUT http://server/api/v1/task/alias/hello/execute", 200, R"({"run_id": "r1"})");
    http.answer("GET http://server/api/v1/history/r1", 200,
                R"({"run_id": "r1", "status": "STOPPED", "exit_reason": "the image is gone"})");
    http.answer("GET http://server/api/v1/r1/logs", 200, R"({"log": ""})");
    EXPECT_EQ(ask({"run", "hello", "--follow"}), 125);
    EXPECT_THAT(err.str(), HasSubstr("ended without an exit code: the image is gone\n"));
}

TEST_F(CliTest, FollowEndsWith130WhenInterrupted) {
    http.answer("PUT http://server/api/v1/task/alias/hello/execute", 200, R"({"run_id": "r1"})");
    pause.interrupted_at = 0;
    EXPECT_EQ(ask({"run", "hello", "--follow"}), 130);
    EXPECT_THAT(err.str(), HasSubstr("run r1 goes on; follow it: flotilla logs -f r1"));
}

TEST_F(CliTest, RunsIsATable) {
    http.answer(
        "GET http://server/api/v1/history?sort_by=queued_at&order=desc&limit=20", 200,
        std::string(
            R"({"history": [{"run_id": "r2", "alias": "hello", "status": "QUEUED", "user": "bob"},)") +
            R"({"run_id": "r3", "alias": "b", "status": "RUNNING", "started_at": "2024-05-06T11:59:00Z"},)" +
            stopped_run + "]}");
    EXPECT_EQ(ask({"runs"}), 0);
    EXPECT_EQ(out.str(),
              "RUN  ALIAS  STATUS   EXIT  OWNER  CLUSTER  STARTED  DURATION\n"
              "r2   hello  QUEUED   -     bob             -        -\n"
              "r3   b      RUNNING  -                     1m ago   1m00s\n"
              "r1   hello  STOPPED  7     ada    default  5m ago   12s\n");
}

TEST_F(CliTest, RunsFilters) {
    http.answer(
        "GET http://server/api/v1/history?sort_by=queued_at&order=desc&limit=3&status=RUNNING&alias=he"
        "&cluster_name=big&user=ada",
        200, R"({"history": []})");
    EXPECT_EQ(ask({"runs", "--status", "running", "--alias", "he", "--cluster", "big", "--owner", "ada",
                   "--limit", "3", "--json"}),
              0);
    EXPECT_EQ(out.str(), "{\"history\": []}\n");
}

TEST_F(CliTest, StatusTellsAllThatIsKnown) {
    http.answer("GET http://server/api/v1/history/r1", 200, stopped_run);
    EXPECT_EQ(ask({"status", "r1"}), 0);
    EXPECT_EQ(out.str(),
              "run         r1\n"
              "status      STOPPED, exit code 7\n"
              "reason      the job failed\n"
              "alias       hello\n"
              "definition  g-1\n"
              "group       g\n"
              "image       debian:12\n"
              "owner       ada\n"
              "cluster     default\n"
              "host        host\n"
              "task        r1.1\n"
              "started     2024-05-06T11:55:00Z (5m ago)\n"
              "finished    2024-05-06T11:55:12.5Z (4m ago)\n"
              "duration    12s\n"
              "environment A=1\n"
              "            B=2\n");
}

TEST_F(CliTest, StatusTellsWhatWasAskedForAndByWhom) {
    http.answer("GET http://server/api/v1/history/r1", 200,
                R"({"run_id": "r1", "status": "NEEDS_RETRY", "exit_class": "start_failed",
                "exit_reason": "the disk is full", "waiting_for": "its back-off", "retry_at": "2024-05-06T12:00:30Z",
                "alias": "hello", "description": "nightly\nof all", "labels": {"team": "x", "a": "b"},
                "image": "debian:12", "image_digest": "sha256:0a", "command": "set -u\n\necho \u001b hi",
                "memory": 64, "cpu": 1500, "gpu": 2, "secrets": ["A", "B"], "user": "ada", "executed_by": "eve",
                "timeout_seconds": 60, "queue_timeout_seconds": 600, "idempotence_key": "nightly",
                "retry": {"max_attempts": 3, "on": ["out_of_memory", 17], "backoff_seconds": 10},
                "cluster": "default", "engine": "local", "queued_at": "2024-05-06T11:59:00Z",
                "stop_requested_at": "2024-05-06T11:59:30Z", "stopped_by": "bob"})");
    EXPECT_EQ(ask({"status", "r1"}), 0);
    EXPECT_EQ(out.str(),
              "run         r1\n"
              "status      NEEDS_RETRY\n"
              "outcome     start_failed\n"
              "reason      the disk is full\n"
              "waiting for its back-off\n"
              "next try    2024-05-06T12:00:30Z (in 30s)\n"
              "alias       hello\n"
              "description nightly\n"
              "            of all\n"
              "labels      a=b\n"
              "            team=x\n"
              "image       debian:12\n"
              "digest      sha256:0a\n"
              "command     set -u\n"
              "\n"
              "            echo ? hi\n"
              "memory      64 MiB\n"
              "cpu         1500/1000 of a core\n"
              "gpu         2\n"
              "timeout     60 s\n"
              "may wait    600 s\n"
              "retry       at most 3 attempts, after out_of_memory or 17, the second after up to 10 s\n"
              "key         nightly\n"
              "secrets     A, B\n"
              "owner       ada\n"
              "executed by eve\n"
              "cluster     default\n"
              "engine      local\n"
              "queued      2024-05-06T11:59:00Z (1m ago)\n"
              "stop asked  2024-05-06T11:59:30Z (30s ago) by bob\n");
}

TEST_F(CliTest, StatusShowsTheAttemptsOfARunThatWasTriedAgain) {
    http.answer("GET http://server/api/v1/history/r1", 200,
                R"({"run_id": "r1", "status": "RUNNING", "started_at": "2024-05-06T11:59:00Z", "attempts": [
                {"number": 1, "status": "STOPPED", "exit_class": "image_unavailable",
                "exit_reason": "the registry\nis busy"},
                {"number": 2, "status": "STOPPED", "exit_class": "job_failed", "exit_code": 3,
                "started_at": "2024-05-06T11:57:00Z", "finished_at": "2024-05-06T11:57:12Z"},
                {"number": 3, "status": "RUNNING", "started_at": "2024-05-06T11:59:00Z"}]})");
    EXPECT_EQ(ask({"status", "r1"}), 0);
    EXPECT_EQ(out.str(),
              "run         r1\n"
              "status      RUNNING\n"
              "started     2024-05-06T11:59:00Z (1m ago)\n"
              "duration    1m00s\n"
              "\n"
              "ATTEMPT  STATUS   EXIT  OUTCOME            STARTED  DURATION  REASON\n"
              "1        STOPPED  -     image_unavailable  -        -         the registry; is busy\n"
              "2        STOPPED  3     job_failed         3m ago   12s       -\n"
              "3        RUNNING  -     -                  1m ago   1m00s     -\n");
}

TEST_F(CliTest, ColoursOnlyATerminal) {
    http.answer("GET http://server/api/v1/history/r1", 200, stopped_run);
    surroundings.colour = true;
    EXPECT_EQ(ask({"status", "r1"}), 0);
    EXPECT_THAT(out.str(), HasSubstr("\033[31mSTOPPED\033[0m, exit code 7"));
    EXPECT_EQ(ask({"status", "r1", "--json"}), 0);
    EXPECT_EQ(out.str(), std::string(stopped_run) + "\n");
}

TEST_F(CliTest, LogsPrintsEveryPage) {
    http.answer("GET http://server/api/v1/r1/logs", 200, R"({"log": "a\nb", "last_seen": "4"})");
    http.answer("GET http://server/api/v1/r1/logs?last_seen=4", 200, R"({"log": "c", "last_seen": "6"})");
    http.answer("GET http://server/api/v1/r1/logs?last_seen=6", 200, R"({"log": "", "last_seen": "6"})");
    EXPECT_EQ(ask({"logs", "r1"}), 0);
    EXPECT_EQ(out.str(), "a\nb\nc\n");
    EXPECT_TRUE(pause.waits.empty());
}

TEST_F(CliTest, LogsSaysThatThereIsNoneYet) {
    http.answer("GET http://server/api/v1/r1/logs", 200, R"({"log": ""})");
    http.answer("GET http://server/api/v1/history/r1", 200, R"({"run_id": "r1", "status": "QUEUED"})");
    EXPECT_EQ(ask({"logs", "r1"}), 0);
    EXPECT_EQ(out.str(), "");
    EXPECT_EQ(err.str(), "flotilla: no log yet, the run is QUEUED; follow it: flotilla logs -f r1\n");
}

TEST_F(CliTest, LogsCanBeWrittenByteForByte) {
    http.answer("GET http://server/api/v1/r1/logs?raw", 200, std::string("a\0\xff\r", 4));
    EXPECT_EQ(ask({"logs", "r1", "--raw"}), 0);
    EXPECT_EQ(out.str(), std::string("a\0\xff\r", 4));
    EXPECT_NE(ask({"logs", "r1", "--raw", "-f"}), 0);
    EXPECT_THAT(err.str(), HasSubstr("--follow and --raw exclude each other"));
}

TEST_F(CliTest, StopsARun) {
    http.answer("GET http://server/api/v1/history/r1", 200, R"({"run_id": "r1", "definition_id": "g-1"})");
    http.answer("DELETE http://server/api/v1/task/g-1/history/r1", 200, R"({"terminated": true})");
    EXPECT_EQ(ask({"stop", "r1"}), 0);
    EXPECT_EQ(out.str(), "stopping r1\n");
}

TEST_F(CliTest, RefusesWhatIsNotTheNameOfAnImage) {
    EXPECT_EQ(run({"image", "rm", "NOT AN IMAGE"}), 1);
    EXPECT_THAT(err.str(), StartsWith("flotilla: [NOT AN IMAGE] is not the name of an image"));
}

TEST_F(CliTest, SaysThatThereIsNothingToImport) {
    EXPECT_EQ(run({"image", "import", "debian:12", "/no/such"}), 1);
    EXPECT_EQ(err.str(), "flotilla: there is no /no/such; give the path of a folder or of a tar archive\n");
}

}  // namespace
}  // namespace flotilla
