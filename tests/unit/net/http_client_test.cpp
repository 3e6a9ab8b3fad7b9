#include "net/http_client.hpp"

#include <gtest/gtest.h>

namespace flotilla {
namespace {

TEST(HttpResponse, FindsAHeaderWithoutRegardToCase) {
    const HttpResponse response{.status = 200, .headers = {{"Retry-After", "3"}}, .body = ""};
    EXPECT_EQ(response.header("retry-after"), "3");
    EXPECT_EQ(response.header("retry"), "");
}

TEST(UrlEncoded, KeepsOnlyUnreservedCharacters) {
    EXPECT_EQ(url_encoded("aZ09-._~"), "aZ09-._~");
    EXPECT_EQ(url_encoded("a/b c%?\xC3\xA9"), "a%2Fb%20c%25%3F%C3%A9");
}

TEST(UrlOrigin, IsSchemeHostAndPort) {
    EXPECT_EQ(url_origin("http://127.0.0.1:3000/a/b?c"), "http://127.0.0.1:3000");
    EXPECT_EQ(url_origin("https://example.org"), "https://example.org");
    EXPECT_EQ(url_origin("https://example.org?x=1"), "https://example.org");
}

}  // namespace
}  // namespace flotilla
