#pragma once

#include <type_traits>
#include <utility>

#include "simulation/history.hpp"

namespace flotilla::simulation {

/// One life of the server process. Everything that it does to the world outside goes through `call`, where
/// time passes and things go wrong.
///
/// The process is killed by a flag: from then on every call throws at once and does nothing, so that nothing
/// counts that its code still does on the way out. (An exception of a type that nobody catches would not do:
/// the lease of a run gives it back in a destructor.)
class Process {
public:
    Process(History& history, std::uint64_t number)
        : history_(history), pace_(history.plan.seed * 1000 + number) {}

    [[nodiscard]] bool is_alive() const { return is_alive_; }
    /// The next server is there after `downtime`.
    void kill(Duration downtime) {
        is_alive_ = false;
        downtime_ = downtime;
    }
    [[nodiscard]] Duration downtime() const { return downtime_; }
    void set_downtime(Duration downtime) { downtime_ = downtime; }
    /// Throws if it was killed.
    void require_alive() const;

    /// Has the acting one do `work` outside of the process.
    template <typename Work>
    auto call(Place place, Work work) {
        const Hazard* const hazard = begin(place);
        if constexpr (std::is_void_v<decltype(work(hazard))>) {
            work(hazard);
            end(hazard);
        } else {
            auto result = work(hazard);
            end(hazard);
            return result;
        }
    }

private:
    const Hazard* begin(Place place);
    void end(const Hazard* hazard);
    void sleep(Duration duration);

    History& history_;
    Chance pace_;
    bool is_alive_ = true;
    Duration downtime_{0};
};

}  // namespace flotilla::simulation
