#pragma once

#include <optional>
#include <vector>

#include "simulation/plan.hpp"

namespace flotilla::simulation {

/// Says what goes wrong with a call.
class Hazards {
public:
    explicit Hazards(const std::vector<Hazard>& hazards);

    /// What befalls this call; nullptr: nothing. Each hazard befalls one call, but for an outage.
    [[nodiscard]] const Hazard* meet(Place place, std::optional<Role> role, TimePoint now);
    /// From here on nothing goes wrong.
    void cease() { pending_.clear(); }

private:
    struct Pending {
        const Hazard* hazard;
        int skip;
        std::optional<TimePoint> until;  ///< of an outage that has begun
    };

    /// Whether it befalls this call, which it could.
    static bool strikes(Pending& pending, TimePoint now);

    std::vector<Pending> pending_;  ///< by the time from which they may come
};

}  // namespace flotilla::simulation
