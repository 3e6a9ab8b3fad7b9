#include <ostream>
#include <string>

#include <fmt/format.h>

#include "cli/server_options.hpp"
#include "cli/text.hpp"

namespace flotilla {

namespace {

class StopCommand final : public Command {
public:
    void declare(Arguments& arguments) override {
        arguments.positional("RUN", run_id_, "The id of the run");
        server_.declare(arguments);
    }

    int execute(Surroundings& surroundings) override {
        server_.client(surroundings).stop(run_id_);
        surroundings.out << fmt::format("stopping {}\n", one_line(run_id_));
        return 0;
    }

private:
    std::string run_id_;
    ServerOptions server_;
};

}  // namespace

std::unique_ptr<Command> make_stop_command() {
    return std::make_unique<StopCommand>();
}

}  // namespace flotilla
