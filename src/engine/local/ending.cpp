#include "engine/local/ending.hpp"

#include <algorithm>
#include <chrono>

#include <fmt/format.h>

#include "engine/job_end.hpp"

namespace flotilla {

namespace {

Ended ended(TimePoint at, std::optional<int> code, ExitClass exit_class, std::string reason) {
    return {.at = at, .exit_code = code, .exit_class = exit_class, .reason = std::move(reason)};
}

std::string killed_for_memory(std::int64_t kills) {
    return kills == 0 ? "" : fmt::format("{} of its processes {}", kills, kills == 1 ? "was" : "were");
}

JobEnd job_end(TimePoint at, int code, const Remains& remains) {
    return {.at = at,
            .code = code,
            .is_stopped = remains.exit && remains.exit->stopped,
            .killed_for_memory = killed_for_memory(remains.memory_use.kills),
            .memory = remains.memory,
            .peak_memory = remains.memory_use.peak,
            .last_log_line = remains.last_log_line};
}

Ended ended_by_record(const launcher::ExitRecord& record, const Remains& remains) {
    const TimePoint at{std::chrono::microseconds(record.at)};
    if (!record.code) {
        return ended(at, std::nullopt, parse_exit_class(record.exit_class).value_or(ExitClass::engine_error),
                     record.reason);
    }
    return how_it_ended(job_end(at, *record.code, remains));
}

}  // namespace

ResourceUse what_it_used(const Remains& remains) {
    ResourceUse use{.max_cpu = remains.max_cpu};
    if (remains.memory_use.peak > 0) {
        constexpr std::int64_t mebibyte = std::int64_t{1} << 20;
        use.max_memory = (remains.memory_use.peak + mebibyte - 1) / mebibyte;
    }
    if (remains.exit && remains.exit->code && remains.started_at) {
        using std::chrono::microseconds;
        use.cpu_time = microseconds(remains.exit->cpu_time);
        // One that ended before it was looked at was as fast on average at least.
        const microseconds lived = microseconds(remains.exit->at) - remains.started_at->time_since_epoch();
        if (lived.count() > 0) {
            constexpr std::int64_t per_core = 1000;
            const std::int64_t average = use.cpu_time->count() * per_core / lived.count();
            use.max_cpu = std::max(use.max_cpu.value_or(0), average);
        }
    }
    return use;
}

Ended how_it_ended(const Remains& remains) {
    if (remains.exit) {
        Ended end = ended_by_record(*remains.exit, remains);
        end.log_lost = remains.exit->log_lost;
        return end;
    }
    const TimePoint at = remains.found_at;
    if (remains.host_restarted) {
        return ended(at, std::nullopt, ExitClass::host_lost, "the host was restarted before the job ended");
    }
    if (!remains.over_disk.empty()) {
        return ended(at, killed_code, ExitClass::job_failed, remains.over_disk);
    }
    if (remains.was_killed) {
        return ended(
            at, killed_code, ExitClass::stopped_by_user,
            "stopped: the job did not end within its grace period and was killed by signal 9 (SIGKILL)");
    }
    if (remains.memory_use.kills > 0) {
        return how_it_ended(job_end(at, killed_code, remains));
    }
    if (remains.was_started) {
        return ended(at, std::nullopt, ExitClass::host_lost,
                     "the job's container was killed from outside, so how the job ended is unknown");
    }
    return ended(at, std::nullopt, ExitClass::start_failed, "the container ended while it was being set up");
}

}  // namespace flotilla
