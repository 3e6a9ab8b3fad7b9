#include "engine/configured_secrets.hpp"

#include <cstdlib>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "base/error.hpp"
#include "base/file.hpp"
#include "support/temporary_folder.hpp"

namespace flotilla {
namespace {

using ::testing::ElementsAre;

class ConfiguredSecretsTest : public ::testing::Test {
protected:
    void SetUp() override { ::setenv("FLOTILLA_TEST_SECRET", "from-env", 1); }
    void TearDown() override { ::unsetenv("FLOTILLA_TEST_SECRET"); }

    [[nodiscard]] std::filesystem::path file(const std::string& name) const { return folder_.path() / name; }
    /// A secret KEY whose file has this content.
    ConfiguredSecrets with_file(const std::string& content) {
        write_file(file("key"), content);
        return ConfiguredSecrets({{"KEY", SecretInFile{file("key")}}});
    }
    static std::string value(ConfiguredSecrets& secrets, const std::string& name) {
        Task task;
        task.secrets = {name};
        return secrets.values_for(task).at(0).value;
    }
    /// What is said of the secret KEY, the same at the check and at the launch.
    static std::string complaint(ConfiguredSecrets& secrets) {
        EXPECT_THROW(static_cast<void>(value(secrets, "KEY")), Error);
        try {
            secrets.check({"KEY"});
            return "it was taken";
        } catch (const Error& error) {
            EXPECT_EQ(error.kind(), ErrorKind::invalid);
            return error.what();
        }
    }

    test::TemporaryFolder folder_;
};

TEST_F(ConfiguredSecretsTest, ComeFromVariablesAndFilesInTheOrderAskedFor) {
    write_file(file("b"), "from-file");
    ConfiguredSecrets secrets(
        {{"A", SecretInEnvironment{"FLOTILLA_TEST_SECRET"}}, {"B", SecretInFile{file("b")}}});
    Task task;
    EXPECT_TRUE(secrets.values_for(task).empty());
    task.secrets = {"B", "A"};
    EXPECT_THAT(secrets.values_for(task),
                ElementsAre(SecretVariable{"B", "from-file", false}, SecretVariable{"A", "from-env", false}));
    secrets.check({"A", "B"});
    EXPECT_TRUE(secrets.mistakes().empty());
}

TEST_F(ConfiguredSecretsTest, OneNewlineAtTheEndOfAFileDoesNotCount) {
    auto one = with_file("value\n");
    EXPECT_EQ(value(one, "KEY"), "value");
    auto two = with_file("first\nsecond\n\n");
    EXPECT_EQ(value(two, "KEY"), "first\nsecond\n");
}

TEST_F(ConfiguredSecretsTest, AFileThatChangesCountsFromThenOn) {
    auto secrets = with_file("old");
    EXPECT_EQ(value(secrets, "KEY"), "old");
    write_file(file("key"), "new");
    EXPECT_EQ(value(secrets, "KEY"), "new");
}

TEST_F(ConfiguredSecretsTest, AnUnknownNameIsToldWhichThereAre) {
    ConfiguredSecrets none({});
    EXPECT_EQ(complaint(none), "secret [KEY] is not configured, there are none");
    ConfiguredSecrets others({{"B", SecretInEnvironment{"B"}}, {"A", SecretInEnvironment{"A"}}});
    EXPECT_EQ(complaint(others), "secret [KEY] is not configured, the secrets are: A, B");
}

TEST_F(ConfiguredSecretsTest, AVariableThatIsNotSetIsSaidWithoutItsName) {
    ConfiguredSecrets secrets({{"KEY", SecretInEnvironment{"FLOTILLA_TEST_NO_SUCH_SECRET"}}});
    EXPECT_EQ(complaint(secrets), "secret [KEY] cannot be had: its environment variable is not set");
    EXPECT_THAT(secrets.mistakes(), ElementsAre(complaint(secrets)));
}

TEST_F(ConfiguredSecretsTest, AFileThatCannotBeReadIsSaidWithoutItsPath) {
    ConfiguredSecrets missing({{"KEY", SecretInFile{file("missing")}}});
    EXPECT_EQ(complaint(missing),
              "secret [KEY] cannot be had: its file cannot be read: No such file or directory");
    ConfiguredSecrets folder({{"KEY", SecretInFile{folder_.path()}}});
    EXPECT_EQ(complaint(folder), "secret [KEY] cannot be had: its file is no regular file");
}

TEST_F(ConfiguredSecretsTest, APipeDoesNotMakeAnybodyWait) {
    ASSERT_EQ(::mkfifo(file("pipe").c_str(), 0600), 0);
    ConfiguredSecrets secrets({{"KEY", SecretInFile{file("pipe")}}});
    EXPECT_EQ(complaint(secrets), "secret [KEY] cannot be had: its file is no regular file");
}

TEST_F(ConfiguredSecretsTest, WhatNoVariableCanHoldIsRefused) {
    auto nul = with_file(std::string("a\0b", 3));
    EXPECT_EQ(complaint(nul),
              "secret [KEY] cannot be had: its value has a NUL byte, which no environment variable can hold");
    auto empty = with_file("\n");
    EXPECT_EQ(complaint(empty), "secret [KEY] cannot be had: its value is empty");
    auto large = with_file(std::string(65537, 'x'));
    EXPECT_EQ(complaint(large), "secret [KEY] cannot be had: its value is larger than 64 KiB");
    auto largest = with_file(std::string(65536, 'x') + "\n");
    EXPECT_EQ(value(largest, "KEY").size(), 65536U);
}

}  // namespace
}  // namespace flotilla
