#include "app/ecs_hosts.hpp"

#include <algorithm>

#include "base/keep_at.hpp"
#include "base/log.hpp"
#include "base/wake.hpp"
#include "config/host_facts.hpp"

namespace flotilla {

namespace {

std::map<std::string, std::string> secret_arns(const Config& config) {
    std::map<std::string, std::string> arns;
    for (const auto& [name, secret] : config.secrets) {
        if (secret.kind == "arn") {
            arns.emplace(name, secret.location);
        }
    }
    return arns;
}

/// Empty: it is not said.
std::string log_option(const Config& config, std::string_view wanted) {
    for (const auto& [name, value] : config.log.driver.options) {
        if (name == wanted) {
            return value;
        }
    }
    return "";
}

LogLocation log_location(const Config& config) {
    return {config.log.name_space, log_option(config, "awslogs-stream-prefix")};
}

EcsSettings settings_of(const Config& config) {
    return {.network_mode = config.ecs.network_mode,
            .is_privileged = config.ecs.privileged,
            .user = config.ecs.user,
            .launch_type = config.ecs.launch_type,
            .subnets = config.ecs.subnets,
            .security_groups = config.ecs.security_groups,
            .assign_public_ip = config.ecs.assign_public_ip,
            .execution_role = config.ecs.execution_role,
            .log_driver = config.log.driver.name,
            .log_options = config.log.driver.options,
            .log_location = config.log.driver.name == "awslogs" ? log_location(config).text() : "",
            .stop_grace = std::chrono::ceil<std::chrono::seconds>(config.run.stop_grace),
            .secrets = secret_arns(config),
            .server_url = config.http.server.public_url};
}

SqsQueue::Options queue_options(const Config& config, std::string name) {
    return {.name = std::move(name),
            .retention = config.queue.retention,
            .process_time = config.queue.process_time};
}

/// The server listens soon, whether AWS can be reached or not: what is not done at once is done later.
const AwsClient::Limits first_limits{.patience = std::chrono::seconds{1}, .timeout = std::chrono::seconds{1}};

}  // namespace

EcsHosts::EcsHosts(HostParts& host, DefinitionStore& definitions, RunStore& runs, Wake& cluster_wake,
                   MetricRegistry& metrics)
    : host_(host),
      settings_(settings_of(host.config)),
      credentials_(
          http_, host.clock,
          {process_environment(), look_at_host(process_environment()).home, host.config.aws_default_region}),
      aws_({http_, credentials_, host.clock, random_, {}},
           {host.config.aws_default_region, process_environment()}),
      clusters_(aws_, host.clock, optional_),
      instances_(aws_, host.clock, optional_),
      // No cluster's queue is called that: theirs go on with a hyphen.
      parked_(aws_, queue_options(host.config, host.config.queue.name_space + "_parked"),
              [count = metrics.counter(
                   "flotilla_queue_messages_parked_total",
                   "Messages of SQS queues that nobody could do anything with.")]() mutable { count.add(); }),
      events_({.aws = aws_,
               .clock = host.clock,
               .optional = optional_,
               .parked = parked_,
               .has_run = [&runs](const RunId& run) { return runs.find(run).has_value(); },
               .on_unknown_cluster = [&cluster_wake] { cluster_wake.notify(); }},
              queue_options(host.config, host.config.queue.status), host.config.queue.status_rule),
      preparation_(aws_, clusters_, settings_),
      renewal_(definitions, runs, preparation_, host.clock),
      secrets_(settings_.secrets),
      ecr_(aws_, http_, host.clock, optional_),
      ecr_check_(ecr_, host.clock),
      images_(ecr_check_, host.registry_check, host.clock),
      log_group_(aws_, optional_,
                 {.name = host.config.log.name_space,
                  .retention_days = host.config.log.retention_days,
                  .is_made_by_tasks = log_option(host.config, "awslogs-create-group") == "true"}),
      logs_(aws_, host.clock, host.logs,
            {.location = log_location(host.config), .folder = host.config.data_dir}) {}

void EcsHosts::prepare() {
    if (host_.config.log.driver.name != "awslogs") {
        return;
    }
    bool is_there = true;
    try {
        if (const auto trouble = clusters_.trouble()) {
            throw unavailable("{}", *trouble);  // AWS was asked a moment ago
        }
        log_group_.ensure(first_limits);
    } catch (const Error& error) {
        log_warning("the log group {} cannot be made now: {}", host_.config.log.name_space, error.what());
        is_there = false;
    }
    log_group_thread_ =
        std::jthread([this, is_there](const std::stop_token& stop) { keep_log_group(is_there, stop); });
}

std::optional<std::vector<std::string>> EcsHosts::first_clusters() {
    return clusters_.names(first_limits);
}

std::unique_ptr<Engine> EcsHosts::make_engine(const ClusterConfig& cluster) {
    return std::make_unique<EcsEngine>(
        cluster.name, settings_,
        EcsParts{.aws = aws_,
                 .clock = host_.clock,
                 .clusters = clusters_,
                 .instances = instances_,
                 .events = events_,
                 .optional = optional_,
                 .renew_definition = [this](const RunId& run,
                                            const std::string& arn) { return renewal_.renew(run, arn); },
                 .log_trouble = [this] { return log_group_.trouble(); },
                 .log_losses = [this] { return log_losses(); }});
}

std::vector<std::string> EcsHosts::log_losses() {
    std::vector<std::string> losses;
    for (auto& loss : {log_group_.gap(), logs_.denial()}) {
        if (loss) {
            losses.push_back(*loss);
        }
    }
    return losses;
}

std::unique_ptr<SqsRunQueue> EcsHosts::make_queue(SqlDatabase& database, Clock& clock,
                                                  RunMetrics& run_metrics) {
    const QueueConfig& queue = host_.config.queue;
    return std::make_unique<SqsRunQueue>(
        SqsRunQueue::Parts{database, clock, aws_, optional_, parked_, &run_metrics}, queue.max_pass,
        no_servers_host,
        SqsQueueOptions{.name_space = queue.name_space,
                        .retention = queue.retention,
                        .process_time = queue.process_time});
}

/// Without it ECS starts no container.
void EcsHosts::keep_log_group(bool is_there, const std::stop_token& stop) {
    constexpr std::chrono::minutes between_looks{5};
    Wake nobody;
    keep_at(
        stop,
        [&] {
            if (!is_there) {
                log_group_.ensure(AwsClient::Limits{});
                is_there = true;
            }
            nobody.wait(stop, between_looks);
            if (!stop.stop_requested()) {
                log_group_.look_again();
            }
        },
        [&](const std::exception& error) {
            is_there = false;
            if (!aws_.is_cancelled()) {
                log_warning("the log group {} cannot be made: {}", host_.config.log.name_space, error.what());
            }
        });
}

}  // namespace flotilla
