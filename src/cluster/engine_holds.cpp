#include "cluster/engine_holds.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace flotilla {

EngineHolds::Time EngineHolds::hold(const RunId& run, std::string reason, Time now) {
    auto state = state_.lock();
    Hold& hold = state->runs[run];
    hold.reason = std::move(reason);
    hold.duration = std::clamp(hold.duration * 2, shortest, longest);
    hold.until = now + hold.duration;
    return hold.duration;
}

EngineHolds::Time EngineHolds::hold(Oversize size, std::string reason, Time now) {
    auto state = state_.lock();
    Time duration{};
    for (const SizeHold& known : state->sizes) {
        if (known.size.lacking == size.lacking && known.size.covers(size.needs)) {
            if (known.hold.until > now) {
                return known.hold.duration;
            }
            duration = std::max(duration, known.hold.duration);
        }
    }
    duration = std::clamp(duration * 2, shortest, longest);
    std::erase_if(state->sizes, [&](const SizeHold& known) {
        return known.size.lacking == size.lacking && known.size.covers(size.needs) &&
               size.covers(known.size.needs);
    });
    state->sizes.push_back({std::move(size), {std::move(reason), duration, now + duration}});
    return duration;
}

void EngineHolds::release(const RunId& run) {
    state_.lock()->runs.erase(run);
}

void EngineHolds::release(const Needs& needs) {
    std::erase_if(state_.lock()->sizes, [&](const SizeHold& known) { return known.size.covers(needs); });
}

HeldRuns EngineHolds::held(Time now) {
    auto state = state_.lock();
    forget_old(*state, now);
    HeldRuns held;
    for (const auto& [run, hold] : state->runs) {
        if (hold.until > now) {
            held.runs.insert(run);
        }
    }
    for (const SizeHold& known : state->sizes) {
        (known.hold.until > now ? held.sizes : held.doubtful).push_back(known.size);
    }
    return held;
}

std::optional<EngineHolds::Time> EngineHolds::next_try(Time now) {
    std::optional<Time> next;
    const auto consider = [&](const Hold& hold) {
        if (hold.until > now) {
            next = std::min(next.value_or(hold.until), hold.until);
        }
    };
    auto state = state_.lock();
    for (const auto& [run, hold] : state->runs) {
        consider(hold);
    }
    for (const SizeHold& known : state->sizes) {
        consider(known.hold);
    }
    return next;
}

std::optional<std::string> EngineHolds::reason(const RunId& run, const Needs& needs,
                                               const std::string& cluster) {
    auto state = state_.lock();
    if (const auto known = state->runs.find(run); known != state->runs.end()) {
        return fmt::format("the engine of cluster {}, which cannot start this run now: {}", cluster,
                           known->second.reason);
    }
    for (const SizeHold& known : state->sizes) {
        if (known.size.covers(needs)) {
            return fmt::format("room on cluster {}, which has none for {} now: {}", cluster,
                               known.size.text(), known.hold.reason);
        }
    }
    return std::nullopt;
}

/// Of runs that nobody tried again, as they wait no more, and sizes that nothing has now.
void EngineHolds::forget_old(State& state, Time now) {
    std::erase_if(state.runs, [&](const auto& entry) { return now - entry.second.until > 2 * longest; });
    std::erase_if(state.sizes, [&](const SizeHold& known) { return now - known.hold.until > 2 * longest; });
}

}  // namespace flotilla
