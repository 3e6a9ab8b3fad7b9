#include "api/authority.hpp"

#include <gtest/gtest.h>

namespace flotilla {
namespace {

TEST(AuthorityTest, HostAndPortAreRead) {
    EXPECT_EQ(parse_authority("Flotilla.Example.org."), (Authority{"flotilla.example.org", ""}));
    EXPECT_EQ(parse_authority("localhost:3000"), (Authority{"localhost", "3000"}));
    EXPECT_EQ(parse_authority("127.0.0.1:"), (Authority{"127.0.0.1", ""}));
    EXPECT_EQ(parse_authority("[::1]"), (Authority{"::1", ""}));
    EXPECT_EQ(parse_authority("[::FFFF:1]:80"), (Authority{"::ffff:1", "80"}));
}

TEST(AuthorityTest, WhatIsNoneIsNotRead) {
    for (const char* text :
         {"", ".", ":80", "::1", "[::1", "[", "[]", "[localhost]", "[::1]80", "a:b", "a:123456", "a:80:80",
          "a b", "user@a", "a/b", "localhost..", "localhost\\@evil"}) {
        EXPECT_FALSE(parse_authority(text)) << text;
    }
}

TEST(WebOriginTest, TheFrontOfAUrlIsRead) {
    const auto origin = parse_origin("HTTPS://ada:secret@Host:8443/path?a=@b");
    ASSERT_TRUE(origin);
    EXPECT_EQ(origin->scheme, "https");
    EXPECT_EQ(origin->authority, (Authority{"host", "8443"}));
    EXPECT_EQ(parse_origin("http://[::1]:3000")->authority, (Authority{"::1", "3000"}));
    for (const char* text : {"", "null", "://host", "http://", "localhost:3000"}) {
        EXPECT_FALSE(parse_origin(text)) << text;
    }
}

TEST(IpLiteralTest, AddressesAreToldFromNames) {
    EXPECT_TRUE(is_ip_literal("10.0.0.1"));
    EXPECT_TRUE(is_ip_literal("fe80::1"));
    for (const char* name : {"localhost", "10.0.0.1.evil.org", "1.2.3", "0x7f.1", ""}) {
        EXPECT_FALSE(is_ip_literal(name)) << name;
    }
}

}  // namespace
}  // namespace flotilla
