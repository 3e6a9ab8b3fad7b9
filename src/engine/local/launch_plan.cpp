#include "engine/local/launch_plan.hpp"

#include <sstream>
#include <system_error>

#include <arpa/inet.h>

#include "base/file.hpp"
#include "engine/local/gpus.hpp"

namespace flotilla {

namespace {

const std::string default_path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

std::string read_or_empty(const char* path) {
    try {
        return read_file(path).value_or("");
    } catch (const std::system_error&) {
        return {};
    }
}

void ensure_line_end(std::string& text) {
    if (!text.empty() && text.back() != '\n') {
        text += '\n';
    }
}

Env secret_env(const std::vector<SecretVariable>& secrets) {
    Env env;
    for (const SecretVariable& secret : secrets) {
        env.push_back({secret.name, secret.value});
    }
    return env;
}

std::vector<std::string> container_env(const Env& given, const std::string& hostname) {
    std::vector<std::string> env;
    for (const EnvVar& variable : given) {
        env.push_back(variable.name + "=" + variable.value);
    }
    if (find_env(given, "PATH") == nullptr) {
        env.push_back("PATH=" + default_path);
    }
    if (find_env(given, "HOSTNAME") == nullptr) {
        env.push_back("HOSTNAME=" + hostname);
    }
    return env;
}

const std::string& real_resolv_conf(const HostNetworkFiles& host) {
    const bool is_stub = host.resolv_conf.find("nameserver 127.0.0.53") != std::string::npos;
    return is_stub && !host.resolved_resolv_conf.empty() ? host.resolved_resolv_conf : host.resolv_conf;
}

/// The name server that a line of resolv.conf names; empty if it names none.
std::string name_server(const std::string& line) {
    std::istringstream words(line);
    std::string keyword;
    std::string server;
    words >> keyword >> server;
    return keyword == "nameserver" ? server : "";
}

bool is_ipv4(const std::string& text) {
    in_addr address{};
    return ::inet_pton(AF_INET, text.c_str(), &address) == 1;
}

std::string private_resolv_conf(const std::string& text, const std::string& host_address) {
    std::istringstream lines(text);
    std::string servers;
    std::string rest;
    for (std::string line; std::getline(lines, line);) {
        const std::string server = name_server(line);
        if (server.empty()) {
            rest += line + "\n";
        } else if (is_ipv4(server) && !server.starts_with("127.")) {
            servers += line + "\n";
        }
    }
    return rest + (servers.empty() ? "nameserver " + host_address + "\n" : servers);
}

}  // namespace

std::vector<std::string> name_servers(const HostNetworkFiles& host) {
    std::istringstream lines(real_resolv_conf(host));
    std::vector<std::string> servers;
    for (std::string line; std::getline(lines, line);) {
        const std::string server = name_server(line);
        if (is_ipv4(server)) {
            servers.push_back(server);
        }
    }
    return servers;
}

HostNetworkFiles read_host_network_files() {
    return {read_or_empty("/etc/hosts"), read_or_empty("/etc/resolv.conf"),
            read_or_empty("/run/systemd/resolve/resolv.conf")};
}

std::string container_hosts(const HostNetworkFiles& host, const JobNetwork& network,
                            const std::string& hostname) {
    std::string hosts = "127.0.0.1 localhost\n::1 localhost ip6-localhost ip6-loopback\n";
    if (network.kind == RunNetwork::host && !host.hosts.empty()) {
        hosts = host.hosts;
        ensure_line_end(hosts);
    }
    // As Debian names a host that has no address of its own.
    return hosts + (network.address.empty() ? "127.0.1.1" : network.address) + " " + hostname + "\n";
}

std::string container_resolv_conf(const HostNetworkFiles& host, const JobNetwork& network) {
    if (network.kind == RunNetwork::none) {
        return {};
    }
    const std::string& text = real_resolv_conf(host);
    return network.kind == RunNetwork::host ? text : private_resolv_conf(text, network.host_address);
}

launcher::LaunchSpec plan_launch(const Task& task, const StoredImage& image, const HostNetworkFiles& host,
                                 const LaunchSettings& settings) {
    constexpr std::size_t hostname_length = 12;
    const Env env = merged_env({&image.config.env, &task.env});
    const std::string* const path = find_env(env, "PATH");

    launcher::LaunchSpec spec;
    spec.folder = std::filesystem::absolute(settings.folder).string();
    spec.image = task.image;
    for (auto layer = image.layers.rbegin(); layer != image.layers.rend(); ++layer) {
        spec.layers.push_back(std::filesystem::absolute(*layer).string());
    }
    spec.hostname = task.name.run.value.substr(0, hostname_length);
    spec.hosts = container_hosts(host, settings.network, spec.hostname);
    spec.resolv_conf = container_resolv_conf(host, settings.network);
    spec.command = task.command;
    spec.kept_path = path != nullptr ? *path : "";
    const Env secrets = secret_env(settings.secrets);
    const Env gpus = gpu_env(settings.gpus, env);
    spec.env = container_env(merged_env({&env, &gpus, &secrets}), spec.hostname);
    spec.traced = task.secrets.empty();
    for (const SecretVariable& secret : settings.secrets) {
        if (secret.masked) {
            spec.masked.push_back(secret.value);
        }
    }
    spec.user = task.user.empty() ? image.config.user : task.user;
    const std::string& working_dir = image.config.working_dir;
    spec.working_dir = working_dir.starts_with('/') ? working_dir : "/" + working_dir;
    spec.log_limit = settings.log_limit;
    spec.start_before = settings.start_before;
    spec.mounts = settings.mounts;
    return spec;
}

}  // namespace flotilla
