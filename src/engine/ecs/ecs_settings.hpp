#pragma once

#include <chrono>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace flotilla {

/// How containers run on ECS, whatever runs in them.
struct EcsSettings {
    std::string network_mode = "host";
    bool is_privileged = false;
    std::string user = "root";  ///< where the definition names none; empty: the image's
    std::string launch_type = "EC2";
    std::vector<std::string> subnets{};  ///< this and the next for the network mode `awsvpc`
    std::vector<std::string> security_groups{};
    std::string assign_public_ip = "DISABLED";
    std::string execution_role{};  ///< by which ECS itself acts: secrets, and Fargate
    std::string log_driver = "awslogs";
    std::vector<std::pair<std::string, std::string>> log_options{};
    std::string log_location{};  ///< where the driver writes, as who reads it knows it; empty: nobody does
    std::chrono::seconds stop_grace{30};           ///< between SIGTERM and SIGKILL
    std::map<std::string, std::string> secrets{};  ///< by name: the ARN that holds the value
    std::string server_url{};                      ///< where jobs reach this server; empty: they are not told

    [[nodiscard]] bool is_fargate() const { return launch_type == "FARGATE"; }
};

}  // namespace flotilla
