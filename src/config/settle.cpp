#include "config/settle.hpp"

#include <algorithm>
#include <set>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "config/checks.hpp"
#include "config/declaration.hpp"
#include "config/nearest.hpp"

namespace flotilla::settings {

namespace {

std::string engine_of_host(const HostFacts& host) {
    if (host.has_docker) {
        return "docker";
    }
    return host.has_aws ? "ecs" : "local";
}

std::string logs_of_engine(const std::string& engine) {
    if (engine == "local") {
        return "file";
    }
    return engine == "ecs" ? "cloudwatch" : engine;
}

std::filesystem::path without_tilde(const std::filesystem::path& path, const std::filesystem::path& home) {
    const std::string text = path.string();
    if (text == "~") {
        return home;
    }
    return text.starts_with("~/") ? home / text.substr(2) : path;
}

std::string setting_of(const ClusterConfig& cluster, std::string_view name) {
    const auto found =
        std::ranges::find_if(cluster.settings, [&](const auto& setting) { return setting.first == name; });
    return found == cluster.settings.end() ? "" : found->second;
}

/// Settles one configuration, one subject a function.
class Settling {
public:
    Settling(LoadedConfig& loaded, const SaidKeys& said, const HostFacts& host)
        : loaded_(loaded), config_(loaded.config), said_(said), host_(host) {}

    void pick_engines() {
        if (config_.execution_engine == "auto") {
            config_.execution_engine = engine_of_host(host_);
            was_automatic_ = true;
        }
        for (ClusterConfig& cluster : config_.clusters) {
            if (cluster.engine == "auto") {
                cluster.engine = engine_of_host(host_);
            }
        }
    }

    /// Before what was not said is filled in: only what somebody wrote can ask for anything.
    void record_wishes() {
        for (const Chapter& chapter : chapters()) {
            for (const Key& key : chapter.keys) {
                if (!said_.has(key.name)) {
                    continue;
                }
                for (const Wish& wish : key.wishes(config_)) {
                    const bool picked = was_automatic_ && key.name == "execution_engine";
                    loaded_.not_built.push_back(
                        line(key.name + wish.below,
                             (picked ? "auto picks another here: " : "") + wish.message, key.name));
                }
            }
        }
    }

    void settle_engine_parts() {
        const std::string& engine = config_.execution_engine;
        const bool engine_is_known = !said_.mistaken.contains("execution_engine");
        if (!said_.has("queue_manager")) {
            config_.queue_manager = engine == "ecs" ? QueueManager::sqs : QueueManager::store;
        } else if (engine_is_known && engine != "ecs" && config_.queue_manager == QueueManager::sqs) {
            error("queue_manager",
                  "sqs works with execution_engine ecs only, and that is " + engine + "; say store");
        }
        agree("cluster_client", config_.cluster_client, engine, "execution_engine", engine);
        agree("logs_client", config_.logs_client, logs_of_engine(engine), "execution_engine", engine);
        const bool is_sqlite = config_.database_url.starts_with("sqlite:");
        agree("state_manager", config_.state_manager, is_sqlite ? "sqlite" : "postgres", "database_url",
              is_sqlite ? "sqlite:..." : "postgresql://...");
    }

    void settle_clusters(bool ignore_unknown) {
        for (ClusterConfig& cluster : config_.clusters) {
            if (cluster.engine.empty()) {
                cluster.engine = config_.execution_engine;
            }
            if (cluster.memory == ClusterConfig::memory_of_host) {
                cluster.memory =
                    cluster.engine == "ecs" ? ClusterConfig::not_bounded : memory_for_runs(host_.memory);
            }
            settle_gpus(cluster);
            if (cluster.engine == "local") {
                settle_network(cluster, ClusterNetwork::private_network);
                refuse_settings(cluster, {}, ignore_unknown);
            } else if (cluster.engine == "docker") {
                settle_network(cluster, ClusterNetwork::private_network);
                refuse_settings(cluster, {"host", "certificates"}, ignore_unknown);
                settle_daemon(cluster);
            } else if (cluster.engine == "ecs") {
                settle_ecs_cluster(cluster, ignore_unknown);
            }
        }
        if (config_.execution_engine == "ecs" && !said_.has("clusters")) {
            config_.clusters.clear();  // the account's are
        }
        check_default_cluster();
    }

