#include "simulation/process.hpp"

#include "base/error.hpp"

namespace flotilla::simulation {

using Effect = Hazard::Effect;

void Process::require_alive() const {
    if (!is_alive_) {
        throw unavailable("the process was killed");
    }
}

const Hazard* Process::begin(Place place) {
    require_alive();
    if (history_.plan.settings.every_call_takes_time && pace_.one_in(2)) {
        sleep(pace_.between(Duration{1}, Duration{3'000}));
    }
    const Actor* const actor = history_.timeline.acting();
    const Hazard* const hazard = history_.hazards.meet(place, actor->role, history_.timeline.now());
    if (hazard == nullptr) {
        return nullptr;
    }
    history_.story.tell("! {}: {}", actor->name, describe(*hazard));
    if (hazard->effect == Effect::crash_before) {
        kill(hazard->duration);
        require_alive();
    }
    // The work of a write that fails was done up to there: the database rolls it back.
    const bool fails = hazard->effect == Effect::fail_before && place != Place::write;
    if (fails || hazard->effect == Effect::outage) {
        throw unavailable("the {} failed", to_string(place));
    }
    if (hazard->effect == Effect::slow_before) {
        sleep(hazard->duration);
    }
    return hazard;
}

void Process::end(const Hazard* hazard) {
    if (hazard == nullptr) {
        return;
    }
    if (hazard->effect == Effect::crash_after) {
        kill(hazard->duration);
        require_alive();
    }
    if (hazard->effect == Effect::fail_after) {
        throw unavailable("the answer to the {} was lost", to_string(hazard->place));
    }
    if (hazard->effect == Effect::slow_after) {
        sleep(hazard->duration);
    }
}

void Process::sleep(Duration duration) {
    history_.timeline.sleep(duration);
    require_alive();
}

}  // namespace flotilla::simulation
