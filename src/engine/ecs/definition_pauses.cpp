#include "engine/ecs/definition_pauses.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace flotilla {

namespace {

using std::chrono::microseconds;
constexpr microseconds shortest = std::chrono::seconds{1};
constexpr microseconds longest = std::chrono::seconds{15};
constexpr microseconds longest_try = std::chrono::seconds{20};
constexpr microseconds until_forgotten = std::chrono::minutes{2};

}  // namespace

std::optional<std::string> DefinitionPauses::reason(const std::string& definition) {
    const auto now = clock_.elapsed();
    auto pauses = pauses_.lock();
    const auto found = pauses->find(definition);
    if (found == pauses->end()) {
        return std::nullopt;
    }
    Pause& pause = found->second;
    if (pause.until > now) {
        return pause.why;
    }
    pause.is_tried = true;
    pause.until = now + longest_try;
    return std::nullopt;
}

void DefinitionPauses::begin(const std::string& definition, const std::string& why) {
    const auto now = clock_.elapsed();
    auto pauses = pauses_.lock();
    Pause& pause = (*pauses)[definition];
    pause.why = why;
    if (pause.until > now && !pause.is_tried) {
        return;  // others tried at the same time
    }
    pause.duration = std::clamp(pause.duration * 2, shortest, longest);
    pause.until = now + pause.duration;
    pause.is_tried = false;
}

void DefinitionPauses::end(const std::string& definition) {
    pauses_.lock()->erase(definition);
}

void DefinitionPauses::leave(const std::string& definition) {
    auto pauses = pauses_.lock();
    if (const auto found = pauses->find(definition); found != pauses->end() && found->second.is_tried) {
        found->second.is_tried = false;
        found->second.until = clock_.elapsed();
    }
}

std::optional<std::string> DefinitionPauses::text() {
    const auto now = clock_.elapsed();
    auto pauses = pauses_.lock();
    // Nobody tried them again: their runs do not wait any more.
    std::erase_if(*pauses, [&](const auto& entry) { return now - entry.second.until > until_forgotten; });
    if (pauses->empty()) {
        return std::nullopt;
    }
    const auto& [definition, pause] = *pauses->begin();
    const std::string others =
        pauses->size() == 1 ? "" : fmt::format(" and of {} others", pauses->size() - 1);
    return fmt::format("the task definition {}{}: {}", definition, others, pause.why);
}

}  // namespace flotilla
