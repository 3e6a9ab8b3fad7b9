#pragma once

#include <functional>
#include <optional>
#include <string>

#include <boost/json/object.hpp>

#include "base/guarded.hpp"
#include "engine/ecs/ecs_settings.hpp"
#include "engine/ecs/run_task.hpp"
#include "engine/engine.hpp"

namespace flotilla {

/// A run's task definition of that ARN is not there any more: whether the run, as it is stored from here on,
/// names one that is. Throws `Error` if that cannot be done.
using RenewDefinition = std::function<bool(const RunId&, const std::string&)>;

/// Starts the tasks of one cluster. What is passed by reference outlives this object. Safe to call from any
/// thread.
class TaskStarts {
public:
    TaskStarts(AwsClient& aws, std::string cluster, EcsSettings settings, RenewDefinition renew)
        : aws_(aws), cluster_(std::move(cluster)), settings_(std::move(settings)), renew_(std::move(renew)) {}

    /// Starts the attempt's task as its request says, see `Run::engine_request`. Throws `unavailable` where it
    /// is not known whether it was started.
    SubmitOutcome start(const AttemptName& name, const boost::json::object& request);
    /// Why AWS did not let the last task be started; nothing if it did.
    [[nodiscard]] std::optional<std::string> denial() { return *denied_.lock(); }

private:
    SubmitOutcome without_definition(const RunId& run, const std::string& definition, const Error& error);

    AwsClient& aws_;
    std::string cluster_;
    EcsSettings settings_;
    RenewDefinition renew_;
    Guarded<std::optional<std::string>> denied_;
};

}  // namespace flotilla
