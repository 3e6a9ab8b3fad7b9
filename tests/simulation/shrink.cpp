#include <algorithm>
#include <utility>

#include "simulation/simulation.hpp"

namespace flotilla::simulation {

namespace {

/// Makes a plan smaller for as long as it breaks the same promise.
class Shrinker {
public:
    Shrinker(Plan plan, MemoryDatabase& database, int most_tries)
        : plan_(std::move(plan)), database_(database), tries_left_(most_tries) {
        const auto breach = simulate(plan_, database_).breach;
        promise_ = breach ? breach->promise : "";
    }

    Plan shrink() {
        bool is_smaller = true;
        while (is_smaller && tries_left_ > 0) {
            is_smaller = drop_parts(&Plan::hazards);
            is_smaller |= drop_parts(&Plan::calls);
            is_smaller |= simplify();
        }
        return plan_;
    }

private:
    bool keep_if_broken(const Plan& smaller) {
        if (tries_left_-- <= 0) {
            return false;
        }
        const auto breach = simulate(smaller, database_).breach;
        if (!breach || breach->promise != promise_) {
            return false;
        }
        plan_ = smaller;
        return true;
    }

    /// Delta debugging: leaves out halves, quarters, ... of a list.
    template <typename Part>
    bool drop_parts(std::vector<Part> Plan::*list) {
        bool is_smaller = false;
        for (std::size_t size = std::max<std::size_t>((plan_.*list).size() / 2, 1); size > 0; size /= 2) {
            for (std::size_t from = 0; from < (plan_.*list).size();) {
                Plan smaller = plan_;
                auto& parts = smaller.*list;
                const auto first = parts.begin() + static_cast<std::ptrdiff_t>(from);
                parts.erase(first, first + static_cast<std::ptrdiff_t>(std::min(size, parts.size() - from)));
                if (keep_if_broken(smaller)) {
                    is_smaller = true;
                } else {
                    from += size;
                }
            }
        }
        return is_smaller;
    }

    /// Calls that take no time, jobs that do nothing special.
    bool simplify() {
        bool is_smaller = keep_if_changed(
            [](Plan& plan) { return std::exchange(plan.settings.every_call_takes_time, false); });
        for (std::size_t call = 0; call < plan_.calls.size(); ++call) {
            is_smaller |= keep_if_changed([&](Plan& plan) {
                const bool had_key = std::exchange(plan.calls[call].has_key, false);
                plan.calls[call].repeats = 0;
                return had_key;
            });
            is_smaller |= keep_if_changed([&](Plan& plan) {
                const RunLimits limits = std::exchange(plan.calls[call].limits, {});
                return limits.timeout_seconds || limits.queue_timeout_seconds || limits.retry;
            });
            for (std::size_t attempt = 0; attempt < plan_.calls[call].lives.size(); ++attempt) {
                is_smaller |= keep_if_changed([&](Plan& plan) {
                    return std::exchange(plan.calls[call].lives.at(attempt), Life{}) != Life{};
                });
            }
        }
        return is_smaller;
    }

    /// `change` says whether it changed anything.
    template <typename Change>
    bool keep_if_changed(Change change) {
        Plan smaller = plan_;
        return change(smaller) && keep_if_broken(smaller);
    }

    Plan plan_;
    MemoryDatabase& database_;
    int tries_left_;
    std::string promise_;
};

}  // namespace

Plan shrink(const Plan& plan, MemoryDatabase& database, int most_tries) {
    return Shrinker(plan, database, most_tries).shrink();
}

std::string failure_story(const Plan& plan, MemoryDatabase& database) {
    const Plan smallest = shrink(plan, database);
    const Outcome outcome = simulate(smallest, database, Telling::story);
    const Breach breach = outcome.breach.value_or(Breach{"no promise", "nothing was broken"});
    return fmt::format(
        "{}\nBROKEN: {}:\n  {}\n\n"
        "seed {}, with {} of its {} calls and {} of its {} hazards\n"
        "to see it again: flotilla_simulation --seed {} --shrink --story\n",
        outcome.story, breach.promise, breach.how, plan.seed, smallest.calls.size(), plan.calls.size(),
        smallest.hazards.size(), plan.hazards.size(), plan.seed);
}

}  // namespace flotilla::simulation
