#include "api/response_text.hpp"

#include <gtest/gtest.h>

namespace flotilla {
namespace {

constexpr std::string_view date = "Sun, 06 Nov 1994 08:49:37 GMT";

TEST(HttpDateTest, ItIsWrittenAsTheStandardDoes) {
    EXPECT_EQ(http_date(784111777), date);
}

TEST(ResponseTextTest, HeadAndBodyFollowEachOther) {
    auto response = json_response("{}\n");
    response.headers.emplace_back("X-More", "1");
    EXPECT_EQ(
        response_text(response, {.keep_alive = true, .without_body = false, .date = date}),
        "HTTP/1.1 200 OK\r\nServer: flotilla/" FLOTILLA_VERSION
        "\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\n"
        "Content-Type: application/json; charset=utf-8\r\nContent-Length: 3\r\nConnection: keep-alive\r\n"
        "X-Content-Type-Options: nosniff\r\nX-Frame-Options: DENY\r\nReferrer-Policy: no-referrer\r\n"
        "Cache-Control: no-store\r\n"
        "Content-Security-Policy: default-src 'none'; frame-ancestors 'none'\r\n"
        "X-More: 1\r\n\r\n{}\n");
}

TEST(ResponseTextTest, HeadSaysTheLengthOfABodyThatIsLeftOut) {
    const auto text =
        response_text(json_response("12345"), {.keep_alive = false, .without_body = true, .date = date});
    EXPECT_NE(text.find("Content-Length: 5\r\nConnection: close\r\n"), std::string::npos);
    EXPECT_TRUE(text.ends_with("\r\n\r\n"));
}

TEST(ResponseTextTest, NotModifiedSaysTheLengthOfABodyThatIsLeftOut) {
    auto response = json_response("12345");
    response.status = 304;
    const auto text = response_text(response, {.keep_alive = true, .without_body = false, .date = date});
    EXPECT_TRUE(text.starts_with("HTTP/1.1 304 Not Modified\r\n"));
    EXPECT_NE(text.find("Content-Length: 5\r\n"), std::string::npos);
    EXPECT_TRUE(text.ends_with("\r\n\r\n"));
}

TEST(ResponseTextTest, ABodyWithoutTypeHasNoContentType) {
    Response response;
    response.content_type.clear();
    const auto text = response_text(response, {.keep_alive = true, .without_body = false, .date = date});
    EXPECT_EQ(text.find("\r\nContent-Type:"), std::string::npos);
    EXPECT_NE(text.find("Content-Length: 0\r\n"), std::string::npos);
}

TEST(ResponseTextTest, AnAnswersOwnHeaderTakesThePlaceOfTheUsualOne) {
    auto response = json_response("{}");
    response.headers.emplace_back("cache-control", "max-age=60");
    const auto text = response_text(response, {.keep_alive = true, .without_body = false, .date = date});
    EXPECT_NE(text.find("cache-control: max-age=60\r\n"), std::string::npos);
    EXPECT_EQ(text.find("no-store"), std::string::npos);
}

TEST(ReasonPhraseTest, EveryStatusThatIsSentHasOne) {
    for (const int status :
         {200, 206, 400, 401, 403, 404, 408, 409, 413, 414, 416, 417, 421, 431, 500, 503}) {
        EXPECT_NE(reason_phrase(status), "") << status;
    }
}

}  // namespace
}  // namespace flotilla
