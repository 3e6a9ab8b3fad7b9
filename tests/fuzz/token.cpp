#include "core/access_token.hpp"
#include "core/run_token.hpp"
#include "fuzz_target.hpp"

namespace flotilla::fuzz {

void token(std::string_view input) {
    static const RunTokens tokens("a key of the server: 32 bytes or more");
    if (const auto run = tokens.run_of(input)) {
        require(tokens.token_of(*run) == input, "a run has one token");
        require(RunTokens::is_run_token_text(input), "it has the form of one");
    }
    if (is_access_token_text(input)) {
        require(!RunTokens::is_run_token_text(input), "no token is of both kinds");
        require(access_token_hash(input).find(input) == std::string::npos, "a hash does not hold its token");
    }
    static_cast<void>(token_name_mistake(input));
}

}  // namespace flotilla::fuzz
