#include "config/host_facts.hpp"

#include <algorithm>
#include <array>
#include <climits>

#include <fmt/format.h>
#include <pwd.h>
#include <unistd.h>

#include "base/file.hpp"
#include "base/ini_text.hpp"

namespace flotilla {

namespace {

bool is_set(const Environment& environment, const std::string& name) {
    const auto found = environment.find(name);
    return found != environment.end() && !found->second.empty();
}

std::filesystem::path home_folder(const Environment& environment) {
    if (is_set(environment, "HOME")) {
        return environment.at("HOME");
    }
    // Read once, before any thread is started.
    const passwd* user = ::getpwuid(::geteuid());  // NOLINT(concurrency-mt-unsafe)
    return user == nullptr ? "/" : user->pw_dir;
}

bool docker_is_there(const Environment& environment) {
    std::error_code ignored;
    return is_set(environment, "DOCKER_HOST") || std::filesystem::is_socket("/var/run/docker.sock", ignored);
}

/// As docker's own client reads them: https://docs.docker.com/reference/cli/docker/#environment-variables
void find_docker(const Environment& environment, HostFacts& facts) {
    facts.has_docker = docker_is_there(environment);
    if (is_set(environment, "DOCKER_HOST")) {
        facts.docker_host = environment.at("DOCKER_HOST");
    }
    if (is_set(environment, "DOCKER_TLS_VERIFY")) {
        facts.docker_certificates = is_set(environment, "DOCKER_CERT_PATH")
                                        ? environment.at("DOCKER_CERT_PATH")
                                        : (facts.home / ".docker").string();
    }
}

bool aws_is_configured(const Environment& environment, const std::filesystem::path& home) {
    constexpr std::array variables{"AWS_ACCESS_KEY_ID", "AWS_PROFILE", "AWS_WEB_IDENTITY_TOKEN_FILE",
                                   "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
                                   "AWS_CONTAINER_CREDENTIALS_FULL_URI"};
    std::error_code ignored;
    return std::ranges::any_of(variables, [&](const char* name) { return is_set(environment, name); }) ||
           std::filesystem::exists(home / ".aws" / "credentials", ignored);
}

/// Empty where it is not there, or may not be read.
std::string readable_text(const std::filesystem::path& file) {
    try {
        return read_file(file).value_or("");
    } catch (const std::exception&) {
        return "";
    }
}

/// See https://docs.aws.amazon.com/sdkref/latest/guide/feature-region.html
std::string region_of_aws(const Environment& environment, const std::filesystem::path& home) {
    if (is_set(environment, "AWS_REGION")) {
        return environment.at("AWS_REGION");
    }
    const std::filesystem::path file = is_set(environment, "AWS_CONFIG_FILE")
                                           ? std::filesystem::path(environment.at("AWS_CONFIG_FILE"))
                                           : home / ".aws" / "config";
    const std::string profile =
        is_set(environment, "AWS_PROFILE") ? environment.at("AWS_PROFILE") : "default";
    return ini_value(parse_ini(readable_text(file)), profile == "default" ? profile : "profile " + profile,
                     "region");
}

}  // namespace

std::string host_name() {
    std::array<char, HOST_NAME_MAX + 1> name{};
    return ::gethostname(name.data(), name.size() - 1) == 0 ? name.data() : "localhost";
}

Environment process_environment() {
    Environment environment;
    for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
        const std::string text = *entry;
        const auto equals = text.find('=');
        if (equals != std::string::npos) {
            environment.emplace(text.substr(0, equals), text.substr(equals + 1));
        }
    }
    return environment;
}

HostFacts look_at_host(const Environment& environment) {
    HostFacts facts;
    facts.is_root = ::geteuid() == 0;
    facts.home = home_folder(environment);
    facts.name = host_name();
    facts.memory = (::sysconf(_SC_PHYS_PAGES) / 1024) * ::sysconf(_SC_PAGESIZE) / 1024;
    while (std::filesystem::exists(fmt::format("/dev/nvidia{}", facts.gpus))) {
        ++facts.gpus;
    }
    find_docker(environment, facts);
    facts.has_aws = aws_is_configured(environment, facts.home);
    facts.aws_region = region_of_aws(environment, facts.home);
    return facts;
}

std::int64_t memory_for_runs(std::int64_t memory) {
    return std::max<std::int64_t>(0, memory - std::max<std::int64_t>(512, memory / 10));
}

}  // namespace flotilla
