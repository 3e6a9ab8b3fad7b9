#include "app/backup.hpp"

#include <ostream>
#include <string>

#include <fmt/format.h>

#include "app/host_config.hpp"
#include "cli/backup_text.hpp"
#include "cli/command.hpp"

namespace flotilla {

namespace {

class BackupCommand final : public Command {
public:
    void declare(Arguments& arguments) override {
        arguments.positional(
            "FILE", file_,
            "The file to write; it is replaced once the backup is complete. - is the standard output");
        arguments.option("--config", "DIR", config_,
                         "The folder of the configuration that names the database and data_dir");
        arguments.flag("--without-logs", without_logs_, "Leaves out the logs of this host");
    }

    int execute(Surroundings& surroundings) override {
        const auto contents =
            back_up(load_host_config(config_), file_, without_logs_ ? BackupLogs::without : BackupLogs::with);
        const bool is_output = file_ == "-";
        (is_output ? surroundings.err : surroundings.out) << fmt::format(
            "backed up {} to {}\n", contents_text(contents), is_output ? "the standard output" : file_);
        return 0;
    }

private:
    std::string file_;
    std::string config_ = "conf";
    bool without_logs_ = false;
};

}  // namespace

std::unique_ptr<Command> make_backup_command() {
    return std::make_unique<BackupCommand>();
}

}  // namespace flotilla
