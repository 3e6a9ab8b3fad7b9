#pragma once

#include <functional>
#include <list>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "api/api.hpp"
#include "api/server.hpp"
#include "app/cluster_runtime.hpp"
#include "app/data_folder.hpp"
#include "app/engines.hpp"
#include "app/history_worker.hpp"
#include "app/host_membership.hpp"
#include "app/log_worker.hpp"
#include "config/config.hpp"
#include "queue/sql/sql_run_queue.hpp"
#include "service/authenticator.hpp"
#include "store/sql_definition_store.hpp"
#include "store/sql_history_store.hpp"
#include "store/sql_run_store.hpp"
#include "store/sql_token_store.hpp"
#include "store/store_metrics.hpp"
#include "worker/image_worker.hpp"
#include "worker/retired_definition_worker.hpp"
#include "worker/retry_worker.hpp"
#include "worker/timeout_worker.hpp"

namespace flotilla {

/// The composition root: every part of a server, made and connected here. The order of the members is the
/// order in which they are made, and the reverse of that in which they stop.
class Application {
public:
    /// Serves from here on. `config` outlives this object. Throws with one line that says why it cannot.
    explicit Application(const Config& config);
    /// Stops: requests in flight are answered, jobs go on.
    ~Application();
    Application(const Application&) = delete;
    Application& operator=(const Application&) = delete;

    /// `HOST:PORT` where the server listens.
    [[nodiscard]] const std::string& address() const { return address_; }

    /// Has every run that is alive on this host end, tells each, and returns when all are gone.
    void stop_live_runs(const std::function<void(const Run&)>& tell);

private:
    [[nodiscard]] std::vector<Run> live_runs();
    void stop_if_it_goes_on(const RunId& id);
    /// Those that runs still name though they are not configured.
    void add_former_clusters();
    /// Starts the workers of a cluster, and has those who may know of its runs wake them.
    void start(ClusterRuntime& runtime);
    /// Has the runs of a cluster, which may be sent to, taken from SQS if they wait there.
    void serve_from_sqs(const ServedCluster& served);
    /// Looks for clusters that came to the account or left it: each 15 minutes, and when one is asked for.
    void watch_account(const std::stop_token& stop);
    void follow_account(const std::vector<ClusterConfig>& clusters);
    /// Who reads the logs of all clusters, here or elsewhere.
    LogReader& join_hosts(const Config& config);

    const Config& config_;
    DataFolder data_folder_;
    SystemClock host_clock_;
    Fence fence_;
    SystemRandom random_;
    RandomIdMaker ids_;
    RetryRules retry_;
    MetricRegistry registry_;
    StoreMetrics store_metrics_;
    RunMetrics run_metrics_;
    HttpMetrics http_metrics_;
    std::unique_ptr<SqlDatabase> database_;
    std::unique_ptr<DatabaseClock> database_clock_;  ///< with PostgreSQL
    Clock& clock_;                                   ///< that, or else this host's
    SqlDefinitionStore definitions_;
    SqlRunStore runs_;
    SqlRunQueue queue_;
    SqlRunStore elsewhere_runs_;  ///< this and the next of engines whose jobs run on no server's host
    SqlRunQueue elsewhere_queue_;
    SqlTokenStore tokens_;
    SqlHistoryStore history_;
    std::optional<RunTokens> run_tokens_;  ///< this and the next are where `auth.mode` is `token`
    std::unique_ptr<Authenticator> authenticator_;
    Wake account_wake_;
    Engines engines_;
    std::unique_ptr<SqsRunQueue> sqs_queue_;  ///< null: runs on ECS wait in the store
    RunQueues queues_;
    std::optional<HostMembership> membership_;  ///< this and the next with PostgreSQL
    std::unique_ptr<PeerLogReader> peer_logs_;
    LogReader& logs_;                            ///< of runs on hosts, this and others
    std::vector<ClusterInUse> clusters_in_use_;  ///< when the server started
    std::vector<std::unique_ptr<ClusterRuntime>> runtimes_;
    Clusters clusters_;
    DefinitionService definition_service_;
    RunService run_service_;
    LogService log_service_;
    ImageService image_service_;
    WaitingService waiting_service_;
    EnginePause retirement_pause_;
    ReadinessService readiness_service_;
    MetricsService metrics_service_;
    std::optional<WebPage> page_;
    Api api_;
    Wake retry_wake_;
    RetryWorker retry_worker_;
    std::optional<WorkerThread> retry_thread_;
    Wake timeout_wake_;
    TimeoutWorker timeout_worker_;
    std::optional<WorkerThread> timeout_thread_;
    Wake retired_wake_;
    std::optional<RetiredDefinitionWorker>
        retired_worker_;  ///< where an engine keeps objects for definitions
    std::optional<WorkerThread> retired_thread_;
    Wake image_wake_;
    std::optional<ImageWorker> image_worker_;  ///< where a cluster is local
    std::optional<WorkerThread> image_thread_;
    std::list<Listening> listenings_;
    LogWorker log_worker_;
    std::optional<WorkerThread> log_thread_;
    Wake history_wake_;
    HistoryWorker history_worker_;
    std::optional<WorkerThread> history_thread_;
    HttpServer server_;
    std::string address_;
    std::jthread account_thread_;  ///< where clusters are those of an account
};

}  // namespace flotilla
