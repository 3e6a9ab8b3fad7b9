#include "engine/ecs/task_definition.hpp"

#include <algorithm>
#include <array>

#include <boost/json.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/error.hpp"
#include "engine/ecs/task_state.hpp"
#include "engine/job_script.hpp"
#include "net/aws/json_fields.hpp"

namespace flotilla {

namespace {

namespace json = boost::json;

constexpr std::size_t longest_family = 255;
constexpr std::size_t longest_overrides = 8192;

/// ECS counts 1024 units a core. None are asked for with one, which is what a container has that says
/// nothing: https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerDefinition.html (cpu)
std::int64_t cpu_units(const std::optional<std::int64_t>& thousandths) {
    return std::max<std::int64_t>(1, thousandths.value_or(0) * 1024 / 1000);
}

json::array name_values(const Env& env) {
    json::array list;
    for (const EnvVar& variable : env) {
        json::object entry;
        entry["name"] = variable.name;
        entry["value"] = variable.value;
        list.push_back(std::move(entry));
    }
    return list;
}

json::array command_of(const std::string& command, bool is_traced) {
    return {"bash", "-l", "-c", json::string(job_script(command, is_traced))};
}

json::array gpu_requirement(std::int64_t gpus) {
    json::object requirement;
    requirement["type"] = "GPU";
    requirement["value"] = std::to_string(gpus);
    return {std::move(requirement)};
}

json::object map_of(const std::vector<std::pair<std::string, std::string>>& pairs) {
    json::object map;
    for (const auto& [name, value] : pairs) {
        map[name] = value;
    }
    return map;
}

/// The smallest size that Fargate sells that holds both; MiB and units. See
/// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-tasks-services.html#fargate-tasks-size
std::pair<std::int64_t, std::int64_t> fargate_size(std::int64_t memory, std::int64_t cpu) {
    struct Size {
        std::int64_t cpu;
        std::int64_t least;
        std::int64_t most;
        std::int64_t step;
    };
    constexpr std::int64_t gibibyte = 1024;
    constexpr std::array<Size, 8> sizes{{{256, 512, gibibyte, 512},
                                         {256, 2 * gibibyte, 2 * gibibyte, 2 * gibibyte},
                                         {512, gibibyte, 4 * gibibyte, gibibyte},
                                         {1024, 2 * gibibyte, 8 * gibibyte, gibibyte},
                                         {2048, 4 * gibibyte, 16 * gibibyte, gibibyte},
                                         {4096, 8 * gibibyte, 30 * gibibyte, gibibyte},
                                         {8192, 16 * gibibyte, 60 * gibibyte, 4 * gibibyte},
                                         {16384, 32 * gibibyte, 120 * gibibyte, 8 * gibibyte}}};
    for (const Size& size : sizes) {
        if (size.cpu >= cpu && size.most >= memory) {
            const auto steps = (std::max(memory, size.least) + size.step - 1) / size.step;
            return {steps * size.step, size.cpu};
        }
    }
    throw invalid("Fargate has no task of {} MiB and {} CPU units; its largest has 122880 and 16384", memory,
                  cpu);
}

void check_gpu(const std::optional<std::int64_t>& gpu, const EcsSettings& settings) {
    if (gpu && settings.is_fargate()) {
        throw invalid("int [gpu] has to be 0: Fargate has no GPUs (ecs.launch_type)");
    }
}

void check_for_ecs(const Definition& definition, const EcsSettings& settings) {
    const std::string& family = definition.id.value;
    if (family.size() > longest_family) {
        throw invalid(
            "string [group_name] may be {} letters long on ECS: task definitions are named after it",
            definition.group_name.size() - (family.size() - longest_family));
    }
    for (const std::string& secret : definition.secrets) {
        if (!settings.secrets.contains(secret)) {
            throw invalid("secret [{}] cannot be had on ECS: its configuration has to be {{arn: ARN}}",
                          secret);
        }
    }
    check_gpu(definition.gpu, settings);
    constexpr std::int64_t least_memory = 4;
    if (definition.memory < least_memory) {
        throw invalid("int [memory] has to be {} or more on ECS", least_memory);
    }
}

json::object container_of(const Definition& definition, const EcsSettings& settings) {
    json::object container;
    container["name"] = definition.id.value;
    container["image"] = definition.image;
    container["essential"] = true;
    container["command"] = command_of(definition.command, definition.secrets.empty());
    container["memory"] = definition.memory;
    if (definition.cpu) {
        container["cpu"] = cpu_units(definition.cpu);
    }
    container["environment"] = name_values(definition.env);
    json::array ports;
    for (const int port : definition.ports) {
        json::object mapping;
        mapping["containerPort"] = port;
        mapping["hostPort"] = port;
        ports.push_back(std::move(mapping));
    }
    if (settings.network_mode != "none") {
        container["portMappings"] = std::move(ports);
    }
    json::object labels;
    labels["alias"] = definition.alias;
    labels["group.name"] = definition.group_name;
    labels["tags"] = fmt::format("{}", fmt::join(definition.tags, ","));
    container["dockerLabels"] = std::move(labels);
    json::object log;
    log["logDriver"] = settings.log_driver;
    log["options"] = map_of(settings.log_options);
    container["logConfiguration"] = std::move(log);
    const std::string& user = definition.user.empty() ? settings.user : definition.user;
    if (!user.empty()) {
        container["user"] = user;
    }
    if (settings.is_privileged && !settings.is_fargate()) {
        container["privileged"] = true;
    }
    constexpr std::int64_t longest_on_fargate = 120;
    container["stopTimeout"] = settings.is_fargate()
                                   ? std::min(settings.stop_grace.count(), longest_on_fargate)
                                   : settings.stop_grace.count();
    json::array secrets;
    for (const std::string& name : definition.secrets) {
        json::object secret;
        secret["name"] = name;
        secret["valueFrom"] = settings.secrets.at(name);
        secrets.push_back(std::move(secret));
    }
    if (!secrets.empty()) {
        container["secrets"] = std::move(secrets);
    }
    if (definition.gpu) {
        container["resourceRequirements"] = gpu_requirement(*definition.gpu);
    }
    return container;
}

}  // namespace

json::object task_definition(const Definition& definition, const EcsSettings& settings) {
    check_for_ecs(definition, settings);
    json::object input;
    input["family"] = definition.id.value;
    input["networkMode"] = settings.network_mode;
    input["containerDefinitions"] = json::array{container_of(definition, settings)};
    if (!settings.execution_role.empty()) {
        input["executionRoleArn"] = settings.execution_role;
    }
    if (settings.is_fargate()) {
        const auto [memory, cpu] = fargate_size(definition.memory, cpu_units(definition.cpu));
        input["requiresCompatibilities"] = json::array{"FARGATE"};
        input["memory"] = std::to_string(memory);
        input["cpu"] = std::to_string(cpu);
    }
    return input;
}

json::object task_overrides(const Definition& definition, const Run& run, const EcsSettings& settings) {
    if (run.spec.secrets != definition.secrets) {
        throw invalid("secrets cannot be overridden on ECS: they belong to the task definition");
    }
    check_gpu(run.spec.gpu, settings);
    json::object container;
    container["name"] = definition.id.value;
    Env env = run.env;
    if (!settings.server_url.empty()) {
        env.push_back({"FLOTILLA_URL", settings.server_url});
    }
    container["environment"] = name_values(merged_env({&env}));
    if (run.spec.command != definition.command) {
        container["command"] = command_of(run.spec.command, run.spec.secrets.empty());
    }
    if (run.spec.memory != definition.memory) {
        container["memory"] = run.spec.memory;
    }
    if (run.spec.cpu != definition.cpu) {
        container["cpu"] = cpu_units(run.spec.cpu);
    }
    if (definition.gpu && !run.spec.gpu) {
        throw invalid(
            "int [gpu] cannot be overridden by 0 on ECS: execute a definition that asks for no GPU");
    }
    if (run.spec.gpu != definition.gpu) {
        container["resourceRequirements"] = gpu_requirement(*run.spec.gpu);
    }
    json::object overrides;
    overrides["containerOverrides"] = json::array{std::move(container)};
    if (settings.is_fargate() && (run.spec.memory != definition.memory || run.spec.cpu != definition.cpu)) {
        const auto [memory, cpu] = fargate_size(run.spec.memory, cpu_units(run.spec.cpu));
        overrides["memory"] = std::to_string(memory);
        overrides["cpu"] = std::to_string(cpu);
    }
    const std::size_t length = json::serialize(overrides).size();
    if (length > longest_overrides) {
        throw invalid(
            "the environment of the run and what it overrides are {} characters long on ECS, and may be {}: "
            "put "
            "long values into the definition",
            length, longest_overrides);
    }
    return overrides;
}

json::object run_task_input(const AttemptName& name, const json::object& request, const std::string& cluster,
                            const EcsSettings& settings) {
    json::object input = request;
    input["cluster"] = cluster;
    input["count"] = 1;
    input["clientToken"] = name.text();
    input["startedBy"] = started_by(name);
    input["launchType"] = settings.launch_type;
    if (settings.network_mode == "awsvpc") {
        json::object network;
        network["subnets"] = aws::to_array(settings.subnets);
        network["securityGroups"] = aws::to_array(settings.security_groups);
        network["assignPublicIp"] = settings.assign_public_ip;
        json::object configuration;
        configuration["awsvpcConfiguration"] = std::move(network);
        input["networkConfiguration"] = std::move(configuration);
    }
    return input;
}

}  // namespace flotilla
