#include <optional>
#include <ostream>
#include <string>

#include "cli/server_options.hpp"
#include "cli/table.hpp"
#include "cli/text.hpp"
#include "client/run_view.hpp"

namespace flotilla {

namespace {

class RunsCommand final : public Command {
public:
    void declare(Arguments& arguments) override {
        arguments.option("--status", "STATUS", status_,
                         "Only QUEUED, PENDING, RUNNING, STOPPED or NEEDS_RETRY");
        arguments.option("--alias", "TEXT", alias_, "Only of definitions whose alias contains this");
        arguments.option("--cluster", "NAME", cluster_, "Only on this cluster");
        arguments.option("--owner", "NAME", owner_, "Only of this owner");
        arguments.option("-n,--limit", "COUNT", limit_, "At most so many");
        declare_json(arguments, json_);
        server_.declare(arguments);
    }

    int execute(Surroundings& surroundings) override {
        const auto answer = server_.client(surroundings).runs(filters());
        if (json_) {
            surroundings.out << answer << '\n';
            return 0;
        }
        Table table({"RUN", "ALIAS", "STATUS", "EXIT", "OWNER", "CLUSTER", "STARTED", "DURATION"});
        const auto now = surroundings.clock.now();
        for (const auto& run : read_runs(answer)) {
            table.add(row(run, now));
        }
        surroundings.out << table.text(surroundings.colour);
        return 0;
    }

private:
    [[nodiscard]] std::vector<std::pair<std::string, std::string>> filters() const {
        std::vector<std::pair<std::string, std::string>> filters{
            {"sort_by", "queued_at"}, {"order", "desc"}, {"limit", std::to_string(limit_)}};
        const auto add = [&](const char* name, const std::optional<std::string>& value) {
            if (value) {
                filters.emplace_back(name, *value);
            }
        };
        add("status", upper_case(status_));
        add("alias", alias_);
        add("cluster_name", cluster_);
        add("user", owner_);
        return filters;
    }

    static std::optional<std::string> upper_case(std::optional<std::string> text) {
        if (text) {
            for (char& character : *text) {
                if (character >= 'a' && character <= 'z') {
                    character = static_cast<char>(character - 'a' + 'A');
                }
            }
        }
        return text;
    }

    static std::vector<Cell> row(const RunView& run, TimePoint now) {
        const bool has_duration = run.started_at && (run.finished_at || !run.is_stopped());
        return {
            {run.id},
            {run.alias},
            {run.status, status_colour(run.status, run.exit_code == 0)},
            {run.exit_code ? std::to_string(*run.exit_code) : "-"},
            {run.owner},
            {run.cluster},
            {run.started_at ? age_text(*run.started_at, now) : "-"},
            {has_duration ? short_duration(run.finished_at.value_or(now) - *run.started_at) : "-"},
        };
    }

    std::optional<std::string> status_;
    std::optional<std::string> alias_;
    std::optional<std::string> cluster_;
    std::optional<std::string> owner_;
    std::int64_t limit_ = 20;
    bool json_ = false;
    ServerOptions server_;
};

}  // namespace

std::unique_ptr<Command> make_runs_command() {
    return std::make_unique<RunsCommand>();
}

}  // namespace flotilla
