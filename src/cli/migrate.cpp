#include <ostream>
#include <string>

#include <fmt/format.h>

#include "app/database.hpp"
#include "app/host_config.hpp"
#include "cli/command.hpp"

namespace flotilla {

namespace {

class MigrateCommand final : public Command {
public:
    void declare(Arguments& arguments) override {
        arguments.option("--config", "DIR", config_,
                         "The folder of the configuration that names the database");
        arguments.flag("--dry-run", dry_run_, "Says what would be done, and changes nothing");
    }

    int execute(Surroundings& surroundings) override {
        const Config config = load_host_config(config_);
        const MigrationPlan plan = planned_migration(config);
        if (plan.is_empty()) {
            surroundings.out << "the database is up to date\n";
            return 0;
        }
        if (!dry_run_) {
            migrate_database(config);
        }
        for (const std::string& step : plan.steps) {
            surroundings.out << fmt::format("{} {}\n", dry_run_ ? "would run" : "ran", step);
        }
        if (plan.original) {
            surroundings.out << fmt::format("{} {} definitions and {} runs of the original Flotilla\n",
                                            dry_run_ ? "would carry over" : "carried over",
                                            plan.original->definitions, plan.original->runs);
        }
        return 0;
    }

private:
    std::string config_ = "conf";
    bool dry_run_ = false;
};

}  // namespace

std::unique_ptr<Command> make_migrate_command() {
    return std::make_unique<MigrateCommand>();
}

}  // namespace flotilla
