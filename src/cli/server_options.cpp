#include "cli/server_options.hpp"

#include "cli/text.hpp"

namespace flotilla {

void ServerOptions::declare(Arguments& arguments) {
    arguments.option("--server", "URL", server.url, "The server to ask", "FLOTILLA_SERVER");
    arguments.option("--token", "TOKEN", server.token, "Who asks, where the server wants to know",
                     "FLOTILLA_TOKEN");
}

void declare_json(Arguments& arguments, bool& json) {
    arguments.flag("--json", json, "Prints JSON, for programs");
}

void say(Surroundings& surroundings, const std::string& message) {
    surroundings.err << "flotilla: " << one_line(message) << std::endl;
}

}  // namespace flotilla
