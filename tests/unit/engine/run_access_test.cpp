#include "engine/run_access.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace flotilla {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

Task task_of(const std::string& run, int attempt = 1) {
    Task task;
    task.name = {{run}, attempt};
    return task;
}

const SecretVariable url{.name = "FLOTILLA_URL", .value = "http://here", .masked = false};

TEST(RunAccess, AJobIsToldWhereTheServerIs) {
    EXPECT_THAT(RunAccess("http://here", {}).values_for(task_of("r1")), ElementsAre(url));
    EXPECT_THAT(RunAccess("", {}).values_for(task_of("r1")), IsEmpty());
}

TEST(RunAccess, IsTheServersThoughTheJobHasVariablesOfTheseNames) {
    const RunTokens tokens("key");
    auto task = task_of("r1");
    task.env = {{"FLOTILLA_URL", "http://there"}, {"FLOTILLA_RUN_TOKEN", "x"}};
    const auto values = RunAccess("http://here", tokens).values_for(task);
    EXPECT_THAT(values, ElementsAre(url, testing::Field(&SecretVariable::value, tokens.token_of({"r1"}))));
}

TEST(RunAccess, ARunHasATokenThatIsGoodForItAloneAndStaysTheSame) {
    const RunTokens tokens("key");
    RunAccess access("http://here", tokens);
    const SecretVariable token{
        .name = "FLOTILLA_RUN_TOKEN", .value = tokens.token_of({"r1"}), .masked = true};
    EXPECT_THAT(access.values_for(task_of("r1")), ElementsAre(url, token));
    EXPECT_THAT(access.values_for(task_of("r1", 2)), ElementsAre(url, token));
    EXPECT_NE(access.values_for(task_of("r2")).back().value, token.value);
}

}  // namespace
}  // namespace flotilla
