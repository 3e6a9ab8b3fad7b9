#include "api/static_content.hpp"

#include <algorithm>
#include <functional>

#include <fmt/format.h>

#include "base/letter_case.hpp"
#include "base/trimmed.hpp"

namespace flotilla {

namespace {

/// Whether an Accept-Encoding names gzip without refusing it (`gzip;q=0`).
bool takes_gzip(const Headers& headers) {
    for (const auto coding : list_elements(find_header(headers, "Accept-Encoding").value_or(""))) {
        const auto semicolon = std::min(coding.find(';'), coding.size());
        if (equal_without_case(trimmed(coding.substr(0, semicolon)), "gzip")) {
            const auto weight = trimmed(coding.substr(semicolon));
            return weight.find_first_of("123456789") != std::string_view::npos || weight.empty();
        }
    }
    return false;
}

}  // namespace

Response static_response(const StaticContent& content, const Request& request) {
    const bool is_compressed = !content.gzipped.empty() && takes_gzip(request.headers);
    const std::string tag = fmt::format("\"{:016x}{}\"", std::hash<std::string_view>()(content.body),
                                        is_compressed ? "-gzip" : "");
    Response response;
    response.headers = content.headers;
    response.headers.emplace_back("ETag", tag);
    response.headers.emplace_back("Cache-Control",
                                  content.is_immutable ? "public, max-age=31536000, immutable" : "no-cache");
    if (!content.gzipped.empty()) {
        response.headers.emplace_back("Vary", "Accept-Encoding");
    }
    const auto known = find_header(request.headers, "If-None-Match");
    if (known && (*known == "*" || known->find(tag) != std::string_view::npos)) {
        response.status = 304;
    } else if (is_compressed) {
        response.headers.emplace_back("Content-Encoding", "gzip");
    }
    response.content_type = content.content_type;
    response.body = is_compressed ? content.gzipped : content.body;
    return response;
}

}  // namespace flotilla
