#include "simulation/timeline.hpp"

#include <algorithm>
#include <utility>

namespace flotilla::simulation {

void Bell::ring() {
    if (waiting_ != 0) {
        const auto pause = std::exchange(waiting_, 0);
        Timeline* const timeline = timeline_;
        timeline->at(timeline->now(), [timeline, pause] { timeline->resume_after(pause); });
    }
}

void Timeline::at(TimePoint moment, std::function<void()> event) {
    events_to_come_.push({std::max(moment, now_), ++events_, std::move(event)});
}

void Timeline::start(Actor actor, std::function<void()> act) {
    auto acting = std::make_unique<Acting>();
    acting->actor = std::move(actor);
    acting->fiber = std::make_unique<Fiber>(std::move(act));
    acting->pause = ++pauses_;
    at(now_, [this, pause = acting->pause] { resume_after(pause); });
    actors_.push_back(std::move(acting));
}

bool Timeline::step(TimePoint end) {
    if (events_to_come_.empty() || events_to_come_.top().moment > end) {
        return false;
    }
    // A priority queue lets nothing be moved out of it, but what is removed next may be.
    auto event = std::move(const_cast<Event&>(events_to_come_.top()));
    events_to_come_.pop();
    now_ = event.moment;
    event.happen();
    return true;
}

const Actor* Timeline::acting() const {
    return acting_ == nullptr ? nullptr : &acting_->actor;
}

void Timeline::sleep(Duration duration) {
    Acting& self = *acting_;
    self.pause = ++pauses_;
    at(now_ + duration, [this, pause = self.pause] { resume_after(pause); });
    self.fiber->pause();
}

void Timeline::wait(Bell& bell, Duration timeout) {
    bell.timeline_ = this;
    bell.waiting_ = pauses_ + 1;
    sleep(std::max(timeout, Duration{0}));
    bell.waiting_ = 0;
}

void Timeline::hurry_all() {
    std::vector<std::uint64_t> pauses;
    for (const auto& acting : actors_) {
        pauses.push_back(acting->pause);
    }
    for (const std::uint64_t pause : pauses) {
        resume_after(pause);
    }
}

void Timeline::resume_after(std::uint64_t pause) {
    const auto found = std::find_if(actors_.begin(), actors_.end(),
                                    [&](const auto& acting) { return acting->pause == pause; });
    if (found != actors_.end()) {
        resume(**found);
    }
}

void Timeline::resume(Acting& acting) {
    acting.pause = 0;
    acting_ = &acting;
    acting.fiber->resume();
    acting_ = nullptr;
    if (acting.fiber->has_ended()) {
        std::erase_if(actors_, [&](const auto& one) { return one.get() == &acting; });
    }
}

}  // namespace flotilla::simulation