    void settle_listening() {
        ListenAddress& address = config_.http.server.listen_address;
        if (is_loopback(address)) {
            return;
        }
        if (said_.where.contains("auth.mode")) {
            warn_of_open_door(address);
            return;
        }
        constexpr auto key = "http.server.listen_address";
        if (address.host.empty()) {
            address.host = "127.0.0.1";
            loaded_.warnings.push_back(
                line(key, fmt::format("listens on {} only, as auth.mode is not said", address.text()), key));
            return;
        }
        error(key, fmt::format(
                       "{} lets other machines in: say auth.mode, token or none, or listen on 127.0.0.1:{}",
                       address.text(), address.port));
    }

    void warn_of_open_door(const ListenAddress& address) {
        constexpr auto key = "auth.mode";
        if (config_.auth.mode == AuthMode::none) {
            loaded_.warnings.push_back(line(
                key,
                fmt::format("none: whoever can reach {} may run anything; token asks for an access token",
                            address.text()),
                key));
        }
    }

    /// As the original, which answered no other origin in production.
    void settle_origins() {
        if (config_.flotilla_mode == "prod" && !said_.where.contains("http.server.cors_allowed_origins")) {
            config_.http.server.cors_allowed_origins.clear();
        }
    }

    void settle_paths() {
        if (config_.data_dir.empty()) {
            config_.data_dir = host_.is_root ? "/var/lib/flotilla" : "~/.local/share/flotilla";
        }
        for (std::filesystem::path* path : {&config_.data_dir, &config_.docker_auth}) {
            *path = std::filesystem::absolute(without_tilde(*path, host_.home)).lexically_normal();
        }
    }

    void settle_addresses() {
        std::string& url = config_.http.server.public_url;
        url.erase(url.find_last_not_of('/') + 1);
    }

    void settle_region() {
        if (said_.where.contains("aws_default_region") || host_.aws_region.empty() || !has_ecs()) {
            return;
        }
        config_.aws_default_region = host_.aws_region;
        const auto check = aws_region();
        if (!check.holds(host_.aws_region)) {
            error("aws_default_region", fmt::format("\"{}\", of AWS_REGION or of the AWS profile, is not {}",
                                                    host_.aws_region, check.expected));
        }
    }

    /// See https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_LogConfiguration.html
    void check_log_driver() {
        static const std::vector<std::string> of_fargate{"awslogs", "splunk", "awsfirelens"};
        static const std::vector<std::string> of_instances{"awslogs",   "splunk",     "awsfirelens",
                                                           "fluentd",   "gelf",       "journald",
                                                           "json-file", "logentries", "syslog"};
        const bool is_fargate = config_.ecs.launch_type == "FARGATE";
        const auto& known = is_fargate ? of_fargate : of_instances;
        const std::string& name = config_.log.driver.name;
        if (std::ranges::find(known, name) == known.end()) {
            error("log.driver.name", fmt::format("ECS has no log driver {}{}; its drivers are {}{}", name,
                                                 is_fargate ? " on Fargate" : "", fmt::join(known, ", "),
                                                 nearest_hint(name, known)));
        }
    }

    /// The group that tasks write to is the one that is made and read.
    void settle_log_driver() {
        LogConfig& log = config_.log;
        if (!has_ecs()) {
            return;
        }
        if (!said_.mistaken.contains("log.driver.name")) {
            check_log_driver();
        }
        if (log.driver.name != "awslogs") {
            return;
        }
        const std::string prefix = option_of_driver("awslogs-stream-prefix", "flotilla");
        if (const auto check = stream_prefix(); !check.holds(prefix)) {
            error("log.driver.options",
                  fmt::format("awslogs-stream-prefix \"{}\" is not {}", prefix, check.expected));
        }
        const std::string region = option_of_driver("awslogs-region", config_.aws_default_region);
        if (region != config_.aws_default_region) {
            error("log.driver.options",
                  fmt::format("awslogs-region {} does not agree with aws_default_region {}, where logs are "
                              "read; leave awslogs-region out",
                              region, config_.aws_default_region));
        }
        const std::string group = option_of_driver("awslogs-group", log.name_space);
        if (said_.has("log.namespace") && group != log.name_space) {
            error("log.namespace",
                  fmt::format("{} does not agree with awslogs-group {} of log.driver.options; say "
                              "one of them alone",
                              log.name_space, group));
        }
        log.name_space = group;
    }

