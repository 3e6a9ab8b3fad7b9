#include "net/aws/signature.hpp"

#include <algorithm>
#include <ctime>
#include <map>
#include <vector>

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/crypto.hpp"
#include "base/hex.hpp"
#include "base/letter_case.hpp"

namespace flotilla {

namespace {

struct UrlParts {
    std::string host;
    std::string path;
    std::string query;
};

UrlParts parts_of(const std::string& url) {
    const std::string_view origin = url_origin(url);
    UrlParts parts;
    parts.host = origin.substr(origin.find("://") + 3);
    const std::string_view rest = std::string_view(url).substr(origin.size());
    const auto question = rest.find('?');
    parts.path = rest.substr(0, question);
    if (parts.path.empty()) {
        parts.path = "/";
    }
    if (question != std::string_view::npos) {
        parts.query = rest.substr(question + 1);
    }
    return parts;
}

/// The parameters in the order of their names, then of their values.
std::string canonical_query(const std::string& query) {
    std::vector<std::string> parameters;
    for (std::size_t begin = 0; begin < query.size();) {
        const auto end = std::min(query.find('&', begin), query.size());
        std::string parameter = query.substr(begin, end - begin);
        if (parameter.find('=') == std::string::npos) {
            parameter += '=';
        }
        parameters.push_back(std::move(parameter));
        begin = end + 1;
    }
    std::sort(parameters.begin(), parameters.end());
    return fmt::format("{}", fmt::join(parameters, "&"));
}

/// Without blanks around it, and with one for several.
std::string squeezed(const std::string& value) {
    std::string result;
    for (const char character : value) {
        const bool is_blank = character == ' ' || character == '\t';
        if (!is_blank) {
            result += character;
        } else if (!result.empty() && result.back() != ' ') {
            result += ' ';
        }
    }
    if (result.ends_with(' ')) {
        result.pop_back();
    }
    return result;
}

std::string hash(std::string_view bytes) {
    return sha256_of(bytes).substr(std::string_view("sha256:").size());
}

std::string keyed(const std::string& key, std::string_view bytes) {
    return bytes_of_hex(hmac_sha256(key, bytes)).value();
}

}  // namespace

void sign(HttpRequest& request, const AwsScope& scope, const AwsCredentials& credentials, TimePoint now) {
    const UrlParts url = parts_of(request.url);
    const auto seconds = std::chrono::time_point_cast<std::chrono::seconds>(now);
    const std::string moment =
        fmt::format("{:%Y%m%dT%H%M%SZ}", fmt::gmtime(seconds.time_since_epoch().count()));
    const std::string day = moment.substr(0, 8);
    request.headers.emplace_back("Host", url.host);
    request.headers.emplace_back("X-Amz-Date", moment);
    if (!credentials.session_token.empty()) {
        request.headers.emplace_back("X-Amz-Security-Token", credentials.session_token);
    }
    std::map<std::string, std::string> headers;
    for (const auto& [name, value] : request.headers) {
        std::string& joined = headers[in_lower_case(name)];
        joined += (joined.empty() ? "" : ",") + squeezed(value);
    }
    std::string header_lines;
    std::vector<std::string> names;
    for (const auto& [name, value] : headers) {
        header_lines += fmt::format("{}:{}\n", name, value);
        names.push_back(name);
    }
    const std::string signed_names = fmt::format("{}", fmt::join(names, ";"));
    const std::string canonical =
        fmt::format("{}\n{}\n{}\n{}\n{}\n{}", request.method, url.path, canonical_query(url.query),
                    header_lines, signed_names, hash(request.body));
    const std::string credential_scope =
        fmt::format("{}/{}/{}/aws4_request", day, scope.region, scope.service);
    const std::string text =
        fmt::format("AWS4-HMAC-SHA256\n{}\n{}\n{}", moment, credential_scope, hash(canonical));
    std::string key = "AWS4" + credentials.secret_access_key;
    for (const std::string& part : {day, scope.region, scope.service, std::string("aws4_request")}) {
        key = keyed(key, part);
    }
    request.headers.emplace_back(
        "Authorization",
        fmt::format("AWS4-HMAC-SHA256 Credential={}/{}, SignedHeaders={}, Signature={}",
                    credentials.access_key_id, credential_scope, signed_names, hmac_sha256(key, text)));
}

}  // namespace flotilla
