#include "worker/engine_recorder.hpp"

#include <fmt/format.h>

#include "base/crash_point.hpp"
#include "base/log.hpp"
#include "base/overloaded.hpp"
#include "store/unstorable.hpp"

namespace flotilla {

namespace {

AttemptName name_of(const RunNews& change) {
    return {change.run, change.change.attempt};
}

}  // namespace

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
    const auto unstorable = store_what_can_be(changes);
    for (const AttemptName& name : ended) {
        if (!unstorable.contains(name)) {
            forget(name);
            crash_point("end.forgotten");
        }
    }
    if (!ended.empty()) {
        cluster_.submit_wake.notify();
    }
}

void EngineRecorder::record_lost(const std::vector<AttemptName>& names) {
    if (names.empty()) {
        return;
    }
    const std::string why = fmt::format("{}; its outcome is unknown", cluster_.engine.why_unknown());
    const RetryTerms terms{RetryRules{.max_attempts = 1}, clock_.now(), random_.unit()};
    std::vector<RunNews> changes;
    changes.reserve(names.size());
    for (const AttemptName& name : names) {
        changes.push_back(
            {name.run, {name.number, Ended{clock_.now(), std::nullopt, ExitClass::host_lost, why, terms}}});
    }
    store(changes);
    cluster_.submit_wake.notify();
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

std::set<AttemptName> EngineRecorder::store_what_can_be(const std::vector<RunNews>& changes) {
    try {
        store(changes);
        return {};
    } catch (const Unstorable&) {  // one of them; the others are not to wait for it
        std::set<AttemptName> unstorable;
        for (const RunNews& change : changes) {
            if (!store_alone(change)) {
                unstorable.insert(name_of(change));
            }
        }
        return unstorable;
    }
}

bool EngineRecorder::store_alone(const RunNews& change) {
    try {
        store({change});
        return true;
    } catch (const Unstorable& error) {
        const auto name = name_of(change);
        if (told_.lock()->insert(name).second) {
            log_error("what became of {} cannot be stored, and is tried again at each sweep: {}", name.text(),
                      error.what());
        }
        return false;
    }
}

void EngineRecorder::forget(const AttemptName& name) {
    if (!queue_.is_leased(name.run)) {
        cluster_.engine.forget(name);
    }
}

}  // namespace flotilla
