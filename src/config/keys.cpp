// Every key of the configuration, each declared once: from here it is read, checked, overridden by the
// environment, documented, and written to conf/config.yml. Types and defaults are those of the members in
// config.hpp.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "config/checks.hpp"
#include "config/declaration.hpp"

namespace flotilla::settings {

namespace {

using Number = std::int64_t;
using Text = std::string;
using Texts = std::vector<std::string>;

std::string not_built(const Text& engine) {
    return fmt::format("the engine {} is not built yet: choose one of {}", engine,
                       fmt::join(built_engines, ", "));
}

std::vector<Wish> engine_wishes(const Text& engine) {
    if (is_built_engine(engine)) {
        return {};
    }
    return {{"", not_built(engine)}};
}

std::vector<Wish> cluster_wishes(const std::vector<ClusterConfig>& clusters) {
    std::vector<Wish> wishes;
    for (const ClusterConfig& cluster : clusters) {
        const auto wish = [&](const std::string& setting, const std::string& message) {
            wishes.push_back({"." + cluster.name + "." + setting, message});
        };
        if (!cluster.engine.empty() && !is_built_engine(cluster.engine)) {
            wish("engine", not_built(cluster.engine));
        }
    }
    return wishes;
}

Chapter general() {
    Chapter chapter{"General", "", {}};
    Section<Config> section{chapter, "", [](Config& config) -> Config& { return config; }};
    section.key("flotilla_mode", &Config::flotilla_mode,
                "What every run finds in `FLOTILLA_SERVER_MODE`, such as `dev` or `prod`.",
                {.must_be = not_empty("a word such as dev or prod")});
    section.key("owner_id_var", &Config::owner_id_var,
                "The environment variable of every run that holds its owner.", {.must_be = owner_variable()});
    section.key("enabled_workers", &Config::enabled_workers,
                "The workers that run in this process, so that API and workers can be deployed apart.",
                {.must_be = each_one_of({"retry", "submit", "status"})});
    section.key("data_dir", &Config::data_dir,
                "The folder with all state of this host: database file, images, runs, logs.",
                {.shown_default = "/var/lib/flotilla",
                 .default_note = "`/var/lib/flotilla` for root, else `~/.local/share/flotilla`"});
    return chapter;
}

Chapter database() {
    Chapter chapter{"Database", "", {}};
    Section<Config> section{chapter, "", [](Config& config) -> Config& { return config; }};
    section.key("database_url", &Config::database_url,
                "Where definitions and runs are kept: `sqlite:PATH`, relative to `data_dir`, or "
                "`postgresql://USER:PASSWORD@HOST/DATABASE`, as libpq takes it.",
                {.must_be = database_url(), .is_secret = true});
    section.key("create_database_schema", &Config::create_database_schema,
                "Whether `serve` creates and migrates the tables; `false` only checks that they are there.");
    section.key("state_manager", &Config::state_manager,
                "The kind of database, `sqlite` or `postgres`; accepted where it agrees with `database_url`.",
                {.must_be = one_of({"sqlite", "postgres"}),
                 .shown_default = "sqlite",
                 .default_note = "as `database_url` says"});
    return chapter;
}

constexpr std::string_view clusters_introduction =
    R"(A cluster is a named place where runs go. `clusters` maps names to settings; with `execution_engine: ecs` those of the account are added, when the server starts and as they come.

| setting | default | what it does |
| --- | --- | --- |
| `engine` | `execution_engine` | what runs its containers |
| `memory` | all of this host's but the larger of 512 MiB and a tenth; with `ecs` not bounded | MiB that its runs may hold together; `0`: a cluster without hosts |
| `cpu` | not bounded | 1/1000 cores that its runs may hold together |
| `gpu` | for `local` those of this host, with `ecs` not bounded, else `0` | how many GPUs its host has for its runs, each for one run at a time |
| `max_running` | not bounded | how many runs may be there at once |
| `network` | `private` | for `local` and `docker`: what its runs reach: `private`, the network outside but neither this host's loopback nor each other; `host`, all that the host reaches; `none` |
| `mounts` | none | for `local` and `docker`: folders of the host that every run sees: `[{host: PATH, path: PATH, read_only: true}]` |
| `host` | `DOCKER_HOST`, else `unix:///var/run/docker.sock` | for `docker`: where its daemon is, `unix://PATH` or `tcp://HOST:PORT` |
| `certificates` | with `DOCKER_TLS_VERIFY`: `DOCKER_CERT_PATH`, else `~/.docker` | for `docker`: the folder with `ca.pem`, `cert.pem` and `key.pem` for TLS; none: no TLS |

The environment names the daemon only where `host` does not. Several Docker hosts are several clusters; `memory` and `cpu` are those of the daemon's host, so say them where that is another.
By environment: `CLUSTERS='{"small": {"memory": 512}, "large": {}}'`.)";

Chapter engines() {
    Chapter chapter{"Engines and clusters", std::string(clusters_introduction), {}};
    Section<Config> section{chapter, "", [](Config& config) -> Config& { return config; }};
    section.key("execution_engine", &Config::execution_engine,
                "What runs containers: `local`, `docker`, `ecs`, `kubernetes`, or `auto`: docker where its "
                "socket is, else ecs where AWS is configured, else local.",
                {.must_be = one_of(known_engines_and_auto()),
                 .later_note = "Not built yet: `kubernetes`.",
                 .later = engine_wishes});
    section.key("queue_manager", &Config::queue_manager,
                "Where queued runs wait: `store`, the database, or with ECS also `sqs`.",
                {.default_note = "`sqs` where `execution_engine` is `ecs`, else `store`"});
    section.key("cluster_client", &Config::cluster_client,
                "The name of the engine again; accepted where it agrees with `execution_engine`.",
                {.must_be = one_of(known_engines()),
                 .shown_default = "local",
                 .default_note = "as `execution_engine` says"});
    section.key("logs_client", &Config::logs_client,
                "Where logs are read: `file`, `docker`, `cloudwatch` or `kubernetes`; accepted where it "
                "agrees with `execution_engine`.",
                {.must_be = one_of({"file", "docker", "cloudwatch", "kubernetes"}),
                 .shown_default = "file",
                 .default_note = "as `execution_engine` says"});
    section.key("default_cluster", &Config::default_cluster, "The cluster of a run that names none.",
                {.must_be = not_empty("the name of a cluster")});
    section.key("clusters", &Config::clusters,
                "The clusters by name, each with settings such as `{memory: 4096, cpu: 2000, max_running: "
                "10, network: none}`.",
                {.shown_default = "{default: {}}",
                 .later_note = "Not built yet: the engine `kubernetes`.",
                 .later = cluster_wishes});
    return chapter;
}

Chapter http_server() {
    Chapter chapter{"HTTP server",
                    "Without `auth.mode` the server answers this machine alone: `:PORT` listens on "
                    "127.0.0.1, and an address that is not loopback is refused. Once `auth.mode` is said, "
                    "`:PORT` is every address of this host.",
                    {}};
    Section<HttpServerConfig> server{chapter, "http.server.",
                                     [](Config& config) -> HttpServerConfig& { return config.http.server; }};
    using Server = HttpServerConfig;
    server.key("listen_address", &Server::listen_address,
               "Where the server listens: `HOST:PORT`, or `:PORT`; port 0 takes a free one.");
    server.key("public_url", &Server::public_url,
               "The URL by which users and jobs reach this server; jobs find it in `FLOTILLA_URL`.",
               {.must_be = empty_or_url()});
    server.key("base_path", &Server::base_path, "The path below which a proxy serves this server.",
               {.must_be = url_path()});
    server.key("allowed_hosts", &Server::allowed_hosts,
               "Names that a request's Host header may have besides this host's own; `*` allows any.",
               {.must_be = each_host()});
    server.key("threads", &Server::threads, "How many requests are worked on at once.",
               {.must_be = between(1, 4096)});
    server.key(
        "max_connections", &Server::max_connections,
        "How many connections may be open at once; beyond it idle ones make room, and where none is idle "
        "a new one is answered 503.",
        {.must_be = between(1, 1'000'000)});
    server.key("read_timeout_seconds", &Server::read_timeout,
               "How many seconds a request may take to arrive.", {.must_be = seconds_between(1, 86'400)});
    server.key("write_timeout_seconds", &Server::write_timeout,
               "How many seconds an answer may wait without progress.",
               {.must_be = seconds_between(1, 86'400)});
    server.key("cors_allowed_origins", &Server::cors_allowed_origins,
               "The origins whose pages may call this server from a browser; `*` allows any.",
               {.must_be = each_origin(),
                .default_note = "`http://localhost:3000`; none where `flotilla_mode` is `prod`"});
    return chapter;
}

Chapter authentication() {
    Chapter chapter{"Authentication", "", {}};
    Section<AuthConfig> auth{chapter, "auth.", [](Config& config) -> AuthConfig& { return config.auth; }};
    auth.key(
        "mode", &AuthConfig::mode,
        "Who may call the API: `token` asks for a token, as `flotilla token new NAME` makes them; `none` "
        "lets everybody in who reaches the server.",
        {.default_note = "`none` on loopback; must be said elsewhere"});
    return chapter;
}

Chapter hosts() {
    Chapter chapter{
        "Hosts", "A host is a `data_dir`: it holds an id. Several servers may share one database.", {}};
    Section<HostConfig> host{chapter, "host.", [](Config& config) -> HostConfig& { return config.host; }};
    host.key("address", &HostConfig::address, "How the other servers reach this one.",
             {.must_be = not_empty("an address such as host-1:3000"),
              .shown_default = "host-1:3000",
              .default_note = "where it listens; on every address, this host's name and the port"});
    host.key("lost_after", &HostConfig::lost_after,
             "How long a host may be silent before its runs count as lost.",
             {.must_be = at_least(std::chrono::seconds{1})});
    return chapter;
}

Chapter workers() {
    Chapter chapter{"Workers",
                    "Workers are woken by work; the intervals are only those of the sweeps that find what a "
                    "wake-up missed.",
                    {}};
    Section<WorkerConfig> worker{chapter, "worker.",
                                 [](Config& config) -> WorkerConfig& { return config.worker; }};
    constexpr std::chrono::milliseconds least{1};
    worker.key("retry_interval", &WorkerConfig::retry_interval,
               "How often the retry worker looks for runs whose back-off is over.",
               {.must_be = at_least(least)});
    worker.key("submit_interval", &WorkerConfig::submit_interval,
               "How often the submit worker looks for queued runs.", {.must_be = at_least(least)});
    worker.key("status_interval", &WorkerConfig::status_interval,
               "How often the status worker compares the runs with what the engine knows.",
               {.must_be = at_least(least)});
    worker.key("max_attempts", &WorkerConfig::max_attempts,
               "How often a run is tried that failed for a cause outside the job.",
               {.must_be = between(1, 1000)});
    return chapter;
}

Chapter queues() {
    Chapter chapter{"Queue", "All but `queue.max_pass_seconds` count with ECS only.", {}};
    Section<QueueConfig> queue{chapter, "queue.",
                               [](Config& config) -> QueueConfig& { return config.queue; }};
    queue.key("max_pass_seconds", &QueueConfig::max_pass,
              "How many seconds smaller runs may pass one that does not fit yet; then room is kept for it.",
              {.must_be = seconds_between(0, 604'800)});
    queue.key("namespace", &QueueConfig::name_space,
              "What the names of the SQS queues begin with: each cluster has `<queue.namespace>-<cluster>`.",
              {.must_be = queue_namespace()});
    queue.key("retention_seconds", &QueueConfig::retention,
              "How many seconds SQS keeps a message that nobody takes.",
              {.must_be = seconds_between(60, 1'209'600)});
    queue.key("process_time", &QueueConfig::process_time,
              "How many seconds a message may be worked on before SQS offers it again.",
              {.must_be = seconds_between(0, 43'200)});
    queue.key("status", &QueueConfig::status,
              "The SQS queue that the status changes of ECS tasks are sent to.", {.must_be = queue_name()});
    queue.key("status_rule", &QueueConfig::status_rule, "The EventBridge rule that sends them there.",
              {.must_be = rule_name()});
    return chapter;
}

Chapter runs() {
    Chapter chapter{"Runs", "", {}};
    Section<RunConfig> run{chapter, "run.", [](Config& config) -> RunConfig& { return config.run; }};
    run.key("stop_grace", &RunConfig::stop_grace,
            "How long a run may take to end after SIGTERM before it is killed.",
            {.must_be = at_least(std::chrono::milliseconds{0})});
    run.key("disk_limit", &RunConfig::disk_limit,
            "How much a `local` run may write to its container's own files, its log aside; it is looked at "
            "each second.",
            {.must_be = at_least_bytes(1LL << 20)});
    run.key(
        "log_limit", &RunConfig::log_limit,
        "How much of a run's log is kept: of a longer one its last half, 64MiB at most, and its beginning.",
        {.must_be = at_least_bytes(1LL << 10)});
    run.key("pids_limit", &RunConfig::pids_limit, "How many processes and threads a run may have at once.",
            {.must_be = between(1, 4'194'304)});
    return chapter;
}

Chapter images() {
    Chapter chapter{"Images", "", {}};
    Section<ImagesConfig> section{chapter, "images.",
                                  [](Config& config) -> ImagesConfig& { return config.images; }};
    section.key(
        "max_size", &ImagesConfig::max_size,
        "How much disk the images of this host may take; beyond it those that came from a registry "
        "and that no run needs are removed, the one that was not used for longest first. An image that "
        "unpacks to more is refused.",
        {.must_be = at_least_bytes(1LL << 20)});
    section.key(
        "insecure_registries", &ImagesConfig::insecure_registries,
        "Registries, `HOST[:PORT]`, that may be asked by HTTP or with a certificate that nobody vouches for.",
        {.must_be = each_registry()});
    section.key(
        "mirrors", &ImagesConfig::mirrors,
        "Registries to the URLs that are asked before them, such as `docker.io: http://127.0.0.1:5000`.",
        {.must_be = each_to_url()});
    Section<Config> top{chapter, "", [](Config& config) -> Config& { return config; }};
    top.key("docker_auth", &Config::docker_auth,
            "The file with the credentials of registries (`auths`, `credHelpers`), as `docker login` writes "
            "it; it need "
            "not exist.");
    return chapter;
}

Chapter networks() {
    Chapter chapter{"Network", "", {}};
    Section<NetworkConfig> network{chapter, "network.",
                                   [](Config& config) -> NetworkConfig& { return config.network; }};
    network.key(
        "subnet", &NetworkConfig::subnet,
        "The addresses of the private networks of `local` runs; none of this host's own may be in it.",
        {.must_be = subnet()});
    return chapter;
}

Chapter logs() {
    Chapter chapter{"Logs and history", "`log.namespace` and `log.driver.*` count with ECS only.", {}};
    Section<LogConfig> log{chapter, "log.", [](Config& config) -> LogConfig& { return config.log; }};
    log.key(
        "format", &LogConfig::format,
        "How the server writes its own log on standard error: `plain` lines, or `json`, an object a line.");
    log.key("level", &LogConfig::level,
            "The least level that is written: `debug`, `info`, `warning` or `error`.");
    log.key("namespace", &LogConfig::name_space, "The CloudWatch log group.",
            {.must_be = log_group(),
             .default_note = "what `log.driver.options` says as `awslogs-group`, else `flotilla-os-logs`"});
    log.key("retention_days", &LogConfig::retention_days,
            "How many days the log of a finished run is kept; 0: for ever.", {.must_be = between(0, 36'500)});
    Section<LogDriverConfig> driver{chapter, "log.driver.",
                                    [](Config& config) -> LogDriverConfig& { return config.log.driver; }};
    driver.key("name", &LogDriverConfig::name, "The log driver of ECS tasks.",
               {.must_be = not_empty("the name of a log driver")});
    driver.key(
        "options", &LogDriverConfig::options,
        "The options of that driver, as ECS takes them: "
        "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/using_awslogs.html. By environment each "
        "is a variable, too, such as `LOG_DRIVER_OPTIONS_AWSLOGS_STREAM_PREFIX`.",
        {.shown_default =
             "{awslogs-group: flotilla-os-logs, awslogs-stream-prefix: flotilla, awslogs-region: us-east-1}",
         .default_note = "of `awslogs` the region, the group of `log.namespace` and the prefix `flotilla`",
         .has_entry_variables = true});
    Section<HistoryConfig> history{chapter, "history.",
                                   [](Config& config) -> HistoryConfig& { return config.history; }};
    history.key("retention_days", &HistoryConfig::retention_days,
                "How many days a finished run is kept; then it is removed with its logs. 0: for ever.",
                {.must_be = between(0, 36'500)});
    return chapter;
}

constexpr std::string_view secrets_introduction =
    R"(What runs may ask for by `secrets`, a list of names. A secret is an environment variable of that name in their container, and stands nowhere else: see [security.md](security.md#secrets).

    secrets:
      DB_PASSWORD: {file: /etc/flotilla/db-password}
      API_KEY: {env: FLOTILLA_API_KEY}

The value is read anew for each container, so that a file that changes counts at once. One newline at the end of a file does not count. A value may not be empty, hold a NUL byte or be larger than 64 KiB. `env` names a variable of the server, which the programs that it starts (`skopeo`) find, too; a file that only root can read is the closer place.
By environment: `SECRETS='{"DB_PASSWORD": {"file": "/etc/flotilla/db-password"}}'`.)";

Chapter secrets() {
    Chapter chapter{"Secrets", std::string(secrets_introduction), {}};
    Section<Config> section{chapter, "", [](Config& config) -> Config& { return config; }};
    section.key("secrets", &Config::secrets,
                "Secrets by name, each `{env: NAME}`, `{file: PATH}` or, on ECS only, `{arn: ARN}`.",
                {.shown_default = "{}"});
    return chapter;
}

Chapter aws() {
    Chapter chapter{"AWS", "These count with ECS only.", {}};
    Section<Config> section{chapter, "", [](Config& config) -> Config& { return config; }};
    section.key("aws_default_region", &Config::aws_default_region, "The AWS region.",
                {.must_be = aws_region(),
                 .default_note = "that of `AWS_REGION`, else of the AWS profile, else `us-east-1`"});
    Section<EcsConfig> ecs{chapter, "ecs.", [](Config& config) -> EcsConfig& { return config.ecs; }};
    ecs.key("network_mode", &EcsConfig::network_mode, "The network mode of task definitions.",
            {.must_be = one_of({"host", "bridge", "awsvpc", "none"})});
    ecs.key("privileged", &EcsConfig::privileged, "Whether containers have all rights on their instance.");
    ecs.key("user", &EcsConfig::user, "The user that containers run as where the definition names none.");
    ecs.key("launch_type", &EcsConfig::launch_type, "Where ECS starts tasks.",
            {.must_be = one_of({"EC2", "FARGATE", "EXTERNAL"})});
    ecs.key("execution_role", &EcsConfig::execution_role,
            "The ARN of the role by which ECS pulls images, writes logs and reads secrets for tasks; Fargate "
            "needs "
            "one.");
    ecs.key("subnets", &EcsConfig::subnets, "The subnets of tasks, for the network mode awsvpc.");
    ecs.key("security_groups", &EcsConfig::security_groups,
            "The security groups of tasks, for the network mode awsvpc.");
    ecs.key("assign_public_ip", &EcsConfig::assign_public_ip,
            "Whether tasks get a public address, for the launch type FARGATE.",
            {.must_be = one_of({"DISABLED", "ENABLED"})});
    return chapter;
}

}  // namespace

const std::vector<Chapter>& chapters() {
    static const std::vector<Chapter> all{general(),  database(), engines(), http_server(), authentication(),
                                          hosts(),    workers(),  queues(),  runs(),        images(),
                                          networks(), logs(),     secrets(), aws()};
    return all;
}

}  // namespace flotilla::settings
