#include "simulation/hazards.hpp"

namespace flotilla::simulation {

Hazards::Hazards(const std::vector<Hazard>& hazards) {
    for (const Hazard& hazard : hazards) {
        if (hazard.place != Place::nowhere) {
            pending_.push_back({&hazard, hazard.skip, {}});
        }
    }
}

const Hazard* Hazards::meet(Place place, std::optional<Role> role, TimePoint now) {
    for (auto pending = pending_.begin(); pending != pending_.end(); ++pending) {
        const Hazard& hazard = *pending->hazard;
        if (beginning + hazard.from > now) {
            return nullptr;
        }
        if (hazard.place != place || (hazard.role && hazard.role != role)) {
            continue;
        }
        if (strikes(*pending, now)) {
            if (hazard.effect != Hazard::Effect::outage) {
                pending_.erase(pending);
            }
            return &hazard;
        }
    }
    return nullptr;
}

bool Hazards::strikes(Pending& pending, TimePoint now) {
    if (pending.until) {
        return now < *pending.until;
    }
    if (pending.skip > 0) {
        --pending.skip;
        return false;
    }
    if (pending.hazard->effect == Hazard::Effect::outage) {
        pending.until = now + pending.hazard->duration;
    }
    return true;
}

}  // namespace flotilla::simulation
