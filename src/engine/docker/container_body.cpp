#include "engine/docker/container_body.hpp"

#include <boost/json.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "engine/job_script.hpp"

namespace flotilla {

namespace {

namespace json = boost::json;

/// Has the container's init send a signal to all processes of the job, not to its shell alone; see
/// https://github.com/krallin/tini#process-group-killing
constexpr const char* whole_group = "TINI_KILL_PROCESS_GROUP";

/// Becomes the image's bash as a login shell, or its sh, which runs the first argument with the PATH that the
/// container was given: what the image has is known inside it alone.
/// Both streams are one from there on, as the daemon does not keep the order of what comes by two.
constexpr const char* become_shell = R"(exec 2>&1
unset TINI_KILL_PROCESS_GROUP
[ -x /bin/bash ] && exec /bin/bash -l -c "$1" /bin/bash "$PATH:"
[ -x /usr/bin/bash ] && exec /usr/bin/bash -l -c "$1" /usr/bin/bash "$PATH:"
[ -x /usr/local/bin/bash ] && exec /usr/local/bin/bash -l -c "$1" /usr/local/bin/bash "$PATH:"
exec /bin/sh -c "$1" /bin/sh "")";

/// A login shell's profile sets PATH, so the one that was given is put in front again.
std::string script_of(const Task& task) {
    return R"(PATH="$1$PATH"; shift; )" + job_script(task.command, task.secrets.empty());
}

Env variables_of(const Task& task, const std::vector<SecretVariable>& secrets) {
    Env secret;
    for (const SecretVariable& variable : secrets) {
        secret.push_back({variable.name, variable.value});
    }
    return merged_env({&task.env, &secret});
}

json::array env_of(const Task& task, const std::vector<SecretVariable>& secrets) {
    json::array env;
    for (const EnvVar& variable : variables_of(task, secrets)) {
        env.emplace_back(variable.name + "=" + variable.value);
    }
    env.emplace_back(std::string(whole_group) + "=1");
    return env;
}

json::object labels_of(const Task& task, const std::vector<SecretVariable>& secrets,
                       const std::string& cluster) {
    std::vector<std::string> masked;
    for (const SecretVariable& variable : secrets) {
        if (variable.masked) {
            masked.push_back(variable.name);
        }
    }
    json::object labels;
    labels["flotilla.run_id"] = task.name.run.value;
    labels["flotilla.attempt"] = std::to_string(task.name.number);
    labels[cluster_label] = cluster;
    labels[masked_label] = fmt::format("{}", fmt::join(masked, ","));
    return labels;
}

json::array mounts_of(const std::vector<ContainerMount>& mounts) {
    json::array list;
    for (const ContainerMount& mount : mounts) {
        json::object object;
        object["Type"] = "bind";
        object["Source"] = mount.host;
        object["Target"] = mount.path;
        object["ReadOnly"] = mount.is_read_only;
        list.push_back(std::move(object));
    }
    return list;
}

/// `local` keeps bytes as they are, where `json-file` keeps only valid UTF-8. The log is copied from it, over
/// again after a restart, so nothing of it may be rotated away.
json::object log_config(DaemonKind kind) {
    if (kind == DaemonKind::podman) {
        return {{"Type", "k8s-file"}};  // a plain file, which is not rotated
    }
    json::object config;
    config["max-size"] = "1000t";
    config["max-file"] = "1";
    config["compress"] = "false";
    json::object log;
    log["Type"] = "local";
    log["Config"] = std::move(config);
    return log;
}

/// As `docker run --gpus '"device=0,2"'` asks.
json::array gpu_requests(const std::vector<int>& gpus) {
    if (gpus.empty()) {
        return {};
    }
    json::array ids;
    for (const int gpu : gpus) {
        ids.emplace_back(std::to_string(gpu));
    }
    json::object request;
    request["Driver"] = "";
    request["DeviceIDs"] = std::move(ids);
    request["Capabilities"].emplace_array().emplace_back(json::array({"gpu"}));
    return {std::move(request)};
}

std::string network_mode(ContainerNetwork network, const std::string& private_network) {
    switch (network) {
        case ContainerNetwork::own:
            return private_network;
        case ContainerNetwork::host:
            return "host";
        case ContainerNetwork::none:
            break;
    }
    return "none";
}

/// Its ports are the host's, whatever its network is.
json::object port_bindings(const Task& task, const ContainerSettings& settings) {
    json::object bindings;
    if (settings.network == ContainerNetwork::own) {
        for (const int port : task.ports) {
            json::object host_port;
            host_port["HostPort"] = std::to_string(port);
            bindings[fmt::format("{}/tcp", port)] = json::array{std::move(host_port)};
        }
    }
    return bindings;
}

/// Nothing that Docker does not give by default; less where the local engine gives less.
json::object host_config(const SubmittedTask& submitted, const ContainerSettings& settings, DaemonKind kind,
                         const std::string& private_network) {
    const Task& task = submitted.task;
    constexpr std::int64_t bytes_per_mebibyte = std::int64_t{1} << 20;
    constexpr std::int64_t nanocpus_per_cpu = 1'000'000;  // of 1/1000 of a core
    constexpr int before_the_hosts_programs = 500;        // when the host runs out of memory
    json::object host;
    host["Memory"] = task.memory * bytes_per_mebibyte;
    host["MemorySwap"] = task.memory * bytes_per_mebibyte;  // with swap: none beyond the memory
    host["NanoCpus"] = task.cpu.value_or(0) * nanocpus_per_cpu;
    host["PidsLimit"] = settings.pids_limit;
    host["OomScoreAdj"] = before_the_hosts_programs;
    host["NetworkMode"] = network_mode(settings.network, private_network);
    host["PortBindings"] = port_bindings(task, settings);
    host["DeviceRequests"] = gpu_requests(submitted.gpus);
    host["Mounts"] = mounts_of(settings.mounts);
    host["Init"] = true;
    host["CapDrop"] = json::array{"MKNOD"};
    host["SecurityOpt"] = json::array{"no-new-privileges"};
    host["LogConfig"] = log_config(kind);
    return host;
}

}  // namespace

