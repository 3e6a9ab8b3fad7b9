#include <string>

#include <fmt/format.h>

#include "cli/follow.hpp"
#include "cli/server_options.hpp"

namespace flotilla {

namespace {

class LogsCommand final : public Command {
public:
    void declare(Arguments& arguments) override {
        arguments.positional("RUN", run_id_, "The id of the run");
        arguments.flag("-f,--follow", follow_, "Goes on until the run has ended");
        server_.declare(arguments);
    }

    int execute(Surroundings& surroundings) override {
        auto client = server_.client(surroundings);
        if (follow_) {
            constexpr int exit_status_interrupted = 130;
            return follow_run(client, run_id_, surroundings) ? 0 : exit_status_interrupted;
        }
        if (!LogPrinter(client, run_id_, surroundings.out).drain()) {
            const auto run = read_run(client.run(run_id_));
            if (!run.is_stopped()) {
                say(surroundings, fmt::format("no log yet, the run is {}; follow it: flotilla logs -f {}",
                                              run.status, run.id));
            }
        }
        return 0;
    }

private:
    std::string run_id_;
    bool follow_ = false;
    ServerOptions server_;
};

}  // namespace

std::unique_ptr<Command> make_logs_command() {
    return std::make_unique<LogsCommand>();
}

}  // namespace flotilla
