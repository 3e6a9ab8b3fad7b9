#include "service/waiting_service.hpp"

#include <fmt/format.h>

#include "base/error.hpp"
#include "base/time_text.hpp"

namespace flotilla {

namespace {

std::string reason_of_back_off(const Run& run) {
    if (is_live(run.attempt.phase)) {
        return "the end of its container, before the next attempt";
    }
    return run.retry_at ? fmt::format("its back-off: attempt {} may begin at {}", run.attempt.number + 1,
                                      to_rfc3339(*run.retry_at))
                        : std::string();
}

}  // namespace

std::string WaitingService::reason_of_no_end(const Run& run) {
    const ServedCluster* served = clusters_.find(run.cluster);
    const bool has_to_end = is_live(run.attempt.phase) && run.is_unwanted();
    const auto pause = has_to_end && served != nullptr ? served->stop_pause.reason() : std::nullopt;
    return pause ? "its end, for which its engine cannot be asked: " + *pause : "";
}

std::string WaitingService::reason(const Run& run) {
    if (std::string in_the_way = reason_of_no_end(run); !in_the_way.empty()) {
        return in_the_way;
    }
    if (run.status == RunStatus::needs_retry) {
        return reason_of_back_off(run);
    }
    if (run.status != RunStatus::queued && run.status != RunStatus::pending) {
        return {};
    }
    return run.attempt.phase == AttemptPhase::waiting ? reason_in_queue(run) : reason_at_engine(run);
}

std::string WaitingService::reason_in_queue(const Run& run) {
    const ServedCluster* served = clusters_.find_configured(run.cluster);
    if (served == nullptr) {
        return fmt::format("cluster {}, which is no longer configured", run.cluster);
    }
    if (const auto pause = served->pause.reason()) {
        return fmt::format("the engine of cluster {}, which is paused: {}", run.cluster, *pause);
    }
    if (auto reason = served->holds.reason(run)) {
        return *std::move(reason);
    }
    RunQueue& queue = queues_.of(served->cluster);
    if (const auto trouble = queue.trouble(served->cluster)) {
        return fmt::format("the queue of cluster {}, which is in trouble: {}", run.cluster, *trouble);
    }
    const std::string sentence = queue.waiting_for(run, served->cluster);
    return here_.starts_runs
               ? sentence
               : "a server that starts runs, which this one does not (enabled_workers); " + sentence;
}

bool WaitingService::is_elsewhere(const Attempt& attempt) const {
    return attempt.host != here_.host && attempt.host != no_servers_host && !attempt.host.empty();
}

std::string WaitingService::reason_at_engine(const Run& run) {
    const ServedCluster* served = clusters_.find(run.cluster);
    if (served == nullptr) {
        return fmt::format("cluster {}, which this server does not know", run.cluster);
    }
    if (is_elsewhere(run.attempt)) {
        return "its container to start, on another host";
    }
    try {
        const auto known = served->engine.inspect({run.id, run.attempt.number});
        const auto* waits = known ? std::get_if<NotStarted>(&*known) : nullptr;
        return waits != nullptr && !waits->waiting_for.empty() ? waits->waiting_for
                                                               : std::string("its container to start");
    } catch (const Error& error) {
        return fmt::format("the engine of cluster {}: {}", run.cluster, error.what());
    }
}

}  // namespace flotilla
