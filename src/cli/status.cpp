#include <optional>
#include <ostream>
#include <sstream>
#include <string>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/time_text.hpp"
#include "cli/server_options.hpp"
#include "cli/table.hpp"
#include "cli/text.hpp"
#include "client/run_view.hpp"

namespace flotilla {

namespace {

std::string time_text(const std::optional<TimePoint>& moment, TimePoint now) {
    return moment ? fmt::format("{} ({})", to_rfc3339(*moment), age_text(*moment, now)) : "";
}

std::string due_text(const std::optional<TimePoint>& moment, TimePoint now) {
    if (!moment) {
        return "";
    }
    return fmt::format("{} ({})", to_rfc3339(*moment),
                       *moment > now ? "in " + short_duration(*moment - now) : "due");
}

/// How long a run or an attempt has been running, or ran; empty if that is not known.
template <typename View>
std::string duration_text(const View& view, TimePoint now) {
    const bool is_known = view.started_at && (view.finished_at || !view.is_stopped());
    return is_known ? short_duration(view.finished_at.value_or(now) - *view.started_at) : "";
}

std::string host_text(const RunView& run) {
    if (run.dns_name.empty() || run.instance_id.empty() || run.dns_name == run.instance_id) {
        return run.dns_name.empty() ? run.instance_id : run.dns_name;
    }
    return fmt::format("{} ({})", run.dns_name, run.instance_id);
}

std::string stop_text(const RunView& run, TimePoint now) {
    if (!run.stop_requested_at) {
        return "";
    }
    return fmt::format("{}{}", time_text(run.stop_requested_at, now),
                       run.stopped_by.empty() ? "" : " by " + run.stopped_by);
}

/// Names and values, one below the other; what is empty is left out.
class Description {
public:
    void add(std::string_view name, const std::string& value) {
        if (!value.empty()) {
            add_line(name, one_line(value));
        }
    }

    /// A text of several lines, each on a line of its own.
    void add_lines(std::string_view name, const std::string& text) {
        std::istringstream lines(text);
        for (std::string line; std::getline(lines, line); name = "") {
            add_line(name, one_line(line));
        }
    }

    /// The names of `pairs` and their values, each on a line of its own.
    template <typename Pairs>
    void add_pairs(std::string_view name, const Pairs& pairs) {
        for (const auto& [key, value] : pairs) {
            add_line(name, one_line(fmt::format("{}={}", key, value)));
            name = "";
        }
    }

    /// `value` cannot steer a terminal.
    void add_line(std::string_view name, const std::string& value) {
        text_ += value.empty() ? fmt::format("{}\n", name) : fmt::format("{:<12}{}\n", name, value);
    }

    [[nodiscard]] const std::string& text() const { return text_; }

private:
    std::string text_;
};

/// As `63 MiB of memory, 0.98 cores, 12.3 s of processor time`.
std::string use_text(const RunView& run) {
    std::vector<std::string> parts;
    if (run.max_memory_used) {
        parts.push_back(fmt::format("{} MiB of memory", *run.max_memory_used));
    }
    if (run.max_cpu_used) {
        constexpr double per_core = 1000;
        parts.push_back(fmt::format("{:.2f} cores", *run.max_cpu_used / per_core));
    }
    if (run.cpu_seconds) {
        parts.push_back(fmt::format("{:.2f} s of processor time", *run.cpu_seconds));
    }
    return fmt::format("{}", fmt::join(parts, ", "));
}

void describe_state(const RunView& run, const Surroundings& surroundings, Description& text) {
    text.add_line("status", coloured(one_line(run.status), status_colour(run.status, run.exit_code == 0),
                                     surroundings.colour) +
                                (run.exit_code ? fmt::format(", exit code {}", *run.exit_code) : ""));
    text.add("outcome", run.exit_class);
    text.add("reason", run.exit_reason);
    text.add("used", use_text(run));
    text.add("waiting for", run.waiting_for);
    text.add("next try", due_text(run.retry_at, surroundings.clock.now()));
}

std::string seconds_text(std::optional<int> seconds) {
    return seconds ? fmt::format("{} s", *seconds) : "";
}

/// As `at most 3 attempts, after out_of_memory or 17, the second after up to 10 s`.
std::string retry_text(const std::optional<RetryView>& retry) {
    return retry ? fmt::format("at most {} attempts{}{}, the second after up to {} s", retry->max_attempts,
                               retry->on.empty() ? "" : ", after ", fmt::join(retry->on, " or "),
                               retry->backoff_seconds)
                 : "";
}

void describe_spec(const RunView& run, Description& text) {
    text.add("alias", run.alias);
    text.add("definition", run.definition_id);
    text.add("group", run.group_name);
    text.add_lines("description", run.description);
    text.add_pairs("labels", run.labels);
    text.add("image", run.image);
    text.add("digest", run.image_digest);
    text.add_lines("command", run.command);
    text.add("memory", run.memory ? fmt::format("{} MiB", *run.memory) : "");
    text.add("cpu", run.cpu ? fmt::format("{}/1000 of a core", *run.cpu) : "");
    text.add("gpu", run.gpu ? fmt::format("{}", *run.gpu) : "");
    text.add("timeout", seconds_text(run.timeout_seconds));
    text.add("may wait", seconds_text(run.queue_timeout_seconds));
    text.add("retry", retry_text(run.retry));
    text.add("key", run.idempotence_key);
    text.add("secrets", fmt::format("{}", fmt::join(run.secrets, ", ")));
}

void describe_place(const RunView& run, Description& text) {
    text.add("owner", run.owner);
    text.add("executed by", run.executed_by);
    text.add("cluster", run.cluster);
    text.add("engine", run.engine);
    text.add("host", host_text(run));
    text.add("task", run.task_arn);
}

void describe_times(const RunView& run, TimePoint now, Description& text) {
    text.add("queued", time_text(run.queued_at, now));
    text.add("started", time_text(run.started_at, now));
    text.add("stop asked", stop_text(run, now));
    text.add("finished", time_text(run.finished_at, now));
    text.add("duration", duration_text(run, now));
}

std::string attempts_text(const RunView& run, const Surroundings& surroundings) {
    const auto now = surroundings.clock.now();
    const auto shown = [](const std::string& text) { return text.empty() ? "-" : text; };
    Table table({"ATTEMPT", "STATUS", "EXIT", "OUTCOME", "STARTED", "DURATION", "REASON"});
    for (const AttemptView& attempt : run.attempts) {
        table.add({
            {std::to_string(attempt.number)},
            {attempt.status, status_colour(attempt.status, attempt.exit_code == 0)},
            {attempt.exit_code ? std::to_string(*attempt.exit_code) : "-"},
            {shown(attempt.exit_class)},
            {attempt.started_at ? age_text(*attempt.started_at, now) : "-"},
            {shown(duration_text(attempt, now))},
            {shown(attempt.exit_reason)},
        });
    }
    return table.text(surroundings.colour);
}

std::string description(const RunView& run, const Surroundings& surroundings) {
    Description text;
    text.add("run", run.id);
    describe_state(run, surroundings, text);
    describe_spec(run, text);
    describe_place(run, text);
    describe_times(run, surroundings.clock.now(), text);
    text.add_pairs("environment", run.env);
    const bool was_tried_again = run.attempts.size() > 1;
    return text.text() + (was_tried_again ? "\n" + attempts_text(run, surroundings) : "");
}

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
    std::string run_id_;
    bool json_ = false;
    ServerOptions server_;
};

}  // namespace

std::unique_ptr<Command> make_status_command() {
    return std::make_unique<StatusCommand>();
}

}  // namespace flotilla