    void settle_ecs() {
        const EcsConfig& ecs = config_.ecs;
        if (!has_ecs()) {
            return;
        }
        if (ecs.launch_type == "FARGATE" && ecs.network_mode != "awsvpc") {
            error("ecs.launch_type", "FARGATE works with ecs.network_mode awsvpc only");
        }
        if (ecs.launch_type == "FARGATE" && ecs.execution_role.empty()) {
            error("ecs.launch_type", "FARGATE needs ecs.execution_role, the ARN of a role for ECS itself");
        }
        if (ecs.launch_type == "FARGATE" && ecs.privileged) {
            error("ecs.privileged", "Fargate has no privileged containers");
        }
        if (ecs.network_mode == "awsvpc" && ecs.subnets.empty()) {
            error("ecs.network_mode", "awsvpc needs ecs.subnets");
        }
        if (ecs.assign_public_ip == "ENABLED" && ecs.launch_type != "FARGATE") {
            error("ecs.assign_public_ip", "ENABLED works with ecs.launch_type FARGATE only");
        }
    }

    /// What is for one use must not be received by another.
    void settle_queues() {
        const QueueConfig& queue = config_.queue;
        if (!has_ecs() || said_.mistaken.contains("queue.status") ||
            said_.mistaken.contains("queue.namespace")) {
            return;
        }
        if (queue.status == queue.name_space + "_parked") {
            same_queue("that of messages that nobody can read");
        }
        if (config_.queue_manager != QueueManager::sqs) {
            return;
        }
        std::set<std::string> names;
        for (const ClusterConfig& cluster : config_.clusters) {
            if (cluster.engine == "ecs") {
                names.insert(cluster.name);
            }
        }
        if (config_.execution_engine == "ecs") {
            names.insert(config_.default_cluster);
        }
        for (const std::string& name : names) {
            if (queue.status == queue.name_space + "-" + name) {
                same_queue("that of the runs of cluster " + name);
            }
        }
    }

    void settle_secrets() {
        for (auto& [name, secret] : config_.secrets) {
            if (secret.kind == "file") {
                secret.location = without_tilde(secret.location, host_.home).string();
            }
            if (name == config_.owner_id_var) {
                error("secrets",
                      fmt::format("{} is the variable of owner_id_var; give the secret another name", name));
            }
            if (secret.kind == "arn" && !has_ecs()) {
                error("secrets", fmt::format("{} is an arn, which works with the engine ecs only", name));
            }
        }
    }

private:
    [[nodiscard]] bool has_ecs() const {
        return config_.execution_engine == "ecs" ||
               std::ranges::any_of(config_.clusters,
                                   [](const ClusterConfig& cluster) { return cluster.engine == "ecs"; });
    }

    void same_queue(const std::string& use) {
        error("queue.status",
              fmt::format("{} would be {}, too, by queue.namespace {}; say another name for one of them",
                          config_.queue.status, use, config_.queue.name_space));
    }

    /// What the option of the log driver is; `value`, where it is not said.
    std::string option_of_driver(const std::string& name, const std::string& value) {
        auto& options = config_.log.driver.options;
        const auto found =
            std::ranges::find_if(options, [&](const auto& option) { return option.first == name; });
        if (found != options.end()) {
            return found->second;
        }
        options.emplace_back(name, value);
        return value;
    }

    /// One line about a key, with the place where `said_key` was said.
    std::string line(const std::string& name, const std::string& message, const std::string& said_key) const {
        const auto where = said_.where.find(said_key);
        return fmt::format("{}: {}{}", name, message,
                           where == said_.where.end() ? "" : fmt::format(" ({})", where->second));
    }

    void error(const std::string& key, const std::string& message) {
        loaded_.errors.push_back(line(key, message, key));
    }

    /// What was not said of `key` is what `other` means; what was said has to be that.
    void agree(const std::string& key, std::string& value, const std::string& meant, const std::string& other,
               const std::string& other_value) {
        if (!said_.has(key)) {
            value = meant;
        } else if (value != meant && !said_.mistaken.contains(other)) {
            error(key, fmt::format("{} does not agree with {} {}; say {}, or leave it out", value, other,
                                   other_value, meant));
        }
    }

