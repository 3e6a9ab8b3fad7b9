#pragma once

#include <string>

#include "app/tokens.hpp"
#include "cli/arguments.hpp"

namespace flotilla {

/// The options of every command that acts on the access tokens of a database.
struct TokenOptions {
    std::string config = "conf";

    void declare(Arguments& arguments);
    [[nodiscard]] DatabaseTokens open(MissingDatabase missing = MissingDatabase::refused) const {
        return {config, missing};
    }
};

}  // namespace flotilla
