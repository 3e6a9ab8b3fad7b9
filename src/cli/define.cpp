#include <istream>
#include <iterator>
#include <ostream>

#include <fmt/format.h>

#include "base/error.hpp"
#include "base/file.hpp"
#include "cli/server_options.hpp"
#include "cli/text.hpp"

namespace flotilla {

namespace {

class DefineCommand final : public Command {
public:
    void declare(Arguments& arguments) override {
        arguments.positional("FILE", file_, "The definition as JSON; - reads standard input");
        declare_json(arguments, json_);
        server_.declare(arguments);
    }

    int execute(Surroundings& surroundings) override {
        const auto text = definition_text(surroundings.in);
        auto client = server_.client(surroundings);
        const auto saved = define(client, text);
        if (!saved.kept_group_name.empty()) {
            say(surroundings,
                fmt::format("the group stays [{}]: it never changes after creation", saved.kept_group_name));
        }
        if (json_) {
            surroundings.out << saved.json << '\n';
        } else {
            surroundings.out << fmt::format("{} {}\n", saved.created ? "created" : "updated",
                                            one_line(saved.alias));
        }
        return 0;
    }

private:
    [[nodiscard]] std::string definition_text(std::istream& in) const {
        if (file_ == "-") {
            return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
        }
        auto text = read_file(file_);
        if (!text) {
            throw not_found("there is no file {}; give the path of a definition, or - for standard input",
                            file_);
        }
        return std::move(*text);
    }

    [[nodiscard]] SavedDefinition define(ApiClient& client, const std::string& text) const {
        try {
            return client.define(text);
        } catch (const Error& error) {
            if (error.kind() == ErrorKind::invalid) {
                throw invalid("{}: {}", file_ == "-" ? "standard input" : file_, error.what());
            }
            throw;
        }
    }

    std::string file_;
    bool json_ = false;
    ServerOptions server_;
};

}  // namespace

std::unique_ptr<Command> make_define_command() {
    return std::make_unique<DefineCommand>();
}

}  // namespace flotilla
