#include "cli/token_options.hpp"

namespace flotilla {

void TokenOptions::declare(Arguments& arguments) {
    arguments.option("--config", "DIR", config, "The folder of the configuration that names the database");
}

}  // namespace flotilla
