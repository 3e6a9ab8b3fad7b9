#include <fstream>
#include <functional>
#include <iterator>

#include <gmock/gmock.h>

#include "base/error.hpp"
#include "local_engine_test.hpp"

namespace flotilla::test {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

/// Gives what the test says.
class FakeSecretValues final : public SecretValues {
public:
    std::vector<SecretVariable> values_for(const Task&) override {
        if (!mistake.empty()) {
            throw unavailable("{}", mistake);
        }
        return variables;
    }
    std::vector<SecretVariable> variables;
    std::string mistake;
};

class EngineSecretsTest : public LocalEngineTest {
protected:
    EngineSecretsTest() { secrets = {values_, more_values_}; }

    [[nodiscard]] Task task_with_secret(const std::string& command) {
        Task task = task_of(command);
        task.secrets = {"KEY"};
        return task;
    }
    /// The files below the data folder that hold `text`.
    [[nodiscard]] std::vector<std::string> files_with(const std::string& text) const {
        std::vector<std::string> found;
        for (const auto& entry : std::filesystem::recursive_directory_iterator(data_.path())) {
            if (entry.is_regular_file()) {
                std::ifstream file(entry.path(), std::ios::binary);
                const std::string content{std::istreambuf_iterator<char>(file), {}};
                if (content.find(text) != std::string::npos) {
                    found.push_back(entry.path().string());
                }
            }
        }
        return found;
    }

    FakeSecretValues values_;
    FakeSecretValues more_values_;
};

TEST_F(EngineSecretsTest, ASecretIsInTheContainerAndInNoFile) {
    values_.variables = {{.name = "KEY", .value = "hidden-value"}};
    const Task task = task_with_secret(
        "test \"$KEY\" = hidden-\"value\"; trap 'exit 0' TERM; echo ${#KEY}; while true; do sleep 0.05; "
        "done");
    submit(task);
    ASSERT_TRUE(await_log(task.name, "12\n"));
    EXPECT_TRUE(files_with("hidden-value").empty());
    EXPECT_THAT(files_with("KEY"), ::testing::ElementsAre(HasSubstr("task.json")));
    engine_->stop(task.name, std::chrono::seconds{30});
    EXPECT_EQ(await_end(task.name).value().exit_code, 0);
    EXPECT_THAT(log_of(task.name), StartsWith("12\n"));
    EXPECT_TRUE(files_with("hidden-value").empty());
}

TEST_F(EngineSecretsTest, ASecretThatCannotBeHadEndsTheAttemptBeforeItStarts) {
    values_.mistake = "secret [KEY] cannot be had: its value is empty";
    const Task task = task_with_secret("true");
    const Ended ended = run(task);
    EXPECT_EQ(ended.exit_class, ExitClass::start_failed);
    EXPECT_EQ(ended.reason, "secret [KEY] cannot be had: its value is empty");
    EXPECT_EQ(ended.exit_code, std::nullopt);
    EXPECT_EQ(log_of(task.name), "");
}

TEST_F(EngineSecretsTest, AValueThatIsRunAsACommandIsNotQuotedInTheReason) {
    values_.variables = {{.name = "KEY", .value = "hidden-value"}};
    const Ended ended = run(task_with_secret("$KEY"));
    EXPECT_EQ(ended.exit_code, 127);
    EXPECT_EQ(ended.reason, "the command was not found (exit code 127)");
}

TEST_F(EngineSecretsTest, TheValuesOfTheMomentOfTheLaunchCount) {
    values_.variables = {{.name = "KEY", .value = "old"}};
    const Task task = task_with_secret("echo $KEY");
    engine_.reset();
    RunFolder(data_.path(), task.name).create({task, "default", current_boot_id()});
    values_.variables = {{.name = "KEY", .value = "new"}};
    start_engine();
    ASSERT_TRUE(await_end(task.name));
    EXPECT_EQ(log_of(task.name), "new\n");
}

TEST_F(EngineSecretsTest, WhatIsMaskedIsTracedWithoutItsValue) {
    more_values_.variables = {{.name = "TOKEN", .value = "a1b2c3d4", .masked = true}};
    const Task task = task_of("test \"$TOKEN\" = a1b2c3d\"4\"; echo \"Bearer $TOKEN\"");
    EXPECT_EQ(run(task).exit_code, 0);
    EXPECT_EQ(log_of(task.name), "+ set -e\n+ test *** = ***\n+ echo 'Bearer ***'\nBearer ***\n");
    EXPECT_TRUE(files_with("a1b2c3d4").empty());
}

TEST_F(EngineSecretsTest, AVariableGivenOutsideDoesNotTurnTracingOn) {
    values_.variables = {{.name = "KEY", .value = "hidden-value"}};
    Task task = task_with_secret(": $KEY; echo end");
    task.env = {{"SHELLOPTS", "xtrace"}};
    EXPECT_EQ(run(task).exit_code, 0);
    EXPECT_THAT(log_of(task.name), Not(HasSubstr("hidden-value")));
}

}  // namespace
}  // namespace flotilla::test
