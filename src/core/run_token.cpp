#include "core/run_token.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "base/crypto.hpp"
#include "base/hex.hpp"

namespace flotilla {

namespace {

constexpr std::string_view run_token_prefix = "flr_";
constexpr std::size_t code_length = 64;

/// The parts of a token; empty for a text of another form.
struct Parts {
    std::string_view run_id;
    std::string_view code;
};

Parts parts_of(std::string_view token) {
    const auto end = token.rfind('_');
    if (!token.starts_with(run_token_prefix) || end <= run_token_prefix.size() ||
        token.size() - end - 1 != code_length || !is_hex_text(token.substr(end + 1))) {
        return {};
    }
    return {token.substr(run_token_prefix.size(), end - run_token_prefix.size()), token.substr(end + 1)};
}

}  // namespace

bool RunTokens::is_run_token_text(std::string_view text) {
    return !parts_of(text).run_id.empty();
}

std::string RunTokens::code_of(std::string_view run_id) const {
    // What the key signs says what it is for, should it ever sign anything else.
    return hmac_sha256(key_, fmt::format("status of run {}", run_id));
}

std::string RunTokens::token_of(const RunId& run) const {
    return fmt::format("{}{}_{}", run_token_prefix, run.value, code_of(run.value));
}

std::optional<RunId> RunTokens::run_of(std::string_view token) const {
    const Parts parts = parts_of(token);
    if (parts.run_id.empty() || !equal_in_constant_time(parts.code, code_of(parts.run_id))) {
        return std::nullopt;
    }
    return RunId{std::string(parts.run_id)};
}

}  // namespace flotilla
