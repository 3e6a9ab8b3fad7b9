#include "api/web_page.hpp"

#include <stdexcept>

#include <fmt/format.h>
#include <gmock/gmock.h>

namespace flotilla {
namespace {

using Path = std::vector<std::string>;

const std::string bundle =
    "view\t/\n"
    "view\t/runs/{run_id}\n"
    "file\t/index.html\ttext/html\t6\t4\n"
    "file\t/assets/a-1.js\ttext/javascript\t3\t0\n"
    "\n"
    "<html>zip!let";

struct WebPageTest : testing::Test {
    static Request browser(Headers more = {}) {
        Request request;
        request.headers = {{"Accept", "text/html,application/xhtml+xml,*/*;q=0.8"}};
        request.headers.insert(request.headers.end(), more.begin(), more.end());
        return request;
    }
    static std::string header(const Response& response, std::string_view name) {
        return std::string(find_header(response.headers, name).value_or("none"));
    }
    const WebPage page{bundle};
};

TEST_F(WebPageTest, EveryViewIsTheOneDocument) {
    for (const Path& path : {Path{}, Path{"runs", "x"}}) {
        const auto response = page.answer(path, {});
        ASSERT_TRUE(response);
        EXPECT_EQ(response->status, 200);
        EXPECT_EQ(response->body, "<html>");
        EXPECT_EQ(response->content_type, "text/html");
        EXPECT_THAT(header(*response, "Content-Security-Policy"), testing::HasSubstr("script-src 'self';"));
        EXPECT_EQ(header(*response, "Cache-Control"), "no-cache");
    }
}

TEST_F(WebPageTest, BelowAPathTheDocumentSaysSo) {
    const std::string document = "<html data-base=\"/\"><script src=\"/a.js\">";
    const WebPage moved(
        fmt::format("view\t/\nfile\t/index.html\ttext/html\t{}\t4\n\n{}zip!", document.size(), document),
        "/flotilla");
    const auto response = moved.answer({}, browser({{"Accept-Encoding", "gzip"}}));
    EXPECT_EQ(response->body, "<html data-base=\"/flotilla/\"><script src=\"/flotilla/a.js\">");
    EXPECT_EQ(header(*response, "Content-Encoding"), "none");
}

TEST_F(WebPageTest, AFileWhoseNameSaysItsContentIsKept) {
    const auto response = page.answer({"assets", "a-1.js"}, {});
    ASSERT_TRUE(response);
    EXPECT_EQ(response->body, "let");
    EXPECT_EQ(response->content_type, "text/javascript");
    EXPECT_THAT(header(*response, "Cache-Control"), testing::HasSubstr("immutable"));
    EXPECT_EQ(header(*response, "Content-Encoding"), "none");
}

TEST_F(WebPageTest, WhoTakesGzipGetsIt) {
    for (const char* takes : {"gzip", "br, GZIP;q=0.8", "deflate , gzip"}) {
        const auto response = page.answer({}, browser({{"Accept-Encoding", takes}}));
        EXPECT_EQ(response->body, "zip!") << takes;
        EXPECT_EQ(header(*response, "Content-Encoding"), "gzip");
        EXPECT_EQ(header(*response, "Vary"), "Accept-Encoding");
    }
    for (const char* refuses : {"", "br", "gzip;q=0", "xgzip", "identity, gzip;q=0.0"}) {
        EXPECT_EQ(page.answer({}, browser({{"Accept-Encoding", refuses}}))->body, "<html>") << refuses;
    }
}

TEST_F(WebPageTest, WhatIsKnownIsNotSentAgain) {
    const auto tag = header(*page.answer({}, {}), "ETag");
    EXPECT_EQ(page.answer({}, browser({{"If-None-Match", tag}}))->status, 304);
    EXPECT_EQ(page.answer({}, browser({{"If-None-Match", tag}, {"Accept-Encoding", "gzip"}}))->status, 200);
}

TEST_F(WebPageTest, OnlyABrowserThatGoesNowhereGetsThePage) {
    EXPECT_FALSE(page.answer({"nothing"}, {}));
    EXPECT_FALSE(page.answer({"runs", "x", "y"}, {}));
    const auto tag = header(*page.answer({}, {}), "ETag");
    const auto response = page.answer({"nothing"}, browser({{"If-None-Match", tag}}));
    ASSERT_TRUE(response);
    EXPECT_EQ(response->status, 404);
    EXPECT_EQ(response->body, "<html>");
}

TEST_F(WebPageTest, ADamagedBundleIsRefused) {
    for (const std::string& damaged :
         {std::string(), bundle.substr(0, 20), bundle.substr(0, bundle.size() - 1), std::string("\n")}) {
        EXPECT_THROW(WebPage{damaged}, std::invalid_argument);
    }
}

}  // namespace
}  // namespace flotilla
