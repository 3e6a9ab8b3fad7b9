#include <optional>
#include <ostream>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "base/error.hpp"
#include "cli/follow.hpp"
#include "cli/server_options.hpp"

namespace flotilla {

namespace {

constexpr int exit_status_unknown = 125;  ///< the run has no exit code, or nobody can say it
constexpr int exit_status_interrupted = 130;

class RunCommand final : public Command {
public:
    void declare(Arguments& arguments) override {
        arguments.positional("ALIAS", wish_.alias, "The definition to run");
        arguments.option("-e,--env", "NAME=VALUE", variables_, "Sets an environment variable; repeatable");
        arguments.option("--cluster", "NAME", wish_.cluster, "Where to run it (default: the server's)");
        arguments.option("--owner", "NAME", owner_,
                         "Who owns the run (default: the token's name, else your login name)");
        arguments.option("--command", "TEXT", wish_.command,
                         "What to do this time (default: the definition's)");
        arguments.option("--memory", "MIB", wish_.memory, "Memory for this run (default: the definition's)");
        arguments.option("--cpu", "MILLICORES", wish_.cpu,
                         "1/1000 of a core for this run, 0 for no bound (default: the definition's)");
        arguments.option("--gpu", "COUNT", wish_.gpu,
                         "GPUs for this run, 0 for none (default: the definition's)");
        arguments.option("--timeout", "SECONDS", wish_.timeout_seconds,
                         "How long it may run, 0 for no bound (default: the definition's)");
        arguments.option("--queue-timeout", "SECONDS", wish_.queue_timeout_seconds,
                         "How long it may wait for its turn, 0 for no bound (default: the definition's)");
        arguments.option("--key", "KEY", wish_.idempotence_key,
                         "Makes one run of all calls with this key within 7 days");
        arguments.flag("-f,--follow", follow_,
                       "Prints the log until the end; exits with the job's exit status");
        declare_json(arguments, json_);
        server_.declare(arguments);
    }

    int execute(Surroundings& surroundings) override {
        if (follow_ && json_) {
            throw UsageError("--follow and --json exclude each other");
        }
        for (const auto& variable : variables_) {
            wish_.env.push_back(parse_variable(variable));
        }
        auto client = server_.client(surroundings);
        wish_.owner = owner_ ? *owner_ : default_owner(client, surroundings);
        const auto answer = start(client);
        const auto run = read_run(answer);
        if (!follow_) {
            surroundings.out << (json_ ? answer : run.id) << '\n';
            return 0;
        }
        say(surroundings, fmt::format("run {}", run.id));
        try {
            const auto ended = follow_run(client, run.id, surroundings);
            return ended ? exit_status(*ended, surroundings) : exit_status_interrupted;
        } catch (const Error& error) {
            say(surroundings, fmt::format("{}; {}", error.what(), goes_on(run.id)));
            return exit_status_unknown;
        }
    }

private:
    static EnvVar parse_variable(const std::string& text) {
        const auto equals = text.find('=');
        if (equals == std::string::npos || equals == 0) {
            throw UsageError(fmt::format("-e takes NAME=VALUE, was [{}]", text));
        }
        return {text.substr(0, equals), text.substr(equals + 1)};
    }

    static std::string default_owner(ApiClient& client, const Surroundings& surroundings) {
        const auto caller = client.caller();
        return caller.empty() ? surroundings.login_name : caller;
    }

    std::string start(ApiClient& client) const {
        try {
            return client.execute(wish_);
        } catch (const Error& error) {
            if (error.kind() == ErrorKind::not_found &&
                std::string_view(error.what()).starts_with("Definition")) {
                throw not_found("{}; define it first: flotilla define FILE", error.what());
            }
            throw;
        }
    }

    static int exit_status(const RunView& run, Surroundings& surroundings) {
        if (run.exit_code == 0) {
            return 0;
        }
        const auto how = run.exit_code ? fmt::format("ended with exit code {}", *run.exit_code)
                                       : std::string("ended without an exit code");
        say(surroundings,
            fmt::format("run {} {}{}{}", run.id, how, run.exit_reason.empty() ? "" : ": ", run.exit_reason));
        return run.exit_code.value_or(exit_status_unknown);
    }

    RunWish wish_;
    std::vector<std::string> variables_;
    std::optional<std::string> owner_;
    bool follow_ = false;
    bool json_ = false;
    ServerOptions server_;
};

}  // namespace

std::unique_ptr<Command> make_run_command() {
    return std::make_unique<RunCommand>();
}

}  // namespace flotilla
