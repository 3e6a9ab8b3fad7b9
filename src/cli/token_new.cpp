#include <ostream>
#include <string>

#include <fmt/format.h>

#include "cli/command.hpp"
#include "cli/server_options.hpp"
#include "cli/token_options.hpp"

namespace flotilla {

namespace {

class TokenNewCommand final : public Command {
public:
    void declare(Arguments& arguments) override {
        arguments.positional("NAME", name_, "Who holds it");
        tokens_.declare(arguments);
    }

    int execute(Surroundings& surroundings) override {
        auto tokens = tokens_.open(MissingDatabase::made);
        if (tokens.made()) {
            say(surroundings, fmt::format("made the database {}, as there was none; a server of this "
                                          "configuration will use it",
                                          tokens.made()->string()));
        }
        const auto token = tokens.create(name_);
        say(surroundings,
            fmt::format("the token of {}; it is not shown again, so keep it; FLOTILLA_TOKEN gives it to the "
                        "other commands",
                        name_));
        surroundings.out << token << '\n';
        return 0;
    }

private:
    std::string name_;
    TokenOptions tokens_;
};

}  // namespace

std::unique_ptr<Command> make_token_new_command() {
    return std::make_unique<TokenNewCommand>();
}

}  // namespace flotilla
