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
        arguments.flag("--raw", raw_, "Writes the exact bytes that there are now");
        server_.declare(arguments);
    }

    int execute(Surroundings& surroundings) override {
        if (follow_ && raw_) {
            throw UsageError("--follow and --raw exclude each other");
        }
        auto client = server_.client(surroundings);
        if (follow_) {
            constexpr int exit_status_interrupted = 130;
            return follow_run(client, run_id_, surroundings) ? 0 : exit_status_interrupted;
        }
        if (!(raw_ ? write_raw(client, surroundings)
                   : LogPrinter(client, run_id_, surroundings.out).drain())) {
            const auto run = read_run(client.run(run_id_));
            if (!run.is_stopped()) {
                say(surroundings, fmt::format("no log yet, the run is {}; follow it: flotilla logs -f {}",
                                              run.status, run.id));
            }
        }
        return 0;
    }

private:
    /// Returns whether there was anything.
    bool write_raw(ApiClient& client, Surroundings& surroundings) const {
        bool wrote = false;
        client.raw_log(run_id_, [&](std::string_view bytes) {
            wrote = true;
            surroundings.out.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
            return static_cast<bool>(surroundings.out);
        });
        surroundings.out.flush();
        return wrote;
    }

    std::string run_id_;
    bool follow_ = false;
    bool raw_ = false;
    ServerOptions server_;
};

}  // namespace

std::unique_ptr<Command> make_logs_command() {
    return std::make_unique<LogsCommand>();
}

}  // namespace flotilla
