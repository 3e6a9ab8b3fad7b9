#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <queue>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "simulation/chance.hpp"
#include "simulation/fiber.hpp"

namespace flotilla::simulation {

/// The moment at which every history begins: 2026-01-01, 0:00.
constexpr TimePoint beginning{std::chrono::microseconds{1'767'225'600'000'000}};

/// Who does something: in the product a thread.
enum class Role { client, submit, news, reconcile, stop, retry, timeout };

/// One of those that act in a history.
struct Actor {
    Role role = Role::client;
    std::string name;  ///< in words
    int call = 0;      ///< of a client: the number of its call
};

class Timeline;

/// What one actor waits for.
class Bell {
public:
    /// Wakes who waits for it, if somebody does.
    void ring();
    [[nodiscard]] bool is_waited_for() const { return waiting_ != 0; }

private:
    friend class Timeline;
    Timeline* timeline_ = nullptr;
    std::uint64_t waiting_ = 0;  ///< who waits; 0: nobody
};

/// Simulated time: what is to happen, in its order, and the actors, which act one at a time. Time passes only
/// while all of them wait.
class Timeline final : public Clock {
public:
    TimePoint now() override { return now_; }
    std::chrono::microseconds elapsed() override { return now_ - beginning; }

    /// Has `event` happen at that moment. What is to happen at the same moment happens in the order of these
    /// calls.
    void at(TimePoint moment, std::function<void()> event);
    /// Has an actor begin at once. `act` throws nothing.
    void start(Actor actor, std::function<void()> act);
    /// The next event happens; false if there is none up to `end`.
    bool step(TimePoint end);

    /// Who acts now; nullptr if it is nobody.
    [[nodiscard]] const Actor* acting() const;
    /// The actor waits so long.
    void sleep(Duration duration);
    /// The actor waits until the bell rings, at most `timeout`.
    void wait(Bell& bell, Duration timeout);

    [[nodiscard]] bool has_actors() const { return !actors_.empty(); }
    /// Lets every actor go on at once, whatever it waits for.
    void hurry_all();

private:
    friend class Bell;

    struct Event {
        TimePoint moment;
        std::uint64_t number;
        std::function<void()> happen;
    };
    struct Later {
        bool operator()(const Event& left, const Event& right) const {
            return left.moment != right.moment ? left.moment > right.moment : left.number > right.number;
        }
    };
    struct Acting {
        Actor actor;
        std::unique_ptr<Fiber> fiber;
        std::uint64_t pause = 0;  ///< of which pause it is; a waker for an earlier one comes too late
    };

    void resume(Acting& acting);
    void resume_after(std::uint64_t pause);

    TimePoint now_ = beginning;
    std::uint64_t events_ = 0;
    std::uint64_t pauses_ = 0;
    std::priority_queue<Event, std::vector<Event>, Later> events_to_come_;
    std::vector<std::unique_ptr<Acting>> actors_;
    Acting* acting_ = nullptr;
};

}  // namespace flotilla::simulation
