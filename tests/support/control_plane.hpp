#pragma once

#include "cluster/clusters.hpp"
#include "queue/sql/sql_run_queue.hpp"
#include "service/definition_service.hpp"
#include "service/image_service.hpp"
#include "service/log_service.hpp"
#include "service/metrics_service.hpp"
#include "service/readiness_service.hpp"
#include "service/run_service.hpp"
#include "service/waiting_service.hpp"
#include "store/migrations.hpp"
#include "store/sql_definition_store.hpp"
#include "store/sql_run_store.hpp"
#include "store/sqlite/sqlite_database.hpp"
#include "support/fakes.hpp"
#include "support/temporary_folder.hpp"
#include "worker/submit_worker.hpp"

namespace flotilla::test {

/// The real services, queue and stores on a fresh SQLite database, with a fake engine and a clock that stands
/// still. The clusters are `default` (1000 MiB) and `empty` (no hosts).
struct ControlPlane {
    ControlPlane() { migrate(database); }

    DefinitionFields fields(const std::string& alias) {
        DefinitionFields given;
        given.alias = alias;
        given.group_name = "group";
        given.image = "debian:12";
        given.memory = 100;
        given.command = "true";
        return given;
    }
    /// Defines `alias` if it is new, and runs it.
    Run execute(const std::string& alias, const std::string& owner = "somebody") {
        const auto known = definitions.find_by_alias(alias);
        return run_service.execute(known ? *known : definition_service.create(fields(alias), {}),
                                   {.cluster = {}, .env = {}, .owner = owner});
    }
    Run stored(const Run& run) { return *runs.find(run.id); }
    /// What hands runs of `default` to the engine.
    SubmitWorker submit_worker(SubmitOptions options = {.retry = {}, .sweep = std::chrono::seconds{5}}) {
        return {*clusters.find("default"), queue, runs, clock, random, options, retry_wake};
    }

    TemporaryFolder folder;
    MetricRegistry registry;
    RunMetrics run_metrics{registry};
    SqliteDatabase database{folder.path() / "test.db"};
    SqlDefinitionStore definitions{database};
    SqlRunStore runs{database, &run_metrics};
    FakeClock clock;
    NoRandom random;
    CountingIdMaker ids;
    SqlRunQueue queue{database, clock, std::chrono::seconds{600}, &run_metrics};
    FakeEngine engine;
    FakeImageCheck images;
    FakeSecretCheck secrets;
    FakeLogReader logs;
    Wake submit_wake;
    Wake stop_wake;
    Wake retry_wake;
    EnginePause pause;
    EnginePause stop_pause;
    EngineHolds holds;
    Clusters clusters{{
        {{.name = "default", .engine = "local", .memory = 1000, .cpu = {}, .max_running = {}},
         engine,
         images,
         secrets,
         logs,
         submit_wake,
         stop_wake,
         pause,
         stop_pause,
         holds},
        {{.name = "empty", .engine = "local", .memory = 0, .cpu = {}, .max_running = {}},
         engine,
         images,
         secrets,
         logs,
         submit_wake,
         stop_wake,
         pause,
         stop_pause,
         holds},
    }};
    RetryRules retry{};
    DefinitionService definition_service{definitions, clock, ids};
    RunService run_service{runs,
                           definition_service,
                           clusters,
                           clock,
                           ids,
                           random,
                           RunServiceOptions{.default_cluster = "default",
                                             .server_mode = "test",
                                             .owner_variable = "FLOTILLA_RUN_OWNER_ID",
                                             .retry = {}}};
    WaitingService waiting_service{{queue, queue}, clusters, {}};
    LogService log_service{run_service, clusters};
    ImageService image_service{definitions, clusters};
    MetricsService metrics_service{registry, runs, clusters, clock};
    EnginePause retirement_pause;
    ReadinessService readiness_service{
        database,
        clusters,
        {queue, queue},
        retirement_pause,
        {.patience = std::chrono::seconds{10}, .fresh = std::chrono::milliseconds{0}}};
};

}  // namespace flotilla::test
