#include "engine/docker/registry_credentials.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.hpp"
#include "base/file.hpp"
#include "support/temporary_folder.hpp"

namespace flotilla {
namespace {

class RegistryCredentialsTest : public testing::Test {
protected:
    std::string authorization(const std::string& config, const std::string& registry) {
        write_file(folder_.path() / "config.json", config);
        return registry_authorization(folder_.path() / "config.json", registry);
    }
    test::TemporaryFolder folder_;
};

TEST_F(RegistryCredentialsTest, AreThoseOfTheRegistry) {
    const std::string config = R"({"auths": {
        "https://index.docker.io/v1/": {"auth": "aHViOmh1YnB3"},
        "quay.io": {"username": "ada", "password": "pw"},
        "ghcr.io": {"identitytoken": "token"}}})";
    // {"username":"hub","password":"hubpw","serveraddress":"docker.io"}
    EXPECT_EQ(authorization(config, "docker.io"),
              "eyJ1c2VybmFtZSI6Imh1YiIsInBhc3N3b3JkIjoiaHVicHciLCJzZXJ2ZXJhZGRyZXNzIjoiZG9ja2VyLmlvIn0=");
    EXPECT_EQ(authorization(config, "quay.io"),
              "eyJ1c2VybmFtZSI6ImFkYSIsInBhc3N3b3JkIjoicHciLCJzZXJ2ZXJhZGRyZXNzIjoicXVheS5pbyJ9");
    EXPECT_EQ(authorization(config, "ghcr.io"),
              "eyJpZGVudGl0eXRva2VuIjoidG9rZW4iLCJzZXJ2ZXJhZGRyZXNzIjoiZ2hjci5pbyJ9");
}

TEST_F(RegistryCredentialsTest, AreNoneWhereNothingIsSaid) {
    EXPECT_EQ(authorization("{}", "docker.io"), "");
    EXPECT_EQ(authorization(R"({"auths": {"quay.io": {}}})", "quay.io"), "");
    EXPECT_EQ(registry_authorization(folder_.path() / "nowhere", "quay.io"), "");
    EXPECT_EQ(registry_authorization("", "quay.io"), "");
}

TEST_F(RegistryCredentialsTest, AFileThatCannotBeUnderstoodIsNamed) {
    for (const char* const config : {"no json", "[]", R"({"auths": {"quay.io": {"auth": "?"}}})"}) {
        try {
            (void)authorization(config, "quay.io");
            FAIL() << config;
        } catch (const Error& error) {
            EXPECT_EQ(error.kind(), ErrorKind::invalid);
            EXPECT_THAT(error.what(), testing::HasSubstr("config.json cannot be understood: "));
        }
    }
}

}  // namespace
}  // namespace flotilla
