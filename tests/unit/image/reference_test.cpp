#include "image/reference.hpp"

#include <gtest/gtest.h>

namespace flotilla {
namespace {

std::string in_full(const std::string& text) {
    const auto reference = parse_image_reference(text);
    return reference ? reference->text() : "not a reference";
}

std::string familiar(const std::string& text) {
    const auto reference = parse_image_reference(text);
    return reference ? reference->familiar() : "not a reference";
}

const std::string hex64(64, 'a');

TEST(ImageReference, TheNamesOfOneImageAreOne) {
    for (const char* name : {"busybox", "library/busybox", "docker.io/busybox",
                             "docker.io/library/busybox:latest", "index.docker.io/library/busybox"}) {
        EXPECT_EQ(in_full(name), "docker.io/library/busybox:latest") << name;
        EXPECT_EQ(familiar(name), "busybox:latest") << name;
    }
}

TEST(ImageReference, WhatLooksLikeAHostIsTheRegistry) {
    EXPECT_EQ(in_full("localhost/x"), "localhost/x:latest");
    EXPECT_EQ(in_full("localhost:5000/x"), "localhost:5000/x:latest");
    EXPECT_EQ(in_full("quay.io/team/x:1"), "quay.io/team/x:1");
    EXPECT_EQ(in_full("[2001:db8::1]:5000/x"), "[2001:db8::1]:5000/x:latest");
    EXPECT_EQ(in_full("Host/x"), "Host/x:latest");
    EXPECT_EQ(in_full("team/x"), "docker.io/team/x:latest");
    EXPECT_EQ(in_full("localhost:5000"), "docker.io/library/localhost:5000");
}

TEST(ImageReference, FamiliarNamesLeaveOutOnlyDockerHub) {
    EXPECT_EQ(familiar("docker.io/team/x:1"), "team/x:1");
    EXPECT_EQ(familiar("library/team/x"), "library/team/x:latest");
    EXPECT_EQ(familiar("quay.io/library/x"), "quay.io/library/x:latest");
    EXPECT_EQ(familiar("docker.io/quay.io/x"), "docker.io/quay.io/x:latest");  // else it would be quay.io's
}

TEST(ImageReference, ADigestStandsBesideATagOrInItsPlace) {
    EXPECT_EQ(in_full("x@sha256:" + hex64), "docker.io/library/x@sha256:" + hex64);
    EXPECT_EQ(in_full("x:1@sha256:" + hex64), "docker.io/library/x:1@sha256:" + hex64);
    EXPECT_EQ(in_full("x@sha512:" + hex64 + hex64), "docker.io/library/x@sha512:" + hex64 + hex64);
    EXPECT_EQ(in_full("x@tarsum.v1+other:" + hex64), "docker.io/library/x@tarsum.v1+other:" + hex64);
}

TEST(ImageReference, PathComponentsAreLowerCaseWithSeparatorsBetween) {
    for (const char* name : {"a.b", "a_b", "a__b", "a-b", "a---b", "a/b/c.d", "0", "a_b-c__d.e"}) {
        EXPECT_TRUE(parse_image_reference(name)) << name;
    }
    for (const char* name : {"",
                             "/",
                             "a/",
                             "/a",
                             "a//b",
                             "A",
                             "a/B",
                             "-a",
                             "a-",
                             "a..b",
                             "a___b",
                             "a._b",
                             ".a",
                             "a b",
                             " a",
                             "a\n",
                             "a?",
                             "quay.io/",
                             "http://quay.io/x",
                             "ä"}) {
        EXPECT_FALSE(parse_image_reference(name)) << name;
    }
}

TEST(ImageReference, BadRegistriesTagsAndDigestsAreRefused) {
    for (const std::string& name : {std::string("-host.io/x"),
                                    std::string("host-.io/x"),
                                    std::string("host..io/x"),
                                    std::string("host.io:/x"),
                                    std::string("host.io:port/x"),
                                    std::string("[::1/x"),
                                    std::string("[host]/x"),
                                    std::string("x:"),
                                    std::string("x:-tag"),
                                    std::string("x:.tag"),
                                    std::string("x:a b"),
                                    "x:" + std::string(129, 't'),
                                    std::string("x@"),
                                    std::string("x@sha256:abc"),
                                    "x@sha256:" + std::string(64, 'A'),
                                    "x@sha256:" + hex64 + "a",
                                    "x@md5:" + std::string(31, 'a'),
                                    "x@+md5:" + hex64,
                                    "x@md5+:" + hex64,
                                    "x@sha256:" + hex64 + "@sha256:" + hex64}) {
        EXPECT_FALSE(parse_image_reference(name)) << name;
    }
    EXPECT_TRUE(parse_image_reference("x:" + std::string(128, 't')));
}

TEST(ImageReference, AnImageIdIsNoReference) {
    EXPECT_FALSE(parse_image_reference(hex64));
    EXPECT_TRUE(parse_image_reference(hex64 + "a"));
}

TEST(ImageReference, ANameHasAtMost255Characters) {
    EXPECT_TRUE(parse_image_reference("quay.io/" + std::string(247, 'a') + ":" + std::string(128, 't')));
    EXPECT_FALSE(parse_image_reference("quay.io/" + std::string(248, 'a')));
}

}  // namespace
}  // namespace flotilla
