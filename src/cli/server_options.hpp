#pragma once

#include <ostream>
#include <string>

#include "cli/command.hpp"
#include "client/api_client.hpp"

namespace flotilla {

/// The options of every command that asks a server.
struct ServerOptions {
    ServerAddress server{.url = "http://127.0.0.1:3000", .token = ""};

    void declare(Arguments& arguments);
    [[nodiscard]] ApiClient client(Surroundings& surroundings) const { return {surroundings.http, server}; }
};

/// `--json`: the server's answer instead of text for people.
void declare_json(Arguments& arguments, bool& json);

/// One line for people on standard error.
void say(Surroundings& surroundings, const std::string& message);

}  // namespace flotilla
