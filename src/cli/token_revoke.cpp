#include <ostream>
#include <string>

#include "cli/command.hpp"
#include "cli/token_options.hpp"

namespace flotilla {

namespace {

class TokenRevokeCommand final : public Command {
public:
    void declare(Arguments& arguments) override {
        arguments.positional("NAME", name_, "Whose token");
        tokens_.declare(arguments);
    }

    int execute(Surroundings& surroundings) override {
        tokens_.open().revoke(name_);
        surroundings.out << "revoked " << name_ << '\n';
        return 0;
    }

private:
    std::string name_;
    TokenOptions tokens_;
};

}  // namespace

std::unique_ptr<Command> make_token_revoke_command() {
    return std::make_unique<TokenRevokeCommand>();
}

}  // namespace flotilla
