#include "app/application.hpp"

#include <algorithm>
#include <chrono>
#include <iterator>
#include <set>
#include <thread>

#include "api/authority.hpp"
#include "api/request_weight.hpp"
#include "app/carried_page.hpp"
#include "app/database.hpp"
#include "app/first_clusters.hpp"
#include "base/crypto.hpp"
#include "base/error.hpp"
#include "base/hex.hpp"
#include "base/keep_at.hpp"
#include "base/log.hpp"
#include "config/host_facts.hpp"
#include "store/work_topic.hpp"

namespace flotilla {

namespace {

constexpr std::size_t run_token_key_bytes = 32;
/// Servers and their database are often started together.
constexpr std::chrono::seconds patience_with_database{30};
/// For how long the clusters of an account are taken to be those that they were.
constexpr std::chrono::minutes account_remembered{15};
/// An account is not asked for its clusters more often, whoever names one that is not known.
constexpr std::chrono::seconds between_looks_at_account{2};

std::vector<std::unique_ptr<ClusterRuntime>> make_runtimes(const std::vector<ClusterInUse>& in_use,
                                                           Engines& engines, LogReader& logs,
                                                           MetricRegistry& registry) {
    std::vector<std::unique_ptr<ClusterRuntime>> runtimes;
    for (const ClusterConfig& cluster : first_clusters(engines, in_use)) {
        runtimes.push_back(make_runtime(cluster, engines, logs, registry));
    }
    return runtimes;
}

std::vector<ServedCluster> served_clusters(const std::vector<std::unique_ptr<ClusterRuntime>>& runtimes) {
    std::vector<ServedCluster> served;
    served.reserve(runtimes.size());
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

std::optional<RunTokens> make_run_tokens(const Config& config, TokenStore& tokens) {
    if (config.auth.mode != AuthMode::token) {
        return std::nullopt;
    }
    return RunTokens(tokens.run_token_key(hex_text(unguessable_bytes(run_token_key_bytes))));
}

std::unique_ptr<Authenticator> make_authenticator(const std::optional<RunTokens>& run_tokens,
                                                  TokenStore& tokens, Clock& clock) {
    return run_tokens ? std::make_unique<Authenticator>(tokens, clock, *run_tokens) : nullptr;
}

/// That of a database that several servers share; null: it is this server's alone.
std::unique_ptr<DatabaseClock> clock_of(SqlDatabase& database, Clock& host) {
    return database.dialect().kind() == SqlKind::postgres ? std::make_unique<DatabaseClock>(database, host)
                                                          : nullptr;
}

/// How servers on other hosts, or on this one alone, reach a server that listens there.
std::string host_address(ListenAddress address) {
    if (address.host.empty() || address.host == "0.0.0.0" || address.host == "::") {
        address.host = host_name();
    }
    return address.text();
}

/// The host of `HOST:PORT` or of a URL; nothing if there is none.
std::optional<std::string> host_in(const std::string& address) {
    if (const auto origin = parse_origin(address)) {
        return origin->authority.host;
    }
    const auto authority = parse_authority(address);
    return authority ? std::optional(authority->host) : std::nullopt;
}

/// Where a proxy serves this server, with no slash at its end; empty: at `/`.
std::string base_path(const Config& config) {
    std::string path = config.http.server.base_path;
    if (path.ends_with('/')) {
        path.pop_back();
    }
    return path;
}

ApiOptions api_options(const Config& config, Authenticator* authenticator,
                       const std::optional<WebPage>& page) {
    const HttpServerConfig& http = config.http.server;
    ApiOptions options{.cors_allowed_origins = http.cors_allowed_origins,
                       .host_names = http.allowed_hosts,
                       .public_url = http.public_url,
                       .base_path = base_path(config),
                       .authenticator = authenticator,
                       .page = page ? &*page : nullptr};
    options.host_names.push_back(host_name());
    options.host_names.push_back(http.listen_address.host);
    if (auto host = host_in(config.host.address)) {
        options.host_names.push_back(*std::move(host));
    }
    if (const auto origin = parse_origin(http.public_url)) {
        options.host_names.push_back(origin->authority.host);
    }
    return options;
}

HttpServerOptions server_options(const Config& config, HttpMetrics& metrics) {
    const HttpServerConfig& http = config.http.server;
    HttpServerOptions options;
    options.host = http.listen_address.host;
    options.port = http.listen_address.port;
    options.threads = static_cast<std::size_t>(http.threads);
    options.max_connections = static_cast<std::size_t>(http.max_connections);
    options.read_timeout = http.read_timeout;
    options.write_timeout = http.write_timeout;
    options.metrics = &metrics;
    options.is_heavy = may_be_long;
    return options;
}

}  // namespace

Application::Application(const Config& config)
    : config_(config),
      data_folder_(config.data_dir),
      retry_{.max_attempts = static_cast<int>(config.worker.max_attempts)},
      store_metrics_(registry_),
      run_metrics_(registry_),
      http_metrics_(registry_),
      database_(opened_database(config, &store_metrics_, patience_with_database)),
      database_clock_(clock_of(*database_, host_clock_)),
      clock_(database_clock_ ? static_cast<Clock&>(*database_clock_) : host_clock_),
      definitions_(*database_),
      runs_(*database_, &run_metrics_, data_folder_.host_id()),
      queue_(*database_, clock_, config.queue.max_pass, &run_metrics_, data_folder_.host_id()),
      elsewhere_runs_(*database_, &run_metrics_, no_servers_host),
      elsewhere_queue_(*database_, clock_, config.queue.max_pass, &run_metrics_, no_servers_host),
      tokens_(*database_),
      history_(*database_, data_folder_.host_id()),
      run_tokens_(make_run_tokens(config, tokens_)),
      authenticator_(make_authenticator(run_tokens_, tokens_, clock_)),
      engines_(config, host_clock_, fence_, run_tokens_, registry_, definitions_, elsewhere_runs_,
               account_wake_),
      sqs_queue_(engines_.make_sqs_queue(*database_, clock_, run_metrics_)),
      queues_{queue_, sqs_queue_ ? static_cast<RunQueue&>(*sqs_queue_) : elsewhere_queue_},
      logs_(join_hosts(config)),
      clusters_in_use_(all_clusters_in_use(runs_, elsewhere_runs_)),
      runtimes_(make_runtimes(clusters_in_use_, engines_, logs_, registry_)),
      clusters_(served_clusters(runtimes_), &account_wake_),
      definition_service_(definitions_, clock_, ids_, {engines_.preparation(), engines_.has_account()}),
      run_service_(runs_, definition_service_, clusters_, clock_, ids_, random_,
                   run_service_options(config, retry_)),
      log_service_(run_service_, clusters_),
      image_service_(definitions_, clusters_),
      waiting_service_(queues_, clusters_, {data_folder_.host_id(), is_worker_enabled(config, "submit")}),
      readiness_service_(*database_, clusters_, queues_, retirement_pause_),
      metrics_service_(registry_, runs_, clusters_, clock_),
      page_(carried_page(base_path(config))),
      api_({definition_service_, run_service_, waiting_service_, log_service_, readiness_service_,
            metrics_service_, image_service_},
           http_metrics_, api_options(config, authenticator_.get(), page_)),
      retry_worker_(clusters_, runs_, clock_, config.worker.retry_interval),
      timeout_worker_(clusters_, runs_, clock_),
      log_worker_(config.data_dir, config.log.retention_days, runs_, engines_.finished_logs(), clock_,
                  registry_),
      history_worker_(history_, config.data_dir, config.history.retention_days, clock_),
      server_(server_options(config, http_metrics_),
              [this](IncomingRequest request) { return api_.answer(std::move(request)); }) {
    ListenAddress address = config.http.server.listen_address;
    address.port = server_.port();
    address_ = address.text();
    add_former_clusters();
    clusters_.set_gap(engines_.account_trouble());
    if (membership_) {
        std::vector<Wake*> on_return;
        for (const auto& runtime : runtimes_) {
            on_return.push_back(&runtime->reconcile_wake());
        }
        membership_->enter(config.host.address.empty() ? host_address(address) : config.host.address,
                           std::move(on_return));
    }
    engines_.prepare();
    for (const ServedCluster* const served : clusters_.configured()) {
        serve_from_sqs(*served);
    }
    for (const auto& runtime : runtimes_) {
        start(*runtime);
    }
    listenings_.emplace_back(*database_, topic(WorkKind::retry), retry_wake_);
    if (ImageCheck* const images = engines_.local_images()) {
        image_worker_.emplace(*images, runs_);
        image_thread_.emplace("images", *image_worker_, image_wake_);
    }
    log_thread_.emplace("logs", log_worker_, engines_.finished_logs().came());
    history_thread_.emplace("history", history_worker_, history_wake_);
    if (is_worker_enabled(config, "retry")) {
        retry_thread_.emplace("retry", retry_worker_, retry_wake_);
    }
    if (is_worker_enabled(config, "status")) {
        timeout_thread_.emplace("timeout", timeout_worker_, timeout_wake_);
        if (Preparation* const preparation = engines_.preparation()) {
            retired_worker_.emplace(definitions_, *preparation, retirement_pause_);
            retired_thread_.emplace("retired", *retired_worker_, retired_wake_);
        }
    }
    if (engines_.has_account()) {
        account_thread_ = std::jthread([this](const std::stop_token& stop) { watch_account(stop); });
    }
}

void Application::add_former_clusters() {
    for (const ClusterInUse& in_use : clusters_in_use_) {
        // What waits for a cluster that this server has not may wait for another server.
        const bool is_ours = in_use.live > 0 || database_clock_ == nullptr;
        if (is_ours && clusters_.find(in_use.name) == nullptr) {
            log_warning(
                "cluster {} is no longer configured: its live runs are followed to their end; {} waiting "
                "runs stay "
                "until it is configured again or they are stopped",
                in_use.name, in_use.waiting);
            runtimes_.push_back(make_runtime(former_cluster(in_use), engines_, logs_, registry_));
            clusters_.add(runtimes_.back()->served(), false);
        }
    }
}

void Application::start(ClusterRuntime& runtime) {
    const ServedCluster& served = runtime.served();
    listenings_.emplace_back(*database_, topic(WorkKind::submit, served.cluster.name), served.submit_wake);
    listenings_.emplace_back(*database_, topic(WorkKind::stop, served.cluster.name), served.stop_wake);
    const bool is_elsewhere = served.cluster.is_elsewhere;
    runtime.start(
        config_, {is_elsewhere ? queues_.elsewhere : queues_.on_hosts, is_elsewhere ? elsewhere_runs_ : runs_,
                  clock_, random_, retry_, retry_wake_, fence_});
}

void Application::serve_from_sqs(const ServedCluster& served) {
    if (sqs_queue_ && served.cluster.is_elsewhere && is_worker_enabled(config_, "submit")) {
        sqs_queue_->serve(served.cluster.name, served.submit_wake).start(config_.worker.submit_interval);
    }
}

void Application::watch_account(const std::stop_token& stop) {
    Wake nobody;
    bool is_known = !clusters_.gap();
    keep_at(
        stop,
        [&] {
            if (is_known) {
                account_wake_.wait(stop, account_remembered);
            }
            is_known = false;
            auto of_account = stop.stop_requested() ? std::nullopt : engines_.account_clusters();
            if (of_account && !stop.stop_requested()) {
                follow_account(engines_.clusters(*std::move(of_account)));
            }
            clusters_.set_gap(std::nullopt);
            is_known = true;
            nobody.wait(stop, between_looks_at_account);
        },
        [&](const std::exception& error) {
            log_warning("the ECS clusters of the account cannot be listed: {}", error.what());
            clusters_.set_gap(error.what());
        });
}

void Application::follow_account(const std::vector<ClusterConfig>& clusters) {
    std::set<std::string> names;
    for (const ClusterConfig& cluster : clusters) {
        names.insert(cluster.name);
        const ServedCluster* const known = clusters_.find(cluster.name);
        if (clusters_.find_configured(cluster.name) != nullptr ||
            (known != nullptr && known->cluster.engine != cluster.engine)) {
            continue;
        }
        log_info("cluster {} is there now", cluster.name);
        if (known != nullptr) {
            serve_from_sqs(*known);
            clusters_.configure(cluster.name, true);
            known->submit_wake.notify();
            continue;
        }
        runtimes_.push_back(make_runtime(cluster, engines_, logs_, registry_));
        ClusterRuntime& runtime = *runtimes_.back();
        serve_from_sqs(runtime.served());
        start(runtime);
        clusters_.add(runtime.served(), true);
    }
    for (const ServedCluster* const served : clusters_.configured()) {
        if (!names.contains(served->cluster.name)) {
            log_warning("cluster {} is no longer there: its runs stay, and no new ones go to it",
                        served->cluster.name);
            clusters_.configure(served->cluster.name, false);
        }
    }
}

LogReader& Application::join_hosts(const Config& config) {
    if (!database_clock_) {
        SqlHostStore(*database_).adopt_all(data_folder_.host_id());
        return engines_.logs();
    }
    membership_.emplace(config, data_folder_, *database_, run_metrics_, *database_clock_, random_, fence_,
                        run_tokens_);
    peer_logs_ = membership_->reader(engines_.logs());
    return *peer_logs_;
}

void Application::stop_live_runs(const std::function<void(const Run&)>& tell) {
    constexpr std::chrono::milliseconds pause{50};
    std::set<std::string> told;
    for (auto alive = live_runs(); !alive.empty(); alive = live_runs()) {
        for (const Run& run : alive) {
            if (told.insert(run.id.value).second) {
                tell(run);
                stop_if_it_goes_on(run.id);
            }
        }
        std::this_thread::sleep_for(pause);
    }
}

std::vector<Run> Application::live_runs() {
    std::vector<Run> alive;
    for (const ServedCluster* const served : clusters_.all()) {
        std::vector<Run> of_cluster = runs_.live(served->cluster.name);
        std::move(of_cluster.begin(), of_cluster.end(), std::back_inserter(alive));
    }
    return alive;
}

void Application::stop_if_it_goes_on(const RunId& id) {
    try {
        run_service_.stop(id, "");
    } catch (const Error& error) {
        if (error.kind() != ErrorKind::invalid) {
            throw;
        }
    }
}

Application::~Application() {
    if (membership_) {
        membership_->leave();
    }
    readiness_service_.drain();
    account_thread_.request_stop();
    if (sqs_queue_) {
        sqs_queue_->close();
    }
    engines_.cancel_requests();
}

}  // namespace flotilla
