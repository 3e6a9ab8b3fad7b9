#include <ostream>
#include <string>

#include <fmt/format.h>

#include "base/time_text.hpp"
#include "cli/server_options.hpp"
#include "cli/table.hpp"
#include "cli/text.hpp"
#include "client/run_view.hpp"

namespace flotilla {

namespace {

class StatusCommand final : public Command {
public:
    void declare(Arguments& arguments) override {
        arguments.positional("RUN", run_id_, "The id of the run");
        declare_json(arguments, json_);
        server_.declare(arguments);
    }

    int execute(Surroundings& surroundings) override {
        const auto answer = server_.client(surroundings).run(run_id_);
        if (json_) {
            surroundings.out << answer << '\n';
        } else {
            surroundings.out << description(read_run(answer), surroundings);
        }
        return 0;
    }

private:
    static std::string description(const RunView& run, Surroundings& surroundings) {
        std::string text;
        const auto add = [&](std::string_view name, const std::string& value) {
            if (!value.empty()) {
                text += fmt::format("{:<12}{}\n", name, one_line(value));
            }
        };
        const auto now = surroundings.clock.now();
        add("run", run.id);
        text += fmt::format("{:<12}{}{}\n", "status",
                            coloured(one_line(run.status), status_colour(run.status, run.exit_code == 0),
                                     surroundings.colour),
                            run.exit_code ? fmt::format(", exit code {}", *run.exit_code) : "");
        add("reason", run.exit_reason);
        add("waiting for", run.waiting_for);
        add("alias", run.alias);
        add("definition", run.definition_id);
        add("group", run.group_name);
        add("image", run.image);
        add("owner", run.owner);
        add("cluster", run.cluster);
        add("host", host_text(run));
        add("task", run.task_arn);
        add("queued", time_text(run.queued_at, now));
        add("started", time_text(run.started_at, now));
        add("finished", time_text(run.finished_at, now));
        if (run.started_at && (run.finished_at || !run.is_stopped())) {
            add("duration", short_duration(run.finished_at.value_or(now) - *run.started_at));
        }
        std::string_view name = "environment";
        for (const auto& variable : run.env) {
            add(name, fmt::format("{}={}", variable.name, variable.value));
            name = "";
        }
        return text;
    }

    static std::string host_text(const RunView& run) {
        if (run.dns_name.empty() || run.instance_id.empty() || run.dns_name == run.instance_id) {
            return run.dns_name.empty() ? run.instance_id : run.dns_name;
        }
        return fmt::format("{} ({})", run.dns_name, run.instance_id);
    }

    static std::string time_text(const std::optional<TimePoint>& moment, TimePoint now) {
        return moment ? fmt::format("{} ({})", to_rfc3339(*moment), age_text(*moment, now)) : "";
    }

    std::string run_id_;
    bool json_ = false;
    ServerOptions server_;
};

}  // namespace

std::unique_ptr<Command> make_status_command() {
    return std::make_unique<StatusCommand>();
}

}  // namespace flotilla
