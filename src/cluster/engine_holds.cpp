#include "cluster/engine_holds.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace flotilla {

EngineHolds::Time EngineHolds::hold(const RunId& run, std::string reason, Time now) {
    auto state = state_.lock();
    return lengthen(state->runs[run], std::move(reason), now);
}

EngineHolds::Time EngineHolds::hold(const Revision& revision, std::string reason, Time now) {
    auto state = state_.lock();
    Hold& hold = state->revisions[revision];
    return hold.until > now ? hold.duration : lengthen(hold, std::move(reason), now);
}

EngineHolds::Time EngineHolds::lengthen(Hold& hold, std::string reason, Time now) {
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

void EngineHolds::release(const Revision& revision) {
    state_.lock()->revisions.erase(revision);
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
    for (const auto& [revision, hold] : state->revisions) {
        (hold.until > now ? held.revisions : held.doubtful_revisions).insert(revision);
    }
    for (const SizeHold& known : state->sizes) {
        (known.hold.until > now ? held.sizes : held.doubtful_sizes).push_back(known.size);
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
    for (const auto& [revision, hold] : state->revisions) {
        consider(hold);
    }
    for (const SizeHold& known : state->sizes) {
        consider(known.hold);
    }
    return next;
}

std::optional<std::string> EngineHolds::reason(const Run& run) {
    const auto because = [&](const Hold& hold) {
        return fmt::format("the engine of cluster {}, which cannot start this run now: {}", run.cluster,
                           hold.reason);
    };
    auto state = state_.lock();
    if (const auto known = state->runs.find(run.id); known != state->runs.end()) {
        return because(known->second);
    }
    if (const auto known = state->revisions.find(revision_of(run)); known != state->revisions.end()) {
        return because(known->second);
    }
    for (const SizeHold& known : state->sizes) {
        if (known.size.covers(needs_of(run))) {
            return fmt::format("room on cluster {}, which has none for {} now: {}", run.cluster,
                               known.size.text(), known.hold.reason);
        }
    }
    return std::nullopt;
}

std::optional<std::string> EngineHolds::loss() {
    auto state = state_.lock();
    if (state->revisions.empty()) {
        return std::nullopt;
    }
    const auto& [revision, hold] = *state->revisions.begin();
    const std::string object = revision.arn.empty() ? "" : fmt::format(" ({})", revision.arn);
    const std::size_t others = state->revisions.size() - 1;
    return fmt::format("the start of runs of the definition {}{}{}: {}", revision.definition.value, object,
                       others == 0 ? "" : fmt::format(" and of {} others", others), hold.reason);
}

/// Of what nobody tried again: its runs wait no more, and that size nothing has now.
void EngineHolds::forget_old(State& state, Time now) {
    const auto is_old = [&](const auto& entry) { return now - entry.second.until > 2 * longest; };
    std::erase_if(state.runs, is_old);
    std::erase_if(state.revisions, is_old);
    std::erase_if(state.sizes, [&](const SizeHold& known) { return now - known.hold.until > 2 * longest; });
}

}  // namespace flotilla
