#include "client/api_client.hpp"

#include <algorithm>
#include <tuple>

#include <boost/json.hpp>

#include "base/error.hpp"
#include "client/json_text.hpp"
#include "client/run_view.hpp"

namespace flotilla {

namespace {

namespace json = boost::json;

std::string without_final_newline(std::string text) {
    while (!text.empty() && text.back() == '\n') {
        text.pop_back();
    }
    return text;
}

std::string alias_path(std::string_view alias) {
    return "/api/v1/task/alias/" + url_encoded(alias);
}

/// An update changes only what it names, so what the text leaves out is named as having nothing: what is
/// stored then equals the text.
std::string update_body(json::object definition) {
    for (const char* const list : {"env", "ports", "tags", "secrets"}) {
        definition.emplace(list, json::array());
    }
    for (const char* const text : {"user", "description"}) {
        definition.emplace(text, "");
    }
    for (const char* const number : {"cpu", "gpu", "queue_timeout_seconds"}) {
        definition.emplace(number, 0);
    }
    if (!definition.contains("active_deadline_seconds")) {  // another name for the same
        definition.emplace("timeout_seconds", 0);
    }
    definition.emplace("labels", json::object());
    definition.emplace("retry", json::object{{"max_attempts", 1}});
    return json::serialize(definition);
}

/// It becomes part of a header. The message does not show it.
void check_token(std::string_view token) {
    const auto is_printable = [](char c) { return c > ' ' && c <= '~'; };
    if (!std::all_of(token.begin(), token.end(), is_printable)) {
        throw invalid("the token has characters that no token has; check FLOTILLA_TOKEN or --token");
    }
}

/// The message of an error answer; empty if it is not one of this API.
std::string error_message(const std::string& body) {
    boost::system::error_code error;
    const auto answer = json::parse(body, error);
    if (error || !answer.is_object()) {
        return {};
    }
    return std::string(text_member(answer.get_object(), "error"));
}

}  // namespace

ApiClient::ApiClient(HttpClient& http, ServerAddress server) : http_(http), server_(std::move(server)) {
    if (server_.url.find("://") == std::string::npos) {
        server_.url.insert(0, "http://");
    }
    while (server_.url.ends_with('/')) {
        server_.url.pop_back();
    }
}

SavedDefinition ApiClient::define(std::string_view definition) {
    const auto document = parse_json_text(definition);
    if (!document.is_object()) {
        throw invalid("a definition has to be one JSON object, in curly braces");
    }
    const auto& fields = document.get_object();
    SavedDefinition saved;
    saved.alias = text_member(fields, "alias");

    const auto created = exchange("POST", "/api/v1/task", std::string(definition));
    if (created.status == 200) {
        saved.created = true;
        saved.json = without_final_newline(created.body);
        return saved;
    }
    if (created.status != 409 || saved.alias.empty()) {
        fail(created);
    }
    const auto stored = parse_answer(request("GET", alias_path(saved.alias)));
    const auto id = text_member(stored, "definition_id");
    const auto group_name = text_member(stored, "group_name");
    if (text_member(fields, "group_name") != group_name) {
        saved.kept_group_name = group_name;
    }
    saved.json = request("PUT", "/api/v1/task/" + url_encoded(id), update_body(fields));
    return saved;
}

std::string ApiClient::execute(const RunWish& wish) {
    json::object body;
    if (wish.cluster) {
        body["cluster"] = *wish.cluster;
    }
    json::array env;
    for (const auto& variable : wish.env) {
        env.push_back({{"name", variable.name}, {"value", variable.value}});
    }
    body["env"] = std::move(env);
    body["run_tags"] = {{"owner_id", wish.owner}};
    if (wish.command) {
        body["command"] = *wish.command;
    }
    const auto add_if_given = [&](std::string_view name, const std::optional<std::int64_t>& number) {
        if (number) {
            body[name] = *number;
        }
    };
    add_if_given("memory", wish.memory);
    add_if_given("cpu", wish.cpu);
    add_if_given("gpu", wish.gpu);
    add_if_given("timeout_seconds", wish.timeout_seconds);
    add_if_given("queue_timeout_seconds", wish.queue_timeout_seconds);
    if (!wish.idempotence_key.empty()) {
        body["idempotence_key"] = wish.idempotence_key;
    }
    return request("PUT", alias_path(wish.alias) + "/execute", json::serialize(body));
}

std::string ApiClient::caller() {
    // Without a token there is nothing that a server could know somebody by.
    if (server_.token.empty()) {
        return {};
    }
    return std::string(text_member(parse_answer(request("GET", "/api/v1/whoami")), "name"));
}

std::string ApiClient::run(const std::string& run_id) {
    return request("GET", "/api/v1/history/" + url_encoded(run_id));
}

std::string ApiClient::runs(const std::vector<std::pair<std::string, std::string>>& filters) {
    std::string query;
    for (const auto& [name, value] : filters) {
        query += (query.empty() ? "?" : "&") + url_encoded(name) + "=" + url_encoded(value);
    }
    return request("GET", "/api/v1/history" + query);
}

LogPart ApiClient::log(const std::string& run_id, const std::string& last_seen) {
    const std::string query = last_seen.empty() ? "" : "?last_seen=" + url_encoded(last_seen);
    const auto answer = parse_answer(request("GET", "/api/v1/" + url_encoded(run_id) + "/logs" + query));
    return {.text = std::string(text_member(answer, "log")),
            .last_seen = std::string(text_member(answer, "last_seen")),
            .may_grow = answer.contains("may_grow")};
}

void ApiClient::raw_log(const std::string& run_id, const std::function<bool(std::string_view)>& take) {
    std::uint64_t taken = 0;
    bool goes_on = true;
    while (goes_on) {
        const std::uint64_t begin = taken;
        HttpRequest request{.url = server_.url + "/api/v1/" + url_encoded(run_id) + "/logs?raw"};
        if (begin > 0) {
            request.headers.emplace_back("Range", "bytes=" + std::to_string(begin) + "-");
        }
        request.take_body = [&](std::string_view piece) {
            taken += piece.size();
            goes_on = take(piece);
            return goes_on;
        };
        try {
            const auto response = exchange(std::move(request));
            constexpr int no_more_bytes = 416;
            if (response.status / 100 != 2 && !(begin > 0 && response.status == no_more_bytes)) {
                fail(response);
            }
            return;
        } catch (const Error& error) {
            if (error.kind() != ErrorKind::unavailable || taken == begin) {
                throw;
            }
        }
    }
}

void ApiClient::stop(const std::string& run_id) {
    const auto found = read_run(run(run_id));
    if (found.is_stopped()) {
        throw invalid("run {} has ended already", run_id);
    }
    std::ignore = request(
        "DELETE", "/api/v1/task/" + url_encoded(found.definition_id) + "/history/" + url_encoded(run_id));
}

HttpResponse ApiClient::exchange(std::string method, const std::string& path, std::string body) {
    HttpRequest request{.method = std::move(method), .url = server_.url + path, .body = std::move(body)};
    request.headers.emplace_back("Accept", "application/json");
    if (!request.body.empty()) {
        request.headers.emplace_back("Content-Type", "application/json");
    }
    return exchange(std::move(request));
}

HttpResponse ApiClient::exchange(HttpRequest request) {
    if (!server_.token.empty()) {
        check_token(server_.token);
        request.headers.emplace_back("Authorization", "Bearer " + server_.token);
    }
    try {
        return http_.send(request);
    } catch (const Error& error) {
        if (error.kind() == ErrorKind::unavailable) {
            throw unavailable("{}; is the server running? start it with: flotilla serve", error.what());
        }
        throw;
    }
}

std::string ApiClient::request(std::string method, const std::string& path, std::string body) {
    auto response = exchange(std::move(method), path, std::move(body));
    if (response.status != 200) {
        fail(response);
    }
    return without_final_newline(std::move(response.body));
}

void ApiClient::fail(const HttpResponse& response) const {
    const auto message = error_message(response.body);
    if (message.empty()) {
        throw unavailable("{} does not answer as a Flotilla server (status {}); check --server", server_.url,
                          response.status);
    }
    switch (response.status) {
        case 401:
            throw invalid("{}; {} FLOTILLA_TOKEN or --token", message,
                          server_.token.empty() ? "set" : "check");
        case 404:
            throw not_found("{}", message);
        case 409:
            throw conflict("{}", message);
        case 503:
            throw unavailable("{}; try again later", message);
        default:
            if (response.status >= 500) {
                throw unavailable("{} failed: {}; its log says more", server_.url, message);
            }
            throw invalid("{}", message);
    }
}

}  // namespace flotilla
