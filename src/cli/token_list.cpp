#include <optional>
#include <ostream>
#include <string>
#include <vector>

#include <boost/json.hpp>

#include "base/time_text.hpp"
#include "cli/command.hpp"
#include "cli/server_options.hpp"
#include "cli/table.hpp"
#include "cli/text.hpp"
#include "cli/token_options.hpp"

namespace flotilla {

namespace {

class TokenListCommand final : public Command {
public:
    void declare(Arguments& arguments) override {
        declare_json(arguments, json_);
        tokens_.declare(arguments);
    }

    int execute(Surroundings& surroundings) override {
        const auto tokens = tokens_.open().list();
        if (json_) {
            surroundings.out << json_text(tokens) << '\n';
        } else {
            surroundings.out << table_text(tokens, surroundings);
        }
        return 0;
    }

private:
    static std::string table_text(const std::vector<AccessToken>& tokens, Surroundings& surroundings) {
        const auto now = surroundings.clock.now();
        const auto age = [&](const std::optional<TimePoint>& moment) {
            return moment ? age_text(*moment, now) : std::string("-");
        };
        Table table({"NAME", "CREATED", "LAST USED", "REVOKED"});
        for (const auto& token : tokens) {
            table.add(
                {{token.name}, {age(token.created_at)}, {age(token.last_used_at)}, {age(token.revoked_at)}});
        }
        return table.text(surroundings.colour);
    }

    static std::string json_text(const std::vector<AccessToken>& tokens) {
        boost::json::array list;
        for (const auto& token : tokens) {
            boost::json::object entry{{"name", token.name}, {"created_at", to_rfc3339(token.created_at)}};
            if (token.last_used_at) {
                entry["last_used_at"] = to_rfc3339(*token.last_used_at);
            }
            if (token.revoked_at) {
                entry["revoked_at"] = to_rfc3339(*token.revoked_at);
            }
            list.push_back(std::move(entry));
        }
        return boost::json::serialize(boost::json::object{{"tokens", std::move(list)}});
    }

    bool json_ = false;
    TokenOptions tokens_;
};

}  // namespace

std::unique_ptr<Command> make_token_list_command() {
    return std::make_unique<TokenListCommand>();
}

}  // namespace flotilla
