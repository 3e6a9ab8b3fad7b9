#include "app/application.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/error.hpp"
#include "base/log.hpp"
#include "store/migrations.hpp"

namespace flotilla {

namespace {

/// The database with its schema up to date.
std::filesystem::path prepared_database(const Config& config) {
    const auto file = *sqlite_file(config);
    SqliteDatabase database(file);
    if (config.create_database_schema) {
        migrate(database);
    } else if (const auto missing = missing_migrations(database); !missing.empty()) {
        throw invalid("the database {} lacks the migrations {}; set create_database_schema: true to run them",
                      file.string(), fmt::join(missing, ", "));
    }
    return file;
}

Cluster cluster_of(const ClusterConfig& config) {
    return {.name = config.name,
            .engine = config.engine,
            .memory = config.memory,
            .cpu = config.cpu,
            .max_running = config.max_running,
            .shares_ports = config.network == ClusterNetwork::host_network};
}

std::vector<std::unique_ptr<ClusterRuntime>> make_runtimes(const Config& config, LocalHostParts& host) {
    std::vector<std::unique_ptr<ClusterRuntime>> runtimes;
    for (const ClusterConfig& cluster : config.clusters) {
        runtimes.push_back(std::make_unique<ClusterRuntime>(
            cluster_of(cluster), host.make_engine(config, cluster), host.image_check(), host.logs()));
    }
    return runtimes;
}

std::vector<ServedCluster> served_clusters(const std::vector<std::unique_ptr<ClusterRuntime>>& runtimes) {
    std::vector<ServedCluster> served;
    for (const auto& runtime : runtimes) {
        served.push_back(runtime->served());
    }
    return served;
}

RunServiceOptions run_service_options(const Config& config, const RetryRules& retry) {
    return {.default_cluster = config.default_cluster,
            .server_mode = config.flotilla_mode,
            .owner_variable = config.owner_id_var,
            .retry = retry};
}

HttpServerOptions server_options(const Config& config) {
    const HttpServerConfig& http = config.http.server;
    HttpServerOptions options;
    options.host = http.listen_address.host;
    options.port = http.listen_address.port;
    options.threads = static_cast<std::size_t>(http.threads);
    options.max_connections = static_cast<std::size_t>(http.max_connections);
    options.read_timeout = http.read_timeout;
    options.write_timeout = http.write_timeout;
    return options;
}

}  // namespace

Application::Application(const Config& config)
    : data_folder_(config.data_dir),
      retry_{.max_attempts = static_cast<int>(config.worker.max_attempts)},
      database_(prepared_database(config)),
      definitions_(database_),
      runs_(database_),
      queue_(database_, clock_, config.queue.max_pass),
      local_host_(config, clock_),
      runtimes_(make_runtimes(config, local_host_)),
      clusters_(served_clusters(runtimes_)),
      definition_service_(definitions_, ids_),
      run_service_(runs_, definition_service_, clusters_, clock_, ids_, random_,
                   run_service_options(config, retry_)),
      log_service_(run_service_, clusters_),
      api_(definition_service_, run_service_, log_service_, {config.http.server.cors_allowed_origins}),
      retry_worker_(clusters_, runs_, clock_, config.worker.retry_interval),
      server_(server_options(config),
              [this](IncomingRequest request) { return api_.answer(std::move(request)); }) {
    ListenAddress address = config.http.server.listen_address;
    address.port = server_.port();
    address_ = address.text();
    const SharedParts shared{queue_, runs_, clock_, random_, retry_, retry_wake_};
    for (const auto& runtime : runtimes_) {
        runtime->start(config, shared);
    }
    const auto& enabled = config.enabled_workers;
    if (std::find(enabled.begin(), enabled.end(), "retry") != enabled.end()) {
        retry_thread_.emplace("retry", retry_worker_, retry_wake_);
    }
}

Application::~Application() {
    local_host_.cancel_image_checks();
}

}  // namespace flotilla
