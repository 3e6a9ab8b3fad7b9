#include <ostream>
#include <string>

#include <fmt/format.h>

#include "app/backup.hpp"
#include "app/host_config.hpp"
#include "cli/backup_text.hpp"
#include "cli/command.hpp"
#include "core/indexed_text.hpp"

namespace flotilla {

namespace {

class RestoreCommand final : public Command {
public:
    void declare(Arguments& arguments) override {
        arguments.positional("FILE", file_, "What `flotilla backup` wrote");
        arguments.option("--config", "DIR", config_,
                         "The folder of the configuration that names the empty database and data_dir");
    }

    int execute(Surroundings& surroundings) override {
        const auto contents = restore(load_host_config(config_), file_);
        surroundings.out << fmt::format("restored {} from {}, made {} by flotilla {}\n",
                                        contents_text(contents), file_, contents.made_at, contents.version);
        if (contents.fitted > 0) {
            surroundings.out << fmt::format(
                "{} aliases, groups, tags, owners or names of clusters were longer than the {} bytes that "
                "PostgreSQL takes: a digest stands in place of their ends\n",
                contents.fitted, longest_indexed_text);
        }
        return 0;
    }

private:
    std::string file_;
    std::string config_ = "conf";
};

}  // namespace

std::unique_ptr<Command> make_restore_command() {
    return std::make_unique<RestoreCommand>();
}

}  // namespace flotilla
