#pragma once

#include <chrono>
#include <compare>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/log.hpp"

namespace flotilla {

/// A size in bytes, written such as `50GiB`.
struct ByteSize {
    std::int64_t bytes = 0;
    auto operator<=>(const ByteSize&) const = default;
};

/// Where the HTTP server listens.
struct ListenAddress {
    std::string host;        ///< a name or an IP literal without brackets; empty: every address of this host
    std::uint16_t port = 0;  ///< 0: any free port
    /// `HOST:PORT`, an IPv6 literal in brackets.
    [[nodiscard]] std::string text() const;
    bool operator==(const ListenAddress&) const = default;
};

/// True for `localhost`, 127.0.0.0/8 and ::1.
[[nodiscard]] bool is_loopback(const ListenAddress& address);

enum class AuthMode { none, token };
enum class QueueManager { store, sqs };
enum class ClusterNetwork { of_engine, private_network, host_network, no_network };

/// Names and texts in the order in which they were written.
using TextPairs = std::vector<std::pair<std::string, std::string>>;

/// A folder of the host that every run of a cluster sees.
struct MountConfig {
    std::filesystem::path host;
    std::filesystem::path path;  ///< where it stands in the container
    bool read_only = true;
    bool operator==(const MountConfig&) const = default;
};

struct ClusterConfig {
    /// `memory` before `load_config` has put this host's there.
    static constexpr std::int64_t memory_of_host = -1;
    static constexpr std::int64_t not_bounded = 1LL << 40;  ///< `memory` and `gpu` where AWS knows better

