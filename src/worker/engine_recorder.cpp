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
                       [&](const Started& started) {
                           changes.push_back({item.name.run, {item.name.number, started}});
                       },
                       [&](Ended end) {
                           end.retry = {retry_, clock_.now(), random_.unit()};
                           changes.push_back({item.name.run, {item.name.number, end}});
                           ended.push_back(item.name);
                       },
                   },
                   item.observation);
    }
    if (changes.empty()) {
        return;
    }
    crash_point(ended.empty() ? "start.before_store" : "end.before_store");
    bool retries = false;
    for (const Run& run : runs_.advance_all(changes)) {
        retries |= run.status == RunStatus::needs_retry;
    }
    crash_point(ended.empty() ? "start.stored" : "end.stored");
    for (const AttemptName& name : ended) {
        forget(name);
        crash_point("end.forgotten");
    }
    if (!ended.empty()) {
        cluster_.submit_wake.notify();
    }
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
