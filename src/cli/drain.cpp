#include <ostream>

#include <fmt/format.h>

#include "app/application.hpp"
#include "app/host_config.hpp"
#include "base/log.hpp"
#include "cli/command.hpp"

namespace flotilla {

namespace {

class DrainCommand final : public Command {
public:
    void declare(Arguments& arguments) override {
        arguments.option("--config", "DIR", config_, "The folder of the server's configuration");
    }

    int execute(Surroundings& surroundings) override {
        Config config = load_host_config(config_);
        configure_log(config.log.format, LogLevel::warning);
        std::size_t stopped = 0;
        Application(without_new_runs(std::move(config))).stop_live_runs([&](const Run& run) {
            ++stopped;
            surroundings.out << fmt::format("stopping run {}", run.id.value) << std::endl;
        });
        surroundings.out << fmt::format("stopped {} {}; none is alive\n", stopped,
                                        stopped == 1 ? "run" : "runs");
        return 0;
    }

private:
    static Config without_new_runs(Config config) {
        config.enabled_workers = {"status"};
        config.http.server.listen_address = {"127.0.0.1", 0};
        return config;
    }

    std::string config_ = "conf";
};

}  // namespace

std::unique_ptr<Command> make_drain_command() {
    return std::make_unique<DrainCommand>();
}

}  // namespace flotilla