    /// Besides those of every engine a cluster may have those in `own`.
    void refuse_settings(const ClusterConfig& cluster, const std::vector<std::string>& own,
                         bool ignore_unknown) {
        std::vector<std::string> known{"engine", "memory", "cpu", "gpu", "max_running", "network", "mounts"};
        known.insert(known.end(), own.begin(), own.end());
        for (const auto& [setting, text] : cluster.settings) {
            if (std::ranges::find(own, setting) != own.end()) {
                continue;
            }
            auto& lines = ignore_unknown ? loaded_.warnings : loaded_.errors;
            lines.push_back(line(fmt::format("clusters.{}.{}", cluster.name, setting),
                                 "no such setting" + nearest_hint(setting, known), "clusters"));
        }
    }

    static void settle_network(ClusterConfig& cluster, ClusterNetwork engines_own) {
        if (cluster.network == ClusterNetwork::of_engine) {
            cluster.network = engines_own;
        }
    }

    /// A local cluster has those of this host, another only what is said.
    void settle_gpus(ClusterConfig& cluster) {
        if (cluster.gpu == ClusterConfig::gpus_of_engine) {
            cluster.gpu = cluster.engine == "ecs"     ? ClusterConfig::not_bounded
                          : cluster.engine == "local" ? host_.gpus
                                                      : 0;
        } else if (cluster.engine == "local" && cluster.gpu > host_.gpus) {
            error("clusters", fmt::format("{}.gpu: {}, but this host has {} (/dev/nvidia0, ...)",
                                          cluster.name, cluster.gpu, host_.gpus));
        }
    }

    /// What its tasks reach is said for all of them, by `ecs.network_mode`.
    void settle_ecs_cluster(const ClusterConfig& cluster, bool ignore_unknown) {
        if (cluster.network != ClusterNetwork::of_engine) {
            error("clusters", cluster.name + ".network: with ecs say ecs.network_mode instead");
        }
        if (!cluster.mounts.empty()) {
            error("clusters", cluster.name + ".mounts: ecs has none");
        }
        refuse_settings(cluster, {}, ignore_unknown);
    }

    /// Where the daemon of a docker cluster is.
    void settle_daemon(ClusterConfig& cluster) {
        const std::string host = setting_of(cluster, "host");
        std::string certificates = setting_of(cluster, "certificates");
        if (host.empty() && certificates.empty()) {
            certificates = host_.docker_certificates;
        }
        cluster.settings = {{"host", host.empty() ? host_.docker_host : host},
                            {"certificates", without_tilde(certificates, host_.home).string()}};
        const std::string& settled = cluster.settings.front().second;
        if (!settled.starts_with("unix:///") && !(settled.starts_with("tcp://") && settled.size() > 6)) {
            error("clusters", fmt::format("{}.host \"{}\" is not the address of a Docker daemon, such as "
                                          "unix:///var/run/docker.sock or tcp://host:2376",
                                          cluster.name, settled));
        }
    }

    void check_default_cluster() {
        const auto& clusters = config_.clusters;
        if (config_.execution_engine == "ecs" || said_.mistaken.contains("clusters")) {
            return;  // the account has more of them
        }
        if (clusters.empty()) {
            error("clusters", "there has to be one; leave it out for one named default");
            return;
        }
        if (std::ranges::find(clusters, config_.default_cluster, &ClusterConfig::name) != clusters.end()) {
            return;
        }
        std::vector<std::string> names;
        std::ranges::transform(clusters, std::back_inserter(names), &ClusterConfig::name);
        const auto message =
            fmt::format("there is no cluster {}, only {}", config_.default_cluster, fmt::join(names, ", "));
        if (config_.default_cluster != Config{}.default_cluster) {  // somebody chose it
            error("default_cluster", message);
        } else {
            loaded_.warnings.push_back(
                line("default_cluster", message + "; runs have to name theirs", "clusters"));
        }
    }

    LoadedConfig& loaded_;
    Config& config_;
    const SaidKeys& said_;
    const HostFacts& host_;
    bool was_automatic_ = false;
};

}  // namespace

void settle(LoadedConfig& loaded, const SaidKeys& said, const HostFacts& host, bool ignore_unknown) {
    Settling settling{loaded, said, host};
    settling.pick_engines();
    settling.record_wishes();
    settling.settle_engine_parts();
    settling.settle_clusters(ignore_unknown);
    settling.settle_listening();
    settling.settle_origins();
    settling.settle_paths();
    settling.settle_addresses();
    settling.settle_region();
    settling.settle_log_driver();
    settling.settle_ecs();
    settling.settle_queues();
    settling.settle_secrets();
}

}  // namespace flotilla::settings
