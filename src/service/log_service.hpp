#pragma once

#include <string_view>

#include "cluster/clusters.hpp"
#include "logs/log_reader.hpp"
#include "service/run_service.hpp"

namespace flotilla {

/// What users can do with logs.
class LogService {
public:
    LogService(RunService& runs, const Clusters& clusters) : runs_(runs), clusters_(clusters) {}

    /// The page after `last_seen`; an empty page without a token before the run is `RUNNING`.
    /// Throws `not_found` for an unknown run, `invalid` for a bad token.
    [[nodiscard]] LogPage read(const RunId& id, std::string_view last_seen);

private:
    RunService& runs_;
    const Clusters& clusters_;
};

}  // namespace flotilla
