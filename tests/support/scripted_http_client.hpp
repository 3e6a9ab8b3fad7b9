#pragma once

#include <deque>
#include <map>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "base/error.hpp"
#include "net/http_client.hpp"

namespace flotilla::test {

/// An HttpClient that answers by method and URL from a script and remembers what it was asked. Several
/// answers to one request are given in turn, the last one for ever.
class ScriptedHttpClient final : public HttpClient {
public:
    void answer(const std::string& method_and_url, int status, std::string body) {
        script_[method_and_url].push_back({.status = status, .headers = {}, .body = std::move(body)});
    }

    HttpResponse send(const HttpRequest& request) override {
        requests.push_back(request);
        const auto found = script_.find(request.method + " " + request.url);
        if (found == script_.end()) {
            throw unavailable("cannot reach {}: connection refused", url_origin(request.url));
        }
        auto& answers = found->second;
        auto response = answers.front();
        if (answers.size() > 1) {
            answers.pop_front();
        }
        if (request.take_body && response.status / 100 == 2) {
            std::ignore = request.take_body(std::exchange(response.body, {}));
        }
        return response;
    }

    std::vector<HttpRequest> requests;

private:
    std::map<std::string, std::deque<HttpResponse>> script_;
};

}  // namespace flotilla::test
