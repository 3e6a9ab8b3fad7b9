#pragma once

#include <string>

#include <boost/json/object.hpp>

#include "core/definition.hpp"
#include "core/run.hpp"
#include "engine/ecs/ecs_settings.hpp"
#include "engine/engine.hpp"

namespace flotilla {

/// What RegisterTaskDefinition is asked for a definition. Throws `invalid` for what ECS cannot have. See
/// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_RegisterTaskDefinition.html
[[nodiscard]] boost::json::object task_definition(const Definition& definition, const EcsSettings& settings);

/// What a run has otherwise than the task definition of `definition`: the `overrides` of RunTask. Throws
/// `invalid` for what cannot be overridden, or if they are longer than ECS takes.
[[nodiscard]] boost::json::object task_overrides(const Definition& definition, const Run& run,
                                                 const EcsSettings& settings);

/// What RunTask is asked for an attempt: the same each time, as its client token has to stand for one
/// request. `request` is what `EcsPreparation` gave the run. See
/// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_RunTask.html
[[nodiscard]] boost::json::object run_task_input(const AttemptName& name, const boost::json::object& request,
                                                 const std::string& cluster, const EcsSettings& settings);

}  // namespace flotilla
