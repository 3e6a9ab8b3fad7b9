#include "config/config.hpp"

#include <algorithm>

namespace flotilla {

std::string ListenAddress::text() const {
    const bool is_ipv6 = host.find(':') != std::string::npos;
    return (is_ipv6 ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

bool is_loopback(const ListenAddress& address) {
    return address.host == "localhost" || address.host == "::1" || address.host.starts_with("127.");
}

std::optional<std::filesystem::path> sqlite_file(const Config& config) {
    constexpr std::string_view scheme = "sqlite:";
    if (!config.database_url.starts_with(scheme)) {
        return std::nullopt;
    }
    return config.data_dir / config.database_url.substr(scheme.size());
}

ClusterConfig account_cluster(std::string name) {
    return {.name = std::move(name),
            .engine = "ecs",
            .memory = ClusterConfig::not_bounded,
            .gpu = ClusterConfig::not_bounded};
}

bool is_worker_enabled(const Config& config, std::string_view worker) {
    const auto& enabled = config.enabled_workers;
    return std::find(enabled.begin(), enabled.end(), worker) != enabled.end();
}

}  // namespace flotilla
