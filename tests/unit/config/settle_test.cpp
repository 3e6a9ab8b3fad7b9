#include "config/settle.hpp"

#include "unit/config/config_test.hpp"

namespace flotilla {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Pair;
using testing::SizeIs;
using testing::StartsWith;
using testing::UnorderedElementsAre;

// --- What is not built yet ---

TEST_F(ConfigTest, TheOriginalsFileIsRead) {
    const auto loaded = load_config(ORIGINAL_CONFIG_FILE, {}, options);
    EXPECT_THAT(loaded.errors, IsEmpty());
    EXPECT_THAT(loaded.not_built, IsEmpty());
    EXPECT_EQ(loaded.config.queue_manager, QueueManager::sqs);
    EXPECT_THAT(loaded.warnings,
                ElementsAre(StartsWith("http.server.listen_address: listens on 127.0.0.1:3000 only")));
    EXPECT_EQ(loaded.config.log.driver.options.size(), 3);
    EXPECT_EQ(loaded.config.worker.status_interval, std::chrono::milliseconds{300});
}

struct NotBuilt {
    const char* text;
    const char* problem;
};
class NotBuiltTest : public ConfigTest, public testing::WithParamInterface<NotBuilt> {};

TEST_P(NotBuiltTest, IsOneProblemAndNoError) {
    const auto loaded = load(GetParam().text);
    EXPECT_THAT(loaded.errors, IsEmpty());
    EXPECT_THAT(loaded.not_built, ElementsAre(StartsWith(GetParam().problem)));
}

INSTANTIATE_TEST_SUITE_P(Config, NotBuiltTest,
                         testing::Values(NotBuilt{"execution_engine: kubernetes",
                                                  "execution_engine: the engine kubernetes"},
                                         NotBuilt{"clusters: {default: {engine: kubernetes}}",
                                                  "clusters.default.engine: the engine kubernetes"}));

TEST_F(ConfigTest, WhatIsBuiltAsksForNothing) {
    load_well(
        "database_url: sqlite:other.db\nauth.mode: none\nimages.max_size: 50GiB\nlog.retention_days: 90\n"
        "host.lost_after: 10m0s\nhttp.server.base_path: /flotilla/a.b\nqueue_manager: store\nsecrets: {}\n"
        "http.server.public_url: https://flotilla.example.org/\n");
}

TEST_F(ConfigTest, KeysOfOtherEnginesAreAcceptedSilently) {
    load_well(
        "log.namespace: x\nlog.driver: {name: y, options: {a: b}}\nqueue: {namespace: n, process_time: 5}\n"
        "aws_default_region: eu-west-1\necs: {user: nobody, privileged: true, subnets: [a, b]}\n");
}

// --- Engines and what has to agree with them ---

TEST_F(ConfigTest, AutoPicksTheEngineOfThisHost) {
    EXPECT_EQ(load_well("execution_engine: auto").execution_engine, "local");
    options.host->has_aws = true;
    const auto loaded = load("execution_engine: auto");
    EXPECT_EQ(loaded.config.execution_engine, "ecs");
    EXPECT_THAT(loaded.not_built, IsEmpty());
    options.host->has_docker = true;
    EXPECT_EQ(load_well("execution_engine: auto").execution_engine, "docker");
}

TEST_F(ConfigTest, TheDaemonOfADockerClusterIsTheEnvironmentsUnlessItIsNamed) {
    EXPECT_EQ(load_well("execution_engine: docker").clusters[0].network, ClusterNetwork::private_network);
    EXPECT_EQ(load_well("execution_engine: docker").clusters[0].settings,
              (TextPairs{{"host", "unix:///var/run/docker.sock"}, {"certificates", ""}}));
    options.host->docker_host = "tcp://hosts:2376";
    options.host->docker_certificates = "/certificates";
    const auto config = load_well(
        "execution_engine: docker\nclusters: {default: , here: {host: 'unix:///run/d.sock'},\n"
        "  there: {host: 'tcp://there', certificates: ~/there, mounts: [{host: /srv, path: /srv}]}}");
    EXPECT_EQ(config.clusters[0].settings,
              (TextPairs{{"host", "tcp://hosts:2376"}, {"certificates", "/certificates"}}));
    EXPECT_EQ(config.clusters[1].settings, (TextPairs{{"host", "unix:///run/d.sock"}, {"certificates", ""}}));
    EXPECT_EQ(config.clusters[2].settings,
              (TextPairs{{"host", "tcp://there"}, {"certificates", "/home/ada/there"}}));
}

TEST_F(ConfigTest, WhatADockerClusterCannotUseIsSaid) {
    EXPECT_THAT(
        load("execution_engine: docker\nclusters: {default: {host: 'ssh://there', certificate: x}}").errors,
        UnorderedElementsAre(
            "clusters: default.host \"ssh://there\" is not the address of a Docker daemon, such as "
            "unix:///var/run/docker.sock or tcp://host:2376" +
                at(2),
            "clusters.default.certificate: no such setting; the nearest is certificates" + at(2)));
}

TEST_F(ConfigTest, TheQueueFollowsTheEngine) {
    EXPECT_EQ(load_well("").queue_manager, QueueManager::store);
    EXPECT_EQ(load_well("execution_engine: ecs").queue_manager, QueueManager::sqs);
    EXPECT_EQ(load_well("execution_engine: ecs\nqueue_manager: store").queue_manager, QueueManager::store);
    EXPECT_THAT(
        load("queue_manager: sqs").errors,
        ElementsAre("queue_manager: sqs works with execution_engine ecs only, and that is local; say store" +
                    at(1)));
}

TEST_F(ConfigTest, ClientsHaveToAgreeWithTheEngine) {
    load_well("cluster_client: local\nlogs_client: file\nstate_manager: sqlite");
    EXPECT_THAT(
        load("cluster_client: ecs\nlogs_client: cloudwatch\nstate_manager: postgres").errors,
        ElementsAre("cluster_client: ecs does not agree with execution_engine local; say local, or leave it "
                    "out" +
                        at(1),
                    "logs_client: cloudwatch does not agree with execution_engine local; say file, or leave "
                    "it out" +
                        at(2),
                    "state_manager: postgres does not agree with database_url sqlite:...; say sqlite, or "
                    "leave it out" +
                        at(3)));
}

TEST_F(ConfigTest, AMistakeIsNotReportedAgainByWhatDependsOnIt) {
    EXPECT_THAT(load("execution_engine: esc\ncluster_client: ecs\nqueue_manager: sqs").errors,
                ElementsAre(StartsWith("execution_engine: ")));
    EXPECT_THAT(load("clusters: nonsense\ndefault_cluster: large").errors,
                ElementsAre(StartsWith("clusters: ")));
}

TEST_F(ConfigTest, TheLogGroupOfEcsIsSaidOnce) {
    const auto group = [&](const std::string& text) {
        const auto config = load_well("execution_engine: ecs\n" + text);
        for (const auto& [name, value] : config.log.driver.options) {
            if (name == "awslogs-group") {
                EXPECT_EQ(value, config.log.name_space);
                return value;
            }
        }
        return std::string("none");
    };
    EXPECT_EQ(group(""), "flotilla-os-logs");
    EXPECT_EQ(group("log.namespace: mine"), "mine");
    EXPECT_EQ(group("log.driver.options: {awslogs-group: theirs}"), "theirs");
    EXPECT_EQ(group("log: {namespace: mine, driver: {options: {awslogs-stream-prefix: x}}}"), "mine");
    EXPECT_THAT(
        load("execution_engine: ecs\nlog: {namespace: mine, driver: {options: {awslogs-group: theirs}}}")
            .errors,
        ElementsAre(StartsWith("log.namespace: mine does not agree with awslogs-group theirs")));
}

TEST_F(ConfigTest, LogStreamsOfEcsBeginWithWhatTheyMay) {
    const auto mistakes = [&](const std::string& prefix) {
        return load("execution_engine: ecs\nlog.driver.options: {awslogs-stream-prefix: '" + prefix + "'}")
            .errors;
    };
    for (const std::string& prefix :
         {std::string("a:b"), std::string("a*"), std::string(), std::string(224, 'a')}) {
        EXPECT_THAT(mistakes(prefix),
                    ElementsAre(StartsWith("log.driver.options: awslogs-stream-prefix \"" + prefix +
                                           "\" is not what names of log streams may begin with")));
    }
    EXPECT_THAT(mistakes("jobs/a b"), IsEmpty());
}

TEST_F(ConfigTest, TheRegionIsThatOfTheLogsToo) {
    const auto config = load_well("execution_engine: ecs\naws_default_region: eu-west-1");
    EXPECT_THAT(config.log.driver.options, testing::Contains(Pair("awslogs-region", "eu-west-1")));
    EXPECT_THAT(load("execution_engine: ecs\nlog.driver.options: {awslogs-region: eu-west-1}").errors,
                ElementsAre(StartsWith("log.driver.options: awslogs-region eu-west-1 does not agree with "
                                       "aws_default_region us-east-1")));
}

TEST_F(ConfigTest, WhereNoRegionIsSaidItIsTheOneOfAwssOwnPrograms) {
    options.host->aws_region = "eu-west-1";
    const auto config = load_well("execution_engine: ecs");
    EXPECT_EQ(config.aws_default_region, "eu-west-1");
    EXPECT_THAT(config.log.driver.options, testing::Contains(Pair("awslogs-region", "eu-west-1")));
    const auto region = [&](const std::string& text, const Environment& environment) {
        return load_well("execution_engine: ecs\n" + text, environment).aws_default_region;
    };
    EXPECT_EQ(region("aws_default_region: eu-west-2", {}), "eu-west-2");
    EXPECT_EQ(region("", {{"AWS_DEFAULT_REGION", "eu-west-3"}}), "eu-west-3");
    options.host->aws_region = "somewhere";
    EXPECT_THAT(
        load("execution_engine: ecs").errors,
        ElementsAre(StartsWith("aws_default_region: \"somewhere\", of AWS_REGION or of the AWS profile, "
                               "is not a region such as us-east-1")));
}

TEST(HostFacts, KnowTheRegionOfAwssOwnPrograms) {
    const std::filesystem::path home = testing::TempDir() + "home-with-aws";
    std::filesystem::create_directories(home / ".aws");
    std::ofstream(home / ".aws/config")
        << "[default]\nregion = eu-west-1\n[profile other]\nregion=eu-west-2\n";
    const auto region = [&](Environment environment) {
        environment["HOME"] = home.string();
        return look_at_host(environment).aws_region;
    };
    EXPECT_EQ(region({}), "eu-west-1");
    EXPECT_EQ(region({{"AWS_PROFILE", "other"}}), "eu-west-2");
    EXPECT_EQ(region({{"AWS_PROFILE", "third"}}), "");
    EXPECT_EQ(region({{"AWS_REGION", "eu-west-3"}, {"AWS_PROFILE", "other"}}), "eu-west-3");
    EXPECT_EQ(region({{"AWS_CONFIG_FILE", (home / "none").string()}}), "");
    std::filesystem::remove_all(home);
}

TEST_F(ConfigTest, AQueueHasOneUse) {
    const auto mistakes = [&](const std::string& text) {
        return load("execution_engine: ecs\n" + text).errors;
    };
    EXPECT_THAT(
        mistakes("queue: {namespace: n, status: n-default}"),
        ElementsAre(StartsWith("queue.status: n-default would be that of the runs of cluster default, too, "
                               "by queue.namespace n")));
    EXPECT_THAT(mistakes("queue: {namespace: n, status: n-a}\nclusters: {a: {}, b: {}}"), SizeIs(1));
    EXPECT_THAT(mistakes("queue: {namespace: n, status: n_parked}"),
                ElementsAre(HasSubstr("that of messages that nobody can read")));
    EXPECT_THAT(mistakes("queue: {namespace: n, status: n-other}"), IsEmpty());
    EXPECT_THAT(mistakes("queue_manager: store\nqueue: {namespace: n, status: n-default}"), IsEmpty());
}

TEST_F(ConfigTest, ALogDriverOfEcsIsOneThatItHas) {
    EXPECT_THAT(
        load("execution_engine: ecs\nlog.driver.name: awslog").errors,
        ElementsAre(StartsWith("log.driver.name: ECS has no log driver awslog; its drivers are awslogs, ")));
    EXPECT_THAT(load("execution_engine: ecs\nlog.driver.name: ''").errors, SizeIs(1));
    for (const char* name : {"splunk", "json-file", "syslog"}) {
        EXPECT_THAT(load(std::string("execution_engine: ecs\nlog.driver.name: ") + name).errors, IsEmpty());
    }
    EXPECT_THAT(load("execution_engine: ecs\nlog.driver.name: json-file\n"
                     "ecs: {launch_type: FARGATE, network_mode: awsvpc, subnets: [s], execution_role: r}")
                    .errors,
                ElementsAre(StartsWith("log.driver.name: ECS has no log driver json-file on Fargate")));
}

TEST_F(ConfigTest, WhatEcsCannotHaveIsSaid) {
    EXPECT_THAT(
        load("execution_engine: ecs\necs: {assign_public_ip: ENABLED}").errors,
        ElementsAre(StartsWith("ecs.assign_public_ip: ENABLED works with ecs.launch_type FARGATE only")));
    EXPECT_THAT(load("execution_engine: ecs\necs: {launch_type: FARGATE}").errors,
                UnorderedElementsAre(StartsWith("ecs.launch_type: FARGATE works with"),
                                     StartsWith("ecs.launch_type: FARGATE needs")));
    EXPECT_THAT(load("execution_engine: ecs\necs: {network_mode: awsvpc}").errors,
                ElementsAre(StartsWith("ecs.network_mode: awsvpc needs ecs.subnets")));
    EXPECT_THAT(load("execution_engine: ecs\nclusters: {a: {network: none, other: 1}}").errors,
                UnorderedElementsAre(StartsWith("clusters: a.network: with ecs say"),
                                     StartsWith("clusters.a.other: no such setting")));
}

TEST_F(ConfigTest, AClusterOfEcsIsNotBoundedUnlessItIsSaid) {
    const auto config =
        load_well("execution_engine: ecs\nclusters: {a: {}, b: {memory: 100, max_running: 2}}");
    EXPECT_EQ(config.clusters.at(0).memory, ClusterConfig::not_bounded);
    EXPECT_EQ(config.clusters.at(1).memory, 100);
    EXPECT_TRUE(load_well("execution_engine: ecs").clusters.empty()) << "they are the account's";
}

TEST_F(ConfigTest, AnArnIsASecretOfEcsOnly) {
    EXPECT_THAT(load("secrets: {key: {arn: x}}").errors,
                ElementsAre("secrets: key is an arn, which works with the engine ecs only" + at(1)));
    const auto loaded = load("execution_engine: ecs\nsecrets: {a: {arn: x}, b: {file: /run/b}}");
    EXPECT_THAT(loaded.errors, IsEmpty());
    EXPECT_THAT(loaded.config.secrets,
                ElementsAre(Pair("a", SecretConfig{"arn", "x"}), Pair("b", SecretConfig{"file", "/run/b"})));
}

TEST_F(ConfigTest, ASecretHasTheNameOfAVariableThatNobodyElseSets) {
    const std::string variable =
        "the name of a secret is that of a variable: letters, digits and '_', no digit first";
    EXPECT_THAT(load("secrets: {a-b: {env: A}, 1a: {env: A}}").errors,
                ElementsAre("secrets.a-b: " + variable + at(1), "secrets.1a: " + variable + at(1)));
    EXPECT_THAT(
        load("secrets: {FLOTILLA_RUN_TOKEN: {env: A}}").errors,
        ElementsAre("secrets.FLOTILLA_RUN_TOKEN: the server sets this variable itself; give the secret "
                    "another name" +
                    at(1)));
    EXPECT_THAT(
        load("owner_id_var: OWNER\nsecrets: {OWNER: {env: A}}").errors,
        ElementsAre("secrets: OWNER is the variable of owner_id_var; give the secret another name" + at(2)));
}

TEST_F(ConfigTest, ASecretIsInAVariableOrInAFileAndAWrongPlaceIsNotShown) {
    EXPECT_THAT(load("secrets: {A: {env: hunter-2}, B: {file: hunter2}}").errors,
                ElementsAre("secrets.A: env is not the name of an environment variable" + at(1),
                            "secrets.B: file is not a path that begins with / or ~/" + at(1)));
    const auto loaded = load("secrets: {A: {env: SOME_KEY}, B: {file: ~/key}}");
    EXPECT_THAT(loaded.errors, IsEmpty());
    EXPECT_THAT(loaded.not_built, IsEmpty());
    EXPECT_THAT(loaded.config.secrets, ElementsAre(Pair("A", SecretConfig{"env", "SOME_KEY"}),
                                                   Pair("B", SecretConfig{"file", "/home/ada/key"})));
}

// --- Listening ---

TEST_F(ConfigTest, APortAloneIsThisMachineUntilAuthModeIsSaid) {
    const auto loaded = load("http.server.listen_address: :4000");
    EXPECT_EQ(loaded.config.http.server.listen_address, (ListenAddress{"127.0.0.1", 4000}));
    EXPECT_THAT(loaded.errors, IsEmpty());
    EXPECT_THAT(loaded.warnings, ElementsAre("http.server.listen_address: listens on 127.0.0.1:4000 only, as "
                                             "auth.mode is not said" +
                                             at(1)));
}

TEST_F(ConfigTest, APortAloneIsEveryAddressOnceAuthModeIsSaid) {
    const Config config = load_well("http.server.listen_address: :4000", {{"AUTH_MODE", "token"}});
    EXPECT_EQ(config.http.server.listen_address, (ListenAddress{"", 4000}));
    EXPECT_EQ(config.http.server.listen_address.text(), ":4000");
}

TEST_F(ConfigTest, OtherMachinesAreLetInOnlyOnceAuthModeIsSaid) {
    for (const std::string address :
         {"0.0.0.0:3000", "[::]:3000", "192.168.0.7:3000", "flotilla.example.org:3000"}) {
        const std::string text = "http.server.listen_address: '" + address + "'\n";
        EXPECT_THAT(load(text).errors, ElementsAre("http.server.listen_address: " + address +
                                                   " lets other machines in: say auth.mode, "
                                                   "token or none, or listen on 127.0.0.1:3000" +
                                                   at(1)));
        EXPECT_EQ(load_well(text + "auth.mode: token").http.server.listen_address.text(), address);
        const auto open = load(text + "auth.mode: none");
        EXPECT_EQ(open.config.http.server.listen_address.text(), address);
        EXPECT_THAT(open.warnings, ElementsAre("auth.mode: none: whoever can reach " + address +
                                               " may run anything; token asks for an access token" + at(2)));
    }
}

TEST_F(ConfigTest, LoopbackNeedsNoAuthMode) {
    for (const std::string address : {"127.0.0.1:0", "127.1.2.3:80", "localhost:3000", "[::1]:3000"}) {
        EXPECT_EQ(
            load_well("http.server.listen_address: '" + address + "'").http.server.listen_address.text(),
            address);
    }
}

// --- Clusters ---

TEST_F(ConfigTest, TheDefaultClusterHasTheHostsMemoryButAReserve) {
    EXPECT_THAT(load_well("").clusters,
                ElementsAre(ClusterConfig{.name = "default",
                                          .engine = "local",
                                          .memory = 8192 - 819,
                                          .gpu = 0,
                                          .network = ClusterNetwork::private_network}));
    options.host->memory = 2048;
    EXPECT_EQ(load_well("").clusters.front().memory, 2048 - 512);
    options.host->memory = 100;
    EXPECT_EQ(load_well("").clusters.front().memory, 0);
}

TEST_F(ConfigTest, ClustersKeepTheirOrderAndSettings) {
    const Config config = load_well(
        "default_cluster: small\n"
        "clusters:\n"
        "  small: {memory: 512, cpu: 1500, max_running: 3, network: none, engine: local}\n"
        "  large:\n"
        "  empty: {memory: 0}\n");
    ASSERT_EQ(config.clusters.size(), 3);
    const ClusterConfig& small = config.clusters[0];
    EXPECT_EQ(small.name, "small");
    EXPECT_EQ(small.memory, 512);
    EXPECT_EQ(small.cpu, 1500);
    EXPECT_EQ(small.max_running, 3);
    EXPECT_EQ(small.network, ClusterNetwork::no_network);
    EXPECT_EQ(config.clusters[1].name, "large");
    EXPECT_EQ(config.clusters[1].network, ClusterNetwork::private_network) << "the engine's own";
    EXPECT_EQ(config.clusters[1].cpu, std::nullopt);
    EXPECT_EQ(config.clusters[2].memory, 0);
}

TEST_F(ConfigTest, ClustersComeFromTheEnvironmentAsJsonOrYaml) {
    for (const char* text : {R"({"default":{"memory":256},"large":{"max_running":2}})",
                             "{default: {memory: 256}, large: {max_running: 2}}",
                             "default:\n  memory: 256\nlarge:\n  max_running: 2\n"}) {
        const Config config = load_well("clusters: {default: {memory: 1}, other: {}}", {{"CLUSTERS", text}});
        ASSERT_EQ(config.clusters.size(), 2) << text;
        EXPECT_EQ(config.clusters[0].memory, 256);
        EXPECT_EQ(config.clusters[1].max_running, 2);
    }
}

TEST_F(ConfigTest, EveryMistakeOfAClusterIsReported) {
    const auto loaded = load(
        "clusters:\n"
        "  default:\n"
        "    memory: lots\n"
        "    cpu: 0\n"
        "    network: bridge\n"
        "    engine: podman\n"
        "    mounts: [{host: srv, path: /srv}, {host: /srv}, x]\n"
        "  a/b: {}\n"
        "  two: {memory: 1, memory: 2}\n"
        "  three: 3\n"
        "  two: {}\n");
    EXPECT_THAT(
        loaded.errors,
        ElementsAre(
            "clusters.default.memory: \"lots\" is not a number of MiB, 0 or more" + at(3),
            "clusters.default.cpu: \"0\" is not a number of 1/1000 cores, 1 or more" + at(4),
            "clusters.default.network: \"bridge\" is not private, host or none" + at(5),
            "clusters.default.engine: \"podman\" is not one of local, docker, ecs, kubernetes, auto" + at(6),
            "clusters.default.mounts[0].host: \"srv\" is not an absolute path" + at(7),
            "clusters.default.mounts[1]: {host: \"/srv\"} is not a mount: it needs host and path" + at(7),
            "clusters.default.mounts[2]: \"x\" is not a map such as {host: PATH, path: PATH, read_only: "
            "true}" +
                at(7),
            "clusters.a/b: a cluster's name has letters, digits, '.', '-' and '_', a letter or digit first" +
                at(8),
            "clusters.two.memory: is given twice" + at(9),
            "clusters.three: \"3\" is not a map of settings such as {memory: 4096}" + at(10),
            "clusters.two: is given twice" + at(11)));
}

TEST_F(ConfigTest, ALocalClusterHasNoSettingsOfItsOwnButOtherEnginesKeepTheirs) {
    EXPECT_THAT(load("clusters: {default: {memroy: 5}}").errors,
                ElementsAre("clusters.default.memroy: no such setting; the nearest is memory" + at(1)));
    EXPECT_THAT(load("clusters: {default: {region: x}}").errors,
                ElementsAre("clusters.default.region: no such setting" + at(1)));
    const auto loaded = load("clusters: {default: {engine: kubernetes, namespace: jobs, zones: [a, b]}}");
    EXPECT_THAT(loaded.errors, IsEmpty());
    EXPECT_THAT(loaded.config.clusters.front().settings,
                ElementsAre(Pair("namespace", "jobs"), Pair("zones", "a b")));
}

TEST_F(ConfigTest, TheDefaultClusterHasToExist) {
    EXPECT_THAT(load("default_cluster: large").errors,
                ElementsAre("default_cluster: there is no cluster large, only default" + at(1)));
    EXPECT_THAT(load("clusters: {}").errors, ElementsAre(StartsWith("clusters: there has to be one")));
    const auto loaded = load("clusters: {a: {}, b: {}}\ndefault_cluster: default");
    EXPECT_THAT(loaded.errors, IsEmpty());
    EXPECT_THAT(
        loaded.warnings,
        ElementsAre("default_cluster: there is no cluster default, only a, b; runs have to name theirs" +
                    at(1)));
}

// --- Paths ---

TEST_F(ConfigTest, PathsAreAbsoluteAndKnowTheHomeFolder) {
    options.host->is_root = false;
    EXPECT_EQ(load_well("").data_dir, "/home/ada/.local/share/flotilla");
    EXPECT_EQ(load_well("data_dir: ~/jobs").data_dir, "/home/ada/jobs");
    EXPECT_EQ(load_well("data_dir: state").data_dir, std::filesystem::current_path() / "state");
    const Config config =
        load_well("database_url: sqlite:/srv/x.db", {{"DATA_DIR", "/srv/flotilla/../other"}});
    EXPECT_EQ(config.data_dir, "/srv/other");
    EXPECT_EQ(sqlite_file(config), "/srv/x.db");
    EXPECT_EQ(sqlite_file(load("database_url: postgresql://localhost/x").config), std::nullopt);
}

TEST_F(ConfigTest, ThePublicUrlHasNoSlashAtItsEnd) {
    EXPECT_EQ(load_well("http.server.public_url: https://x.org/flotilla//").http.server.public_url,
              "https://x.org/flotilla");
}

// --- The host ---

TEST(HostFacts, AreThoseOfThisMachine) {
    const HostFacts facts = look_at_host({{"HOME", "/home/ada"}, {"AWS_PROFILE", "x"}});
    EXPECT_GT(facts.memory, 0);
    EXPECT_FALSE(facts.name.empty());
    EXPECT_EQ(facts.home, "/home/ada");
    EXPECT_TRUE(facts.has_aws);
    EXPECT_FALSE(look_at_host({{"HOME", "/nowhere"}}).has_aws);
    const HostFacts with_docker = look_at_host(
        {{"HOME", "/home/ada"}, {"DOCKER_HOST", "tcp://localhost:2376"}, {"DOCKER_TLS_VERIFY", "1"}});
    EXPECT_TRUE(with_docker.has_docker);
    EXPECT_EQ(with_docker.docker_host, "tcp://localhost:2376");
    EXPECT_EQ(with_docker.docker_certificates, "/home/ada/.docker");
    EXPECT_EQ(look_at_host({{"DOCKER_TLS_VERIFY", "1"}, {"DOCKER_CERT_PATH", "/certs"}}).docker_certificates,
              "/certs");
}

TEST(HostFacts, TheProcessesEnvironmentIsRead) {
    ASSERT_EQ(::setenv("FLOTILLA_CONFIG_TEST", "a=b", 1), 0);
    EXPECT_EQ(process_environment()["FLOTILLA_CONFIG_TEST"], "a=b");
}

TEST_F(ConfigTest, OfAClusterWithMistakesTheUnknownSettingsAreToldToo) {
    EXPECT_THAT(
        load("clusters: {default: {memory: -1, netwrk: none}}").errors,
        UnorderedElementsAre(StartsWith("clusters.default.memory: "),
                             StartsWith("clusters.default.netwrk: no such setting; the nearest is network")));
}

TEST_F(ConfigTest, InProductionNoOtherOriginIsAnsweredUnlessSaid) {
    EXPECT_THAT(load_well("flotilla_mode: dev").http.server.cors_allowed_origins,
                ElementsAre("http://localhost:3000"));
    EXPECT_THAT(load_well("flotilla_mode: prod").http.server.cors_allowed_origins, IsEmpty());
    EXPECT_THAT(load_well("flotilla_mode: prod\nhttp.server.cors_allowed_origins: [http://x.example]")
                    .http.server.cors_allowed_origins,
                ElementsAre("http://x.example"));
}

}  // namespace
}  // namespace flotilla