std::string container_name(const AttemptName& name) {
    return "flotilla-" + name.text();
}

std::optional<std::string> container_mistake(const Task& task, const std::vector<SecretVariable>& secrets) {
    constexpr std::size_t kibibyte = 1024;
    if (script_of(task).size() >= longest_argument) {
        return fmt::format("the command is longer than the {} KiB that Docker can hand to a shell",
                           longest_argument / kibibyte);
    }
    for (const EnvVar& variable : variables_of(task, secrets)) {
        if (variable.name.size() + 1 + variable.value.size() >= longest_argument) {
            return fmt::format("the environment variable {} is longer than {} KiB", variable.name,
                               longest_argument / kibibyte);
        }
    }
    return std::nullopt;
}

std::string container_body(const SubmittedTask& submitted, const std::string& image,
                           const std::vector<SecretVariable>& secrets, const ContainerSettings& settings,
                           DaemonKind kind, const std::string& private_network) {
    const Task& task = submitted.task;
    constexpr std::size_t hostname_length = 12;
    json::object body;
    body["Image"] = image;
    body["Hostname"] = task.name.run.value.substr(0, hostname_length);
    body["Entrypoint"] = json::array{"/bin/sh", "-c", become_shell, "flotilla"};
    body["Cmd"] = json::array{json::string(script_of(task))};
    body["Env"] = env_of(task, secrets);
    body["User"] = task.user;
    body["Labels"] = labels_of(task, secrets, settings.cluster);
    json::object ports;
    for (const int port : task.ports) {
        ports[fmt::format("{}/tcp", port)] = json::object();
    }
    body["ExposedPorts"] = std::move(ports);
    body["HostConfig"] = host_config(submitted, settings, kind, private_network);
    return json::serialize(body);
}

}  // namespace flotilla
