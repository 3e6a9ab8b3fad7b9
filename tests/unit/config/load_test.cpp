#include "config/load.hpp"

#include <chrono>

#include "unit/config/config_test.hpp"

namespace flotilla {
namespace {

using namespace std::chrono_literals;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::Pair;
using testing::UnorderedElementsAre;

TEST_F(ConfigTest, AnEmptyFileGivesTheDefaults) {
    const Config config = load_well("");
    EXPECT_EQ(config.flotilla_mode, "dev");
    EXPECT_EQ(config.http.server.listen_address.text(), "127.0.0.1:3000");
    EXPECT_EQ(config.worker.status_interval, 30s);
    EXPECT_EQ(config.queue.max_pass, 600s);
    EXPECT_EQ(config.images.max_size.bytes, 50LL << 30);
    EXPECT_EQ(config.execution_engine, "local");
    EXPECT_EQ(config.queue_manager, QueueManager::store);
    EXPECT_EQ(config.state_manager, "sqlite");
    EXPECT_EQ(config.cluster_client, "local");
    EXPECT_EQ(config.logs_client, "file");
    EXPECT_EQ(config.data_dir, "/var/lib/flotilla");
    EXPECT_EQ(sqlite_file(config), "/var/lib/flotilla/flotilla.db");
    EXPECT_EQ(config.docker_auth, "/home/ada/.docker/config.json");
    EXPECT_EQ(config.host.address, "");
    EXPECT_THAT(config.enabled_workers, ElementsAre("retry", "submit", "status"));
}

TEST_F(ConfigTest, EverySpellingOfAKeyIsRead) {
    for (const char* text :
         {"worker:\n  submit_interval: 7s", "worker.submit_interval: 7s", "worker_submit_interval: 7s"}) {
        EXPECT_EQ(load_well(text).worker.submit_interval, 7s) << text;
    }
    for (const char* text :
         {"http:\n  server:\n    threads: 3", "http.server:\n  threads: 3", "http:\n  server.threads: 3",
          "http_server:\n  threads: 3", "http:\n  server_threads: 3", "http_server_threads: 3",
          "http.server_threads: 3"}) {
        EXPECT_EQ(load_well(text).http.server.threads, 3) << text;
    }
}

TEST_F(ConfigTest, JsonIsRead) {
    EXPECT_EQ(load_well(R"({"http": {"server": {"threads": 3}}, "flotilla_mode":"prod"})").flotilla_mode,
              "prod");
}

TEST_F(ConfigTest, AnEntryOfAMapMayBeSpelledLikeAKey) {
    const Config config = load_well(
        "log.driver.options.awslogs-group: jobs\nimages.mirrors.docker.io: http://127.0.0.1:5000\n");
    EXPECT_THAT(config.log.driver.options, ElementsAre(Pair("awslogs-group", "jobs")));
    EXPECT_THAT(config.images.mirrors, ElementsAre(Pair("docker.io", "http://127.0.0.1:5000")));
}

TEST_F(ConfigTest, MapsKeepTheirOrder) {
    EXPECT_THAT(load_well("log.driver.options: {z: 1, a: 2, m: 3}").log.driver.options,
                ElementsAre(Pair("z", "1"), Pair("a", "2"), Pair("m", "3")));
}

TEST_F(ConfigTest, NothingCountsAsNotSaid) {
    const Config config = load_well("flotilla_mode:\nworker:\nclusters: ~\nhttp:\n  server: null\n");
    EXPECT_EQ(config, load_well(""));
}

TEST_F(ConfigTest, TheEnvironmentOverridesTheFile) {
    const Config config =
        load_well("worker.submit_interval: 7s\nenabled_workers: [retry]\ncreate_database_schema: true",
                  {{"WORKER_SUBMIT_INTERVAL", "1s"},
                   {"ENABLED_WORKERS", "submit,status"},
                   {"CREATE_DATABASE_SCHEMA", "false"},
                   {"FLOTILLA_MODE", "prod"},
                   {"IMAGES_MIRRORS", R"({"docker.io":"http://127.0.0.1:5000"})"}});
    EXPECT_EQ(config.worker.submit_interval, 1s);
    EXPECT_THAT(config.enabled_workers, ElementsAre("submit", "status"));
    EXPECT_FALSE(config.create_database_schema);
    EXPECT_EQ(config.flotilla_mode, "prod");
    EXPECT_THAT(config.images.mirrors, ElementsAre(Pair("docker.io", "http://127.0.0.1:5000")));
}

TEST_F(ConfigTest, AnOptionOfTheLogDriverIsAVariableToo) {
    const auto options_of = [&](const std::string& text, const Environment& environment) {
        return load_well(text, environment).log.driver.options;
    };
    const std::string of_file = "log.driver.options: {awslogs-group: jobs, delivery_stream: x}\n";
    EXPECT_THAT(options_of(of_file, {{"LOG_DRIVER_OPTIONS_AWSLOGS_GROUP", "mine"},
                                     {"LOG_DRIVER_OPTIONS_AWSLOGS-STREAM-PREFIX", "p"},
                                     {"LOG_DRIVER_OPTIONS_DELIVERY_STREAM", "y"},
                                     {"LOG_DRIVER_OPTIONS_MODE", ""}}),
                ElementsAre(Pair("awslogs-group", "mine"), Pair("delivery_stream", "y"),
                            Pair("awslogs-stream-prefix", "p")));
    EXPECT_THAT(options_of(of_file, {{"LOG_DRIVER_OPTIONS", "{mode: blocking}"},
                                     {"LOG_DRIVER_OPTIONS_MAX_BUFFER_SIZE", "1m"}}),
                ElementsAre(Pair("mode", "blocking"), Pair("max-buffer-size", "1m")));
}

TEST_F(ConfigTest, NamesAreSuchAsAwsTakes) {
    const auto refused = [&](const std::string& key, const std::string& value, const std::string& expected) {
        EXPECT_THAT(load(key + ": \"" + value + "\"\n").errors,
                    ElementsAre(HasSubstr(key + ": \"" + value + "\" is not " + expected)));
    };
    for (const std::string& wrong : {std::string("team a"), std::string("a.b"), std::string(74, 'a')}) {
        refused("queue.namespace", wrong, "a name such as dev-flotilla: 1 to 73 letters, digits, - and _");
    }
    refused("queue.status", "states.fifo", "the name of a queue: 1 to 80 letters");
    refused("queue.status_rule", "a/b", "the name of a rule: 1 to 64 letters");
    refused("log.namespace", "logs of mine", "the name of a log group: 1 to 512 letters");
    for (const char* wrong : {"us-east1", "US-EAST-1", "us-east-1a", "useast"}) {
        refused("aws_default_region", wrong, "a region such as us-east-1");
    }
    for (const char* right : {"us-gov-west-1", "cn-north-1", "us-isob-east-1", "ap-southeast-5"}) {
        EXPECT_EQ(load_well("aws_default_region: " + std::string(right)).aws_default_region, right);
    }
    load_well("queue: {namespace: team_a-1, status: s_1, status_rule: rule.1}\nlog.namespace: /ecs/jobs#1.a");
}

TEST_F(ConfigTest, AnEmptyVariableCountsAsUnset) {
    EXPECT_EQ(load_well("flotilla_mode: prod", {{"FLOTILLA_MODE", ""}}).flotilla_mode, "prod");
}

TEST_F(ConfigTest, VariablesThatMatchNoKeyAreIgnored) {
    EXPECT_EQ(
        load_well("", {{"WORKER_SUBMIT_INTERVALL", "x"}, {"worker_submit_interval", "x"}, {"HOME", "/x"}}),
        load_well(""));
}

TEST_F(ConfigTest, ListsAreSeparatedBySpacesOrCommas) {
    for (const char* text : {"retry submit", "retry,submit", " retry , submit "}) {
        EXPECT_THAT(load_well("", {{"ENABLED_WORKERS", text}}).enabled_workers,
                    ElementsAre("retry", "submit"));
        EXPECT_THAT(load_well(std::string("enabled_workers: \"") + text + "\"").enabled_workers,
                    ElementsAre("retry", "submit"));
    }
    EXPECT_THAT(load_well("enabled_workers: []").enabled_workers, IsEmpty());
}

TEST_F(ConfigTest, DurationsSizesAndNumbersAreRead) {
    const Config config = load_well(
        "worker.retry_interval: 1.5h\nrun.stop_grace: 1m30s\nrun.log_limit: 1.5 GiB\nrun.pids_limit: 7\n"
        "log.retention_days: '90'\nimages.max_size: 53687091200\nhttp.server.read_timeout_seconds: 8\n");
    EXPECT_EQ(config.worker.retry_interval, 90min);
    EXPECT_EQ(config.run.stop_grace, 90s);
    EXPECT_EQ(config.run.log_limit.bytes, 3LL << 29);
    EXPECT_EQ(config.run.pids_limit, 7);
    EXPECT_EQ(config.http.server.read_timeout, 8s);
}

TEST_F(ConfigTest, AMissingFileIsOneError) {
    const auto loaded = load_config("/nowhere/conf", {}, options);
    EXPECT_THAT(loaded.errors, ElementsAre("/nowhere/conf/config.yml: there is no such configuration file"));
    EXPECT_THAT(load_config("/nowhere/my.yml", {}, options).errors,
                ElementsAre("/nowhere/my.yml: there is no such configuration file"));
}

TEST_F(ConfigTest, AFileThatIsNotRequiredMayBeMissing) {
    options.file_required = false;
    const auto loaded = load_config("/nowhere/conf", {{"DATA_DIR", "/srv/flotilla"}}, options);
    EXPECT_THAT(loaded.errors, IsEmpty());
    EXPECT_EQ(loaded.config.data_dir, "/srv/flotilla");
}

TEST_F(ConfigTest, AFileIsReadByItsOwnName) {
    load("flotilla_mode: prod");
    EXPECT_EQ(load_config(file(), {}, options).config.flotilla_mode, "prod");
}

TEST_F(ConfigTest, AFolderInPlaceOfTheFileIsOneError) {
    std::filesystem::create_directory(file());
    EXPECT_THAT(load_config(std::filesystem::path{file()}.parent_path(), {}, options).errors,
                ElementsAre(file() + ": cannot be read: Is a directory"));
}

TEST_F(ConfigTest, WhatIsNotYamlIsOneErrorWithItsPlace) {
    EXPECT_THAT(load("a: 1\n b: 2\n").errors, ElementsAre(file() + ":2:3: illegal map value"));
    EXPECT_THAT(load("a: [1, 2\n").errors, ElementsAre(HasSubstr(file() + ":")));
    EXPECT_THAT(load("- a\n- b\n").errors, ElementsAre(file() + ": has to be a map of keys to values"));
    EXPECT_THAT(load("flotilla_mode: a\n---\nflotilla_mode: b\n").errors,
                ElementsAre(HasSubstr("a second document begins; there can be only one")));
    EXPECT_THAT(load("  flotilla_mode: a\n, b: c\n").errors,  // yaml-cpp sees documents without end there
                ElementsAre(file() + ":2:1: a second document begins; there can be only one"));
    EXPECT_THAT(load("? [a]\n: b\n").errors, ElementsAre(HasSubstr(":1:3: a key must be a word")));
}

TEST_F(ConfigTest, EndlessDocumentsAreRefused) {
    EXPECT_THAT(load("a: &x [*x]").errors, ElementsAre(HasSubstr("nested too deeply")));
    EXPECT_THAT(load(std::string(100'000, '[')).errors, ElementsAre(HasSubstr("nested too deeply")));
    std::string laughs = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
    for (int level = 1; level < 10; ++level) {
        const std::string below = "*a" + std::to_string(level - 1);
        laughs += "a" + std::to_string(level) + ": &a" + std::to_string(level) + " [" + below;
        for (int copy = 1; copy < 10; ++copy) {
            laughs += ", " + below;
        }
        laughs += "]\n";
    }
    EXPECT_THAT(load(laughs).errors, ElementsAre(HasSubstr("too large")));
}

TEST_F(ConfigTest, AnUnknownKeyNamesTheNearest) {
    EXPECT_THAT(
        load("worker:\n  submit_intervall: 1s\n").errors,
        ElementsAre("worker.submit_intervall: no such key; the nearest is worker.submit_interval" + at(2)));
    EXPECT_THAT(load("wrker:\n  submit_interval: 1s\n").errors,
                ElementsAre("wrker: no such key; the nearest is worker" + at(1)));
    EXPECT_THAT(load("databse_url: x\n").errors,
                ElementsAre("databse_url: no such key; the nearest is database_url" + at(1)));
}

TEST_F(ConfigTest, AnUnknownKeyThatIsLikeNoneNamesNone) {
    EXPECT_THAT(load("foo:\n  bar: 1\n").errors, ElementsAre("foo: no such key" + at(1)));
    EXPECT_THAT(load("foo.bar: 1\n").errors, ElementsAre("foo.bar: no such key" + at(1)));
}

TEST_F(ConfigTest, UnknownKeysCanBeWarnings) {
    options.ignore_unknown = true;
    const auto loaded = load("new_key: 1\nclusters: {default: {shiny: 1}}\nrun.pids_limit: x\n");
    EXPECT_THAT(loaded.warnings, UnorderedElementsAre(HasSubstr("new_key: no such key"),
                                                      HasSubstr("clusters.default.shiny: no such setting")));
    EXPECT_THAT(loaded.errors, ElementsAre(HasSubstr("run.pids_limit")));
}

TEST_F(ConfigTest, AllMistakesAreReportedAtOnce) {
    const auto loaded = load(
        "worker.retry_interval: 30\n"
        "http:\n"
        "  server:\n"
        "    threads: many\n"
        "    listen_address: 3000\n"
        "create_database_schema: perhaps\n"
        "enabled_workers: [retry, sbumit]\n"
        "run.log_limit: big\n"
        "log.retention_days: -1\n"
        "histroy: 1\n",
        {{"QUEUE_PROCESS_TIME", "soon"}, {"AUTH_MODE", "maybe"}});
    EXPECT_THAT(
        loaded.errors,
        UnorderedElementsAre(
            "worker.retry_interval: \"30\" is not a duration such as 300ms, 30s or 1m30s, from 1ms to 8760h" +
                at(1),
            "http.server.threads: \"many\" is not a whole number from 1 to 4096" + at(4),
            "http.server.listen_address: \"3000\" is not an address such as 127.0.0.1:3000, [::1]:3000 or "
            ":3000" +
                at(5),
            "create_database_schema: \"perhaps\" is not true or false" + at(6),
            "enabled_workers: [\"retry\", \"sbumit\"] is not a list of words among retry, submit, status" +
                at(7),
            "run.log_limit: \"big\" is not a size such as 512MiB or 20GiB, 1KiB or more" + at(8),
            "log.retention_days: \"-1\" is not a whole number from 0 to 36500" + at(9),
            "histroy: no such key; the nearest is history" + at(10),
            "queue.process_time: \"soon\" is not a whole number of seconds from 0 to 43200 (environment "
            "variable "
            "QUEUE_PROCESS_TIME)",
            "auth.mode: \"maybe\" is not none or token (environment variable AUTH_MODE)"));
}

TEST_F(ConfigTest, AMistakeInTheFileIsReportedThoughTheEnvironmentOverridesIt) {
    const auto loaded = load("run.pids_limit: x", {{"RUN_PIDS_LIMIT", "5"}});
    EXPECT_THAT(loaded.errors, ElementsAre(HasSubstr("run.pids_limit: \"x\"")));
}

TEST_F(ConfigTest, WrongShapesAreReported) {
    EXPECT_THAT(load("worker: fast\n").errors,
                ElementsAre("worker: \"fast\" is not a map of keys to values" + at(1)));
    EXPECT_THAT(load("flotilla_mode: [a]\n").errors,
                ElementsAre("flotilla_mode: [\"a\"] is not a word such as dev or prod" + at(1)));
    EXPECT_THAT(load("enabled_workers: {retry: true}\n").errors,
                ElementsAre(HasSubstr("is not a list of words")));
    EXPECT_THAT(load("log.driver.options: text\n").errors,
                ElementsAre("log.driver.options: \"text\" is not a map of names to texts" + at(1)));
    EXPECT_THAT(load("log.driver.options: {a: [b]}\n").errors,
                ElementsAre("log.driver.options.a: [\"b\"] is not a text" + at(1)));
    EXPECT_THAT(load("clusters: [a]\n").errors,
                ElementsAre(HasSubstr("is not a map of cluster names to settings")));
}

TEST_F(ConfigTest, AKeyThatIsGivenTwiceIsReported) {
    EXPECT_THAT(load("flotilla_mode: a\nflotilla_mode: b\n").errors,
                ElementsAre("flotilla_mode: is given twice, first at " + file() + ":1" + at(2)));
    EXPECT_THAT(load("worker_submit_interval: 1s\nworker:\n  submit_interval: 2s\n").errors,
                ElementsAre("worker.submit_interval: is given twice, first at " + file() + ":1" + at(3)));
    EXPECT_THAT(load("log.driver.options: {a: b}\nlog.driver.options.a: c\n").errors,
                ElementsAre("log.driver.options.a: is given twice" + at(2)));
}

TEST_F(ConfigTest, AMapInTheEnvironmentHasToBeJsonOrYaml) {
    EXPECT_THAT(load("", {{"CLUSTERS", "{a: "}}).errors,
                ElementsAre(HasSubstr("clusters: is not one JSON or YAML value: ")));
    EXPECT_THAT(
        load("", {{"IMAGES_MIRRORS", "docker.io"}}).errors,
        ElementsAre("images.mirrors: \"docker.io\" is not a map of registries to URLs such as {docker.io: "
                    "http://127.0.0.1:5000} (environment variable IMAGES_MIRRORS)"));
}

TEST_F(ConfigTest, WhatTheParserOfYamlQuotesStaysOnOneLine) {
    EXPECT_THAT(load("region: \"\\\n\n\\\r\"").errors,
                ElementsAre(HasSubstr("unknown escape character: \\x0d")));
}

TEST_F(ConfigTest, ControlCharactersAreRefusedWithTheirPlace) {
    EXPECT_THAT(load("a: 1\nb: \x04").errors,
                ElementsAre(HasSubstr("config.yml:2:4: a control character (\\x04) stands here")));
    EXPECT_THAT(load(std::string("l,s:\n  ,s: {e\1\0\0\0\0``\0\0v: NA\0E", 28)).errors,
                ElementsAre(HasSubstr("config.yml:2:9: ")));  // without end once
}

TEST_F(ConfigTest, NamesOfSettingsStayOnOneLine) {
    EXPECT_THAT(load("clusters: {a: {\"mem\\rory\": 1}}").errors,
                ElementsAre(HasSubstr("mem\\x0dory: no such")));
}

TEST_F(ConfigTest, ATextIsReadLikeAFile) {
    const auto loaded = load_config_text("the text", "owner_id_var: OWNER\nfoo: 1", {}, options);
    EXPECT_EQ(loaded.config.owner_id_var, "OWNER");
    EXPECT_THAT(loaded.errors, ElementsAre(HasSubstr("(the text:2)")));
}

TEST_F(ConfigTest, MessagesShowNoPasswordsAndStayOnOneLine) {
    EXPECT_THAT(load("http.server.public_url: ftp://ada:secret@host/\n").errors,
                ElementsAre(HasSubstr("\"ftp://ada:***@host/\" is not a URL")));
    EXPECT_THAT(load("secrets: {key: hunter2}\n").errors,
                ElementsAre("secrets.key: is not one of {env: NAME}, {file: PATH}, {arn: ARN}" + at(1)));
    EXPECT_THAT(load("flotilla_mode: \"a\\nb\"\n").errors, ElementsAre(HasSubstr("\"a\\x0ab\" is not")));
    EXPECT_THAT(
        load("run.pids_limit: " + std::string(5000, 'x')).errors,
        ElementsAre(testing::ResultOf([](const std::string& line) { return line.size() < 300; }, true)));
}

TEST_F(ConfigTest, WhatADatabaseUrlSaysIsNotShown) {
    for (const auto* value : {"postgresql:app:hunter2@db/x", "'jdbc:postgresql://db/x?password=hunter2'",
                              "{password: hunter2}", "[hunter2]"}) {
        const auto loaded = load(std::string("database_url: ") + value + "\nauth.mode: none\n");
        EXPECT_THAT(loaded.errors, ElementsAre(AllOf(HasSubstr("sqlite:PATH"), Not(HasSubstr("hunter2")))))
            << value;
    }
    EXPECT_THAT(load("database_url: host = db user = app\nauth.mode: none\n").errors, IsEmpty());
}

struct WrongValue {
    const char* key;
    const char* value;
};
class WrongValueTest : public ConfigTest, public testing::WithParamInterface<WrongValue> {};

TEST_P(WrongValueTest, IsOneErrorThatNamesTheKey) {
    const auto loaded = load(std::string(GetParam().key) + ": " + GetParam().value + "\nauth.mode: none\n");
    EXPECT_THAT(loaded.errors, ElementsAre(testing::StartsWith(std::string(GetParam().key) + ": ")))
        << GetParam().value;
}

INSTANTIATE_TEST_SUITE_P(
    Config, WrongValueTest,
    testing::Values(
        WrongValue{"owner_id_var", "FLOTILLA_RUN_ID"}, WrongValue{"owner_id_var", "A-B"},
        WrongValue{"owner_id_var", "1A"}, WrongValue{"database_url", "mysql://x"},
        WrongValue{"database_url", "'sqlite:'"}, WrongValue{"execution_engine", "podman"},
        WrongValue{"http.server.listen_address", "'[::1:3000'"},
        WrongValue{"http.server.listen_address", "'::1:3000'"},
        WrongValue{"http.server.listen_address", "127.0.0.1:65536"},
        WrongValue{"http.server.listen_address", "300.0.0.1:80"},
        WrongValue{"http.server.listen_address", "'*:80'"},
        WrongValue{"http.server.public_url", "flotilla.example.org"},
        WrongValue{"http.server.base_path", "flotilla"}, WrongValue{"http.server.base_path", "/a//b"},
        WrongValue{"http.server.base_path", "/a/.."}, WrongValue{"http.server.base_path", "'/a b\"'"},
        WrongValue{"http.server.allowed_hosts", "['x.org:3000']"},
        WrongValue{"http.server.allowed_hosts", "['http://x.org']"},
        WrongValue{"http.server.cors_allowed_origins", "[localhost]"}, WrongValue{"http.server.threads", "0"},
        WrongValue{"http.server.read_timeout_seconds", "5s"}, WrongValue{"network.subnet", "10.87.0.0"},
        WrongValue{"network.subnet", "10.87.0.0/33"}, WrongValue{"images.insecure_registries", "[http://x/]"},
        WrongValue{"images.mirrors", "{docker.io: 'localhost'}"}, WrongValue{"worker.submit_interval", "0s"},
        WrongValue{"worker.submit_interval", "-1s"}, WrongValue{"worker.submit_interval", "1000000h"},
        WrongValue{"run.disk_limit", "12 parsecs"}, WrongValue{"run.disk_limit", "-1GiB"},
        WrongValue{"run.disk_limit", "99999999TiB"}, WrongValue{"run.pids_limit", "99999999999999999999"},
        WrongValue{"data_dir", "''"}, WrongValue{"ecs.launch_type", "ec2"},
        WrongValue{"host.address", "''"}));

}  // namespace
}  // namespace flotilla