    std::string name = {};
    std::string engine = {};               ///< `local`, ...; not said: the execution engine
    std::int64_t memory = memory_of_host;  ///< MiB; 0: a cluster without hosts
    std::optional<std::int64_t> cpu = {};  ///< 1/1000 of a core; none: not bounded
    /// `gpu` before `load_config` has put what this host has there.
    static constexpr std::int64_t gpus_of_engine = -1;
    std::int64_t gpu = gpus_of_engine;  ///< how many GPUs its host has for it
    std::optional<std::int64_t> max_running = {};
    ClusterNetwork network = ClusterNetwork::of_engine;  ///< `load_config` puts the engine's own there
    std::vector<MountConfig> mounts = {};
    TextPairs settings = {};  ///< what only its engine understands
    bool operator==(const ClusterConfig&) const = default;
};

/// A cluster of the AWS account that the configuration says nothing of.
[[nodiscard]] ClusterConfig account_cluster(std::string name);

/// Where the value of a secret comes from.
struct SecretConfig {
    std::string kind;      ///< `env`, `file` or `arn`
    std::string location;  ///< the variable's name, the path, the ARN
    bool operator==(const SecretConfig&) const = default;
};
using SecretConfigs = std::vector<std::pair<std::string, SecretConfig>>;

struct HttpServerConfig {
    ListenAddress listen_address{"127.0.0.1", 3000};
    std::string public_url;  ///< without a trailing slash; empty: none
    std::string base_path = "/";
    std::vector<std::string> allowed_hosts;
    std::int64_t threads = 64;
    std::int64_t max_connections = 10'000;
    std::chrono::seconds read_timeout{5};
    std::chrono::seconds write_timeout{10};  ///< without progress
    std::vector<std::string> cors_allowed_origins{"http://localhost:3000"};
    bool operator==(const HttpServerConfig&) const = default;
};

struct HttpConfig {
    HttpServerConfig server;
    bool operator==(const HttpConfig&) const = default;
};

struct AuthConfig {
    AuthMode mode = AuthMode::none;
    bool operator==(const AuthConfig&) const = default;
};

struct HostConfig {
    std::string address;  ///< how other servers reach this host; not said: its name and port
    std::chrono::milliseconds lost_after = std::chrono::minutes{10};
    bool operator==(const HostConfig&) const = default;
};

struct WorkerConfig {
    std::chrono::milliseconds retry_interval = std::chrono::seconds{30};
    std::chrono::milliseconds submit_interval = std::chrono::seconds{5};
    std::chrono::milliseconds status_interval = std::chrono::seconds{30};
    std::int64_t max_attempts = 5;
    bool operator==(const WorkerConfig&) const = default;
};

struct QueueConfig {
    std::chrono::seconds max_pass{600};
    std::string name_space = "dev-flotilla";
    std::chrono::seconds retention{604'800};
    std::chrono::seconds process_time{45};
    std::string status = "flotilla-status-updates-dev";
    std::string status_rule = "flotilla-task-status";
    bool operator==(const QueueConfig&) const = default;
};

struct RunConfig {
    std::chrono::milliseconds stop_grace = std::chrono::seconds{30};
    ByteSize disk_limit{20LL << 30};
    ByteSize log_limit{10LL << 30};
    std::int64_t pids_limit = 4096;
    bool operator==(const RunConfig&) const = default;
};

struct ImagesConfig {
    ByteSize max_size{50LL << 30};
    std::vector<std::string>
        insecure_registries;  ///< `HOST[:PORT]`, spoken to by HTTP or with any certificate
    TextPairs mirrors;        ///< registry to the URL asked in its place
    bool operator==(const ImagesConfig&) const = default;
};

struct NetworkConfig {
    std::string subnet = "10.87.0.0/16";
    bool operator==(const NetworkConfig&) const = default;
};

struct LogDriverConfig {
    std::string name = "awslogs";
    TextPairs options;
    bool operator==(const LogDriverConfig&) const = default;
};

struct LogConfig {
    std::string name_space = "flotilla-os-logs";
    std::int64_t retention_days = 90;
    LogDriverConfig driver;
    LogFormat format = LogFormat::plain;
    LogLevel level = LogLevel::info;
    bool operator==(const LogConfig&) const = default;
};

struct HistoryConfig {
    std::int64_t retention_days = 0;  ///< 0: for ever
    bool operator==(const HistoryConfig&) const = default;
};

struct EcsConfig {
    std::string network_mode = "host";
    bool privileged = false;
    std::string user = "root";
    std::string launch_type = "EC2";
    std::string execution_role;  ///< an ARN; empty: none
    std::vector<std::string> subnets;
    std::vector<std::string> security_groups;
    std::string assign_public_ip = "DISABLED";
    bool operator==(const EcsConfig&) const = default;
};

/// All that can be configured, with its defaults; keys.cpp says what each member means and what it may be.
/// What `load_config` returns is settled: `auto`, `~` and whatever "not said" stands for are replaced by the
/// value that counts on this host.
struct Config {
    std::string flotilla_mode = "dev";
    std::string owner_id_var = "FLOTILLA_RUN_OWNER_ID";
    std::vector<std::string> enabled_workers{"retry", "submit", "status"};
    std::filesystem::path data_dir;
    std::string database_url = "sqlite:flotilla.db";
    bool create_database_schema = true;
    std::string execution_engine = "local";
    QueueManager queue_manager = QueueManager::store;
    std::string state_manager;
    std::string cluster_client;
    std::string logs_client;
    std::string default_cluster = "default";
    std::vector<ClusterConfig> clusters{ClusterConfig{.name = "default"}};
    HttpConfig http;
    AuthConfig auth;
    HostConfig host;
    WorkerConfig worker;
    QueueConfig queue;
    RunConfig run;
    ImagesConfig images;
    std::filesystem::path docker_auth = "~/.docker/config.json";
    NetworkConfig network;
    LogConfig log;
    HistoryConfig history;
    SecretConfigs secrets;
    std::string aws_default_region = "us-east-1";
    EcsConfig ecs;
    bool operator==(const Config&) const = default;
};

/// The SQLite database that `database_url` names, relative paths taken from `data_dir`; nothing if it names
/// another kind of database.
[[nodiscard]] std::optional<std::filesystem::path> sqlite_file(const Config& config);

/// Whether `retry`, `submit` or `status` runs in this process.
[[nodiscard]] bool is_worker_enabled(const Config& config, std::string_view worker);

}  // namespace flotilla
