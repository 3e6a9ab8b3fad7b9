#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "simulation/history.hpp"
#include "simulation/memory_database.hpp"
#include "simulation/plan.hpp"

namespace flotilla::simulation {

struct Outcome {
    std::optional<Breach> breach;  ///< the first promise that was broken; none: all is well
    std::string story;             ///< empty if it was not asked for
    std::uint64_t events = 0;
};

enum class Telling { silent, story };

/// Lets the plan come true. The same plan gives the same outcome, to the letter.
[[nodiscard]] Outcome simulate(const Plan& plan, MemoryDatabase& database, Telling telling = Telling::silent);

/// The smallest part of the plan, as far as can be found in `most_tries` histories, that breaks the same
/// promise.
[[nodiscard]] Plan shrink(const Plan& plan, MemoryDatabase& database, int most_tries = 2'000);

/// The story of the smallest history in which the plan's promise breaks, ending with the breach and how to
/// see it again.
[[nodiscard]] std::string failure_story(const Plan& plan, MemoryDatabase& database);

}  // namespace flotilla::simulation
