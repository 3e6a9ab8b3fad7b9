#include "engine/ecs/ecs_preparation.hpp"

#include <boost/json.hpp>

#include "base/crypto.hpp"
#include "engine/ecs/task_definition.hpp"
#include "net/aws/json_fields.hpp"

namespace flotilla {

namespace json = boost::json;

std::string EcsPreparation::register_definition(const Definition& definition) {
    const AwsClient::Limits for_a_user{.patience = std::chrono::seconds{3},
                                       .timeout = std::chrono::seconds{3}};
    const json::object answer =
        aws_.call(ecs_service, "RegisterTaskDefinition", task_definition(definition, settings_), for_a_user);
    std::string arn = aws::text(aws::object(answer, "taskDefinition"), "taskDefinitionArn");
    if (arn.empty()) {
        throw unavailable("ECS registered a task definition and did not say which");
    }
    return arn;
}

bool EcsPreparation::is_registered(const Definition& definition) {
    return definition.arn.find(":task-definition/") != std::string::npos;
}

std::string EcsPreparation::digest_of(const Definition& definition) {
    return sha256_of(json::serialize(task_definition(definition, settings_)));
}

void EcsPreparation::deregister(const std::string& object) {
    json::object input;
    input["taskDefinition"] = object;
    aws_.call(ecs_service, "DeregisterTaskDefinition", input);
}

std::string EcsPreparation::request_of(const Definition& definition, const Run& run) {
    if (clusters_.is_missing(run.cluster)) {
        throw invalid("cluster [{}] does not exist in ECS, or is not active", run.cluster);
    }
    const auto largest = settings_.is_fargate() ? std::nullopt : clusters_.largest_instance(run.cluster);
    if (largest && run.spec.memory >= *largest) {
        throw invalid("definition [{}] cannot be run on cluster [{}]: its largest instance has {} MiB",
                      definition.id.value, run.cluster, *largest);
    }
    json::object request;
    request["taskDefinition"] = definition.arn;
    request["overrides"] = task_overrides(definition, run, settings_);
    return json::serialize(request);
}

}  // namespace flotilla
