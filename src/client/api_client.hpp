#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/env.hpp"
#include "net/http_client.hpp"

namespace flotilla {

/// Which server is asked, and as whom.
struct ServerAddress {
    std::string url;    ///< `http://127.0.0.1:3000`; `http://` may be left out
    std::string token;  ///< sent as `Authorization: Bearer`; empty: none
};

/// What `define` did.
struct SavedDefinition {
    bool created = false;  ///< else an existing one was updated
    std::string alias;
    std::string kept_group_name;  ///< the stored group where the text names another one: it never changes
    std::string json;             ///< the definition as the server has it now
};

/// A wish to run a definition.
struct RunWish {
    std::string alias;
    std::optional<std::string> cluster;  ///< absent: the server's default
    Env env;
    std::string owner;
    std::optional<std::string> command{};                 ///< absent: the definition's
    std::optional<std::int64_t> memory{};                 ///< MiB; absent: the definition's
    std::optional<std::int64_t> cpu{};                    ///< 1/1000 of a core; absent: the definition's
    std::optional<std::int64_t> gpu{};                    ///< how many GPUs; absent: the definition's
    std::optional<std::int64_t> timeout_seconds{};        ///< absent: the definition's
    std::optional<std::int64_t> queue_timeout_seconds{};  ///< absent: the definition's
    std::string idempotence_key{};                        ///< empty: none
};

/// A part of a run's log.
struct LogPart {
    std::string text;       ///< lines joined by `\n`
    std::string last_seen;  ///< pages on; empty while there is no log
    bool may_grow = false;  ///< more may come though the run has ended
};

/// The public HTTP API, for programs that use a server. Answers are the server's JSON, with no newline at the
/// end. Every function throws the server's own error as an `Error` (`unavailable` where it cannot be
/// reached).
class ApiClient {
public:
    ApiClient(HttpClient& http, ServerAddress server);

    /// Creates the definition that a JSON text holds, or makes the one with its alias equal to it.
    /// Throws `invalid` with line and column for malformed JSON.
    [[nodiscard]] SavedDefinition define(std::string_view definition);
    /// The run that was made.
    [[nodiscard]] std::string execute(const RunWish& wish);
    [[nodiscard]] std::string run(const std::string& run_id);
    /// The name of whoever asks, as the server knows it; empty if nobody is known there.
    [[nodiscard]] std::string caller();
    /// Runs that match filters of the API (`status`, `alias`, `limit`, ...), in the order that they ask for.
    [[nodiscard]] std::string runs(const std::vector<std::pair<std::string, std::string>>& filters);
    /// What came after `last_seen`; from the beginning if that is empty.
    [[nodiscard]] LogPart log(const std::string& run_id, const std::string& last_seen);
    /// Gives the bytes of the run's log as they are now, piece by piece, until there are no more or `take`
    /// says false. A connection that breaks (whoever takes may pause for long) is made again where it ended.
    void raw_log(const std::string& run_id, const std::function<bool(std::string_view)>& take);
    /// Throws `invalid` if the run has ended already.
    void stop(const std::string& run_id);

private:
    [[nodiscard]] HttpResponse exchange(std::string method, const std::string& path, std::string body = {});
    [[nodiscard]] HttpResponse exchange(HttpRequest request);
    [[nodiscard]] std::string request(std::string method, const std::string& path, std::string body = {});
    [[noreturn]] void fail(const HttpResponse& response) const;

    HttpClient& http_;
    ServerAddress server_;
};

}  // namespace flotilla
