#include "engine/docker/docker_image_check.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/fakes.hpp"
#include "support/scripted_http_client.hpp"

namespace flotilla {
namespace {

class FakeRegistry final : public ManifestSource {
public:
    ManifestAnswer manifest(const ImageReference&, std::chrono::milliseconds,
                            const std::stop_token&) override {
        return answer;
    }
    ManifestAnswer answer = PullDenied{"no such image"};
};

class DockerImageCheckTest : public testing::Test {
protected:
    void store_answers(int status, const std::string& body) {
        http_.answer("GET http://host:2375/v1.41/images/quay.io/x/y:1/json", status, body);
    }
    ImageAnswer check() { return check_.check(parse_image_reference("quay.io/x/y:1").value()); }

    test::ScriptedHttpClient http_;
    test::FakeClock clock_;
    FakeRegistry registry_;
    RegistryCheck registry_check_{registry_, clock_};
    DockerImageCheck check_{http_, parse_daemon_address("tcp://host", ""), registry_check_, clock_};
};

TEST_F(DockerImageCheckTest, AnImageInTheDaemonsStoreIsWhatItsRegistryCallsIt) {
    const std::string other = "sha256:" + std::string(64, '2');
    const std::string digest = "sha256:" + std::string(64, '3');
    store_answers(
        200, R"({"Id": "sha256:1", "RepoDigests": ["a@)" + other + R"(", "quay.io/x/y@)" + digest + "\"]}");
    EXPECT_EQ(std::get<ImagePresent>(check()).digest, digest);
}

TEST_F(DockerImageCheckTest, AnImageThatWasImportedIsItsId) {
    store_answers(200, R"({"Id": "sha256:1", "RepoDigests": []})");
    EXPECT_EQ(std::get<ImagePresent>(check()).digest, "sha256:1");
}

TEST_F(DockerImageCheckTest, OfAnyOtherItsRegistryIsAsked) {
    store_answers(404, R"({"message": "No such image"})");
    EXPECT_TRUE(std::holds_alternative<ImageAbsent>(check()));
}

TEST_F(DockerImageCheckTest, WithoutTheDaemonNobodyCanSayThatThereIsNone) {
    const auto answer = check();
    ASSERT_TRUE(std::holds_alternative<ImageUnknown>(answer));
    EXPECT_THAT(std::get<ImageUnknown>(answer).reason,
                testing::HasSubstr("the Docker daemon cannot be asked"));
}

TEST_F(DockerImageCheckTest, WhatTheDaemonHadAMomentAgoIsThereWhileItIsAway) {
    store_answers(200, R"({"Id": "sha256:1", "RepoDigests": []})");
    store_answers(500, R"({"message": "busy"})");
    EXPECT_TRUE(std::holds_alternative<ImagePresent>(check()));
    EXPECT_EQ(std::get<ImagePresent>(check()).digest, "sha256:1");
    clock_.time += std::chrono::minutes{10};
    EXPECT_TRUE(std::holds_alternative<ImageUnknown>(check()));
}

TEST_F(DockerImageCheckTest, WhatItNoLongerHasIsForgotten) {
    store_answers(200, R"({"Id": "sha256:1", "RepoDigests": []})");
    store_answers(404, R"({"message": "No such image"})");
    store_answers(500, R"({"message": "busy"})");
    EXPECT_TRUE(std::holds_alternative<ImagePresent>(check()));
    EXPECT_TRUE(std::holds_alternative<ImageAbsent>(check()));
    EXPECT_TRUE(std::holds_alternative<ImageUnknown>(check()));
}

TEST_F(DockerImageCheckTest, BothAreNamedWhenNobodyCanSay) {
    registry_.answer = PullFailed{"quay.io cannot be reached"};
    EXPECT_THAT(std::get<ImageUnknown>(check()).reason,
                testing::AllOf(testing::HasSubstr("the Docker daemon cannot be asked"),
                               testing::HasSubstr("; quay.io cannot be reached")));
}

TEST_F(DockerImageCheckTest, WithoutTheDaemonTheRegistryCanSayThatThereIsOne) {
    registry_.answer = RemoteManifest{};
    EXPECT_TRUE(std::holds_alternative<ImagePresent>(check()));
}

TEST_F(DockerImageCheckTest, TheTagsOfTheDaemonsImagesAreNames) {
    EXPECT_TRUE(check_.names().empty());
    http_.answer(
        "GET http://host:2375/v1.41/images/json", 200,
        R"([{"RepoTags": ["debian:12", "mine:1"]}, {"RepoTags": null}, {"RepoTags": ["<none>:<none>"]}])");
    EXPECT_EQ(check_.names(), (std::vector<std::string>{"debian:12", "mine:1"}));
}

}  // namespace
}  // namespace flotilla
