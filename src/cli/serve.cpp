#include "app/serve.hpp"

#include <string>

#include "cli/command.hpp"

namespace flotilla {

namespace {

class ServeCommand final : public Command {
public:
    void declare(Arguments& arguments) override {
        arguments.option("--config", "DIR", config_, "The folder that holds config.yml, or such a file");
        arguments.flag("--check", options_.check, "Checks the configuration, all of it, and ends");
        arguments.flag("--ignore-unknown", options_.ignore_unknown,
                       "Warns of unknown keys instead of refusing them");
    }

    int execute(Surroundings& /*surroundings*/) override {
        options_.config = config_;
        return serve(options_);
    }

private:
    std::string config_ = "conf";
    ServeOptions options_;
};

}  // namespace

std::unique_ptr<Command> make_serve_command() {
    return std::make_unique<ServeCommand>();
}

}  // namespace flotilla
