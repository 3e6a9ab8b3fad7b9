#pragma once

#include <optional>
#include <string>

#include <boost/json/object.hpp>

#include "base/guarded.hpp"
#include "engine/ecs/definition_renewals.hpp"
#include "engine/ecs/ecs_settings.hpp"
#include "engine/ecs/run_task.hpp"
#include "engine/engine.hpp"

namespace flotilla {

/// Starts the tasks of one cluster. What is passed by reference outlives this object. Safe to call from any
/// thread.
class TaskStarts {
public:
    TaskStarts(AwsClient& aws, std::string cluster, EcsSettings settings, RenewDefinition renew)
        : aws_(aws),
          cluster_(std::move(cluster)),
          settings_(std::move(settings)),
          renewals_(std::move(renew)) {}

    /// Starts the task as `request` says, see `Run::engine_request`; what is amiss with its task definition
    /// concerns all that are started of it. Throws `unavailable` where it is not known whether it was
    /// started.
    SubmitOutcome start(const Task& task, const boost::json::object& request);
    /// Why AWS did not let the last task be started; nothing if it did.
    [[nodiscard]] std::optional<std::string> denial() { return *denied_.lock(); }

private:
    SubmitOutcome without_definition(const RunId& run, const std::string& definition, const Error& error);

    AwsClient& aws_;
    std::string cluster_;
    EcsSettings settings_;
    DefinitionRenewals renewals_;
    Guarded<std::optional<std::string>> denied_;
};

}  // namespace flotilla
