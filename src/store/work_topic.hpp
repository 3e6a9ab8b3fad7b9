#pragma once

#include <string>

namespace flotilla {

/// What there may be to do, as servers of one database announce it to each other.
enum class WorkKind {
    submit,  ///< a run waits for its cluster
    stop,    ///< a run's container has to go
    retry,   ///< a back-off began
};

/// `cluster` is empty where the work is not that of one cluster.
[[nodiscard]] inline std::string topic(WorkKind kind, const std::string& cluster = {}) {
    switch (kind) {
        case WorkKind::submit:
            return "submit " + cluster;
        case WorkKind::stop:
            return "stop " + cluster;
        case WorkKind::retry:
            return "retry";
    }
    return {};
}

}  // namespace flotilla
