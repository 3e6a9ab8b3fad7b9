#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace flotilla {

/// A named place where runs go, with what it can hold at once.
struct Cluster {
    std::string name;
    std::string engine;                       ///< `local`, `docker`, `ecs`, ...
    std::int64_t memory = 0;                  ///< MiB; 0: it has no hosts
    std::optional<std::int64_t> cpu;          ///< 1/1000 of a core; none: not bounded
    std::int64_t gpu = 0;                     ///< how many GPUs it has
    std::optional<std::int64_t> max_running;  ///< runs at once; none: not bounded
    bool shares_ports = false;                ///< its runs share the host's ports
    bool is_elsewhere = false;                ///< its runs are on none of the servers' hosts
};

}  // namespace flotilla
