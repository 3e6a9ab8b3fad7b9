#include "worker/engine_recorder.hpp"

#include "base/crash_point.hpp"
#include "base/overloaded.hpp"

namespace flotilla {

void EngineRecorder::record(const std::vector<EngineNews>& news) {
    std::vector<RunNews> changes;
    std::vector<AttemptName> ended;
    for (const EngineNews& item : news) {
        std::visit(Overloaded{
                       [](const NotStarted&) {},
                       [&](Started started) {
                           started.at = clock_.from_host(started.at);
                           changes.push_back({item.name.run, {item.name.number, started}});
                       },
                       [&](Ended end) {
                           end.at = clock_.from_host(end.at);
                           if (end.started) {
                               end.started->at = clock_.from_host(end.started->at);
                           }
                           end.retry = {retry_, clock_.now(), random_.unit()};
                           changes.push_back({item.name.run, {item.name.number, end}});
                           ended.push_back(item.name);
                       },
                   },
                   item.observation);
    }
    store(changes);
    for (const AttemptName& name : ended) {
        forget(name);
        crash_point("end.forgotten");
    }
    if (!ended.empty()) {
        cluster_.submit_wake.notify();
    }
}

void EngineRecorder::record_lost(const std::vector<AttemptName>& names) {
    const RetryTerms terms{RetryRules{.max_attempts = 1}, clock_.now(), random_.unit()};
    std::vector<RunNews> changes;
    for (const AttemptName& name : names) {
        changes.push_back(
            {name.run,
             {name.number, Ended{clock_.now(), std::nullopt, ExitClass::host_lost,
                                 "the engine no longer knows this run; its outcome is unknown", terms}}});
    }
    store(changes);
    if (!names.empty()) {
        cluster_.submit_wake.notify();
    }
}

void EngineRecorder::store(const std::vector<RunNews>& changes) {
    if (changes.empty()) {
        return;
    }
    crash_point("news.before_store");
    bool retries = false;
    for (const Run& run : runs_.advance_all(changes)) {
        retries |= run.status == RunStatus::needs_retry;
    }
    crash_point("news.stored");
    if (retries) {
        retry_wake_.notify();
    }
}

void EngineRecorder::forget(const AttemptName& name) {
    if (!queue_.is_leased(name.run)) {
        cluster_.engine.forget(name);
    }
}

}  // namespace flotilla
