#pragma once

#include <cstdint>
#include <string>

#include "core/lifecycle.hpp"
#include "engine/docker/daemon.hpp"

namespace flotilla {

/// What is left of a container that has ended.
struct ContainerRemains {
    ContainerState state;
    bool is_stopped = false;       ///< somebody asked for its end
    bool daemon_was_away = false;  ///< when it ended, or its host was
    std::int64_t memory = 0;       ///< its limit in MiB
    std::string last_log_line;
    bool is_only_log_line = false;  ///< its log has no other
    bool may_quote_log = true;      ///< false: it may show a secret
    TimePoint found_at;             ///< its end, where the daemon does not tell
};

/// Whether a container that ended so may have been ended by its daemon, or with it.
[[nodiscard]] bool may_be_the_daemons_doing(const ContainerState& state);

/// Says how an attempt ended, with one sentence for people.
[[nodiscard]] Ended how_it_ended(const ContainerRemains& remains);

}  // namespace flotilla
