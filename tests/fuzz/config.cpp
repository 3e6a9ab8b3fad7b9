#include "config/load.hpp"
#include "fuzz_target.hpp"

namespace flotilla::fuzz {

namespace {

/// Lines `NAME=VALUE` up to an empty one.
Environment take_environment(std::string_view& input) {
    Environment environment;
    while (!input.empty()) {
        const std::string_view line = input.substr(0, input.find('\n'));
        input.remove_prefix(std::min(line.size() + 1, input.size()));
        const auto equals = line.find('=');
        if (equals == std::string_view::npos) {
            break;
        }
        environment[std::string(line.substr(0, equals))] = line.substr(equals + 1);
    }
    return environment;
}

}  // namespace

void config(std::string_view input) {
    const LoadOptions options{.ignore_unknown = take_byte(input) % 2 == 1,
                              .file_required = true,
                              .host = HostFacts{.is_root = true,
                                                .home = "/root",
                                                .name = "host-1",
                                                .memory = 8192,
                                                .has_docker = false,
                                                .has_aws = false}};
    const Environment environment = take_environment(input);
    const LoadedConfig loaded = load_config_text("config.yml", std::string(input), environment, options);
    for (const auto* messages : {&loaded.errors, &loaded.not_built, &loaded.warnings}) {
        for (const std::string& message : *messages) {
            require(!message.empty() && message.find_first_of("\r\n") == std::string::npos,
                    "each message is one line: " + message);
        }
    }
}

}  // namespace flotilla::fuzz
