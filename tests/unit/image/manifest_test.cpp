#include "image/manifest.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "base/error.hpp"

namespace flotilla {
namespace {

const std::string digest = "sha256:" + std::string(64, 'a');

std::string descriptor(const std::string& system, const std::string& architecture) {
    return fmt::format(R"({{"digest":"{}","size":1,"platform":{{"os":"{}","architecture":"{}"}}}})", digest,
                       system, architecture);
}

TEST(Manifest, AnIndexOffersTheImagesOfThisPlatform) {
    const auto parsed =
        parse_manifest(fmt::format(R"({{"manifests":[{},{},{}]}})", descriptor("linux", "s390x"),
                                   descriptor("unknown", "unknown"), descriptor("windows", "amd64")));
    const auto& index = std::get<ManifestIndex>(parsed);
    EXPECT_TRUE(for_this_platform(index).empty());
    EXPECT_EQ(platforms_text(index), "linux/s390x, windows/amd64");

    const std::string here = this_platform();
    const std::string architecture = here.substr(here.find('/') + 1);
    const auto both = parse_manifest(fmt::format(R"({{"manifests":[{},{}]}})", descriptor("linux", "s390x"),
                                                 descriptor("linux", architecture)));
    ASSERT_EQ(for_this_platform(std::get<ManifestIndex>(both)).size(), 1U);
    EXPECT_EQ(for_this_platform(std::get<ManifestIndex>(both)).front().platform, here);
}

TEST(Manifest, LayersAreReadInOrder) {
    const auto parsed = parse_manifest(fmt::format(
        R"({{"schemaVersion":2,"config":{{"digest":"{0}","size":2}},"layers":[{{"digest":"{0}","size":3}},{{"digest":"{0}","size":4}}]}})",
        digest));
    const auto& manifest = std::get<Manifest>(parsed);
    EXPECT_EQ(manifest.config.digest, digest);
    ASSERT_EQ(manifest.layers.size(), 2U);
    EXPECT_EQ(manifest.layers[0].size, 3);
    EXPECT_EQ(manifest.layers[1].size, 4);
}

TEST(Manifest, WhatIsNoManifestIsRefused) {
    for (const char* text :
         {"", "{", "[]", "{}", R"({"schemaVersion":1,"fsLayers":[]})", R"({"config":{},"layers":[]})",
          R"({"manifests":[1]})", R"({"manifests":[{"digest":"sha256:../../x","size":1}]})"}) {
        EXPECT_THROW(static_cast<void>(parse_manifest(text)), Error) << text;
    }
}

TEST(Manifest, IsToldFromWhatIsNone) {
    for (const char* text : {R"({"schemaVersion":2,"mediaType":"x"})", R"({"schemaVersion":1,"fsLayers":[]})",
                             R"({"manifests":[]})", R"({"config":{},"layers":[]})"}) {
        EXPECT_TRUE(is_manifest(text)) << text;
    }
    for (const char* text : {"", "<html>log in</html>", "{", "[]", "{}", "\"x\"", R"({"error":"log in"})"}) {
        EXPECT_FALSE(is_manifest(text)) << text;
    }
}

TEST(ConfigBlob, EnvironmentFolderAndUserAreRead) {
    const ConfigBlob blob = parse_config_blob(fmt::format(
        R"({{"os":"linux","architecture":"amd64","config":{{"Env":["A=1=2","B=","C","=D",""],"WorkingDir":"/w","User":"u:g"}},"rootfs":{{"diff_ids":["{}"]}}}})",
        digest));
    EXPECT_EQ(blob.config.env, (Env{{"A", "1=2"}, {"B", ""}, {"C", ""}}));
    EXPECT_EQ(blob.config.working_dir, "/w");
    EXPECT_EQ(blob.config.user, "u:g");
    EXPECT_EQ(blob.platform, "linux/amd64");
    EXPECT_EQ(blob.diff_ids, std::vector<std::string>{digest});
}

TEST(ConfigBlob, NullsAndMissingPartsAreEmpty) {
    const ConfigBlob blob =
        parse_config_blob(R"({"config":{"Env":null,"WorkingDir":null},"rootfs":{"diff_ids":[]}})");
    EXPECT_TRUE(blob.config.env.empty());
    EXPECT_TRUE(blob.config.user.empty());
    EXPECT_TRUE(blob.platform.empty());
}

TEST(ConfigBlob, WhatIsNoContainerImageIsRefused) {
    for (const char* text : {"{}", "x", R"({"rootfs":{}})", R"({"rootfs":{"diff_ids":["md5:1"]}})"}) {
        EXPECT_THROW(static_cast<void>(parse_config_blob(text)), Error) << text;
    }
}

TEST(SavedImages, AreReadAndOthersRefused) {
    const auto images =
        parse_saved_images(R"([{"Config":"c.json","RepoTags":["a:1"],"Layers":["l/layer.tar"]}])");
    ASSERT_EQ(images.size(), 1U);
    EXPECT_EQ(images[0].config, "c.json");
    EXPECT_EQ(images[0].names, std::vector<std::string>{"a:1"});
    EXPECT_EQ(images[0].layers, std::vector<std::string>{"l/layer.tar"});
    for (const char* text : {"[]", "{}", R"([{"short_name":"a web app"}])", "[1]"}) {
        EXPECT_THROW(static_cast<void>(parse_saved_images(text)), Error) << text;
    }
}

}  // namespace
}  // namespace flotilla
