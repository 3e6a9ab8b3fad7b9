#include "worker/reconcile_worker.hpp"

#include <set>

#include "base/error.hpp"
#include "base/log.hpp"

namespace flotilla {

namespace {

std::vector<TakenAttempt> taken(const std::vector<Run>& live) {
    std::vector<TakenAttempt> attempts;
    for (const Run& run : live) {
        if (run.attempt.phase != AttemptPhase::submitting) {
            attempts.push_back({{run.id, run.attempt.number}, run.attempt.handle, run.spec.memory});
        }
    }
    return attempts;
}

}  // namespace

bool ReconcileWorker::step(const std::stop_token&) {
    // The objects first: whatever is in this list was stored as live before it came to be, so what the store
    // does not show as live afterwards is nobody's.
    const auto objects = cluster_.engine.list();
    const auto live = runs_.live(cluster_.cluster.name);

    std::vector<EngineNews> news;
    std::vector<AttemptName> lost;
    std::set<AttemptName> wanted;
    cluster_.engine.remember(taken(live));
    for (const Run& run : live) {
        AttemptName name{run.id, run.attempt.number};
        wanted.insert(name);
        if (run.attempt.phase == AttemptPhase::submitting) {
            continue;  // the submit worker is at it
        }
        if (auto known = cluster_.engine.inspect(name)) {
            news.push_back({std::move(name), *std::move(known)});
        } else {
            lost.push_back(std::move(name));
        }
    }
    recorder_.record(news);
    recorder_.record_lost(lost);
    for (const AttemptName& name : objects) {
        if (!wanted.contains(name)) {
            remove_orphan(name);
        }
    }
    return false;
}

void ReconcileWorker::remove_orphan(const AttemptName& name) {
    const LogScope scope{"run_id", name.run.value};
    const auto known = cluster_.engine.inspect(name);
    if (known && !std::holds_alternative<Ended>(*known)) {
        log_warning("cluster {}: stopping {}, which no run needs", cluster_.cluster.name, name.text());
        try {
            cluster_.engine.stop(name, std::chrono::seconds{0});
        } catch (const Error& error) {  // the others are not to wait for it
            log_warning("cluster {}: {} cannot be stopped now: {}", cluster_.cluster.name, name.text(),
                        error.what());
        }
        return;  // the next sweep finds it ended
    }
    recorder_.forget(name);
}

}  // namespace flotilla
