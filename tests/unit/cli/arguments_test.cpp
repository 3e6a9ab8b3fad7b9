#include "cli/arguments.hpp"

#include <cstdlib>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace flotilla {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class ArgumentsTest : public testing::Test {
protected:
    ArgumentsTest() {
        arguments.positional("FILE", file, "What to read");
        arguments.flag("-f,--follow", follow, "Goes on");
        arguments.option("--server", "URL", server, "The server", "FLOTILLA_TEST_SERVER");
        arguments.option("--cluster", "NAME", cluster, "Where");
        arguments.option("-n,--limit", "COUNT", limit, "How many");
        arguments.option("-e,--env", "NAME=VALUE", variables, "Repeatable");
    }

    std::string mistake_of(std::vector<std::string> words) {
        try {
            std::ignore = arguments.parse(std::move(words));
        } catch (const UsageError& error) {
            return error.what();
        }
        return "none";
    }

    std::string file;
    bool follow = false;
    std::string server = "here";
    std::optional<std::string> cluster;
    std::int64_t limit = 20;
    std::vector<std::string> variables;
    Arguments arguments;
};

TEST_F(ArgumentsTest, LeavesDefaultsWhereNothingIsGiven) {
    EXPECT_EQ(arguments.parse({"x"}), Arguments::Outcome::parsed);
    EXPECT_EQ(file, "x");
    EXPECT_FALSE(follow);
    EXPECT_EQ(server, "here");
    EXPECT_EQ(cluster, std::nullopt);
    EXPECT_EQ(limit, 20);
    EXPECT_TRUE(variables.empty());
}

TEST_F(ArgumentsTest, TakesOptionsAnywhereAndInEitherForm) {
    std::ignore =
        arguments.parse({"-e", "A=1", "--server=there", "-f", "x", "--cluster", "big", "-n5", "-e", "B="});
    EXPECT_EQ(file, "x");
    EXPECT_TRUE(follow);
    EXPECT_EQ(server, "there");
    EXPECT_EQ(cluster, "big");
    EXPECT_EQ(limit, 5);
    EXPECT_THAT(variables, ElementsAre("A=1", "B="));
}

TEST_F(ArgumentsTest, ARepeatableOptionTakesOneWordEach) {
    std::ignore = arguments.parse({"-e", "A=[1,2]", "x"});
    EXPECT_THAT(variables, ElementsAre("A=[1,2]"));
    EXPECT_EQ(file, "x");
}

TEST_F(ArgumentsTest, ALoneDashIsAPosition) {
    std::ignore = arguments.parse({"-"});
    EXPECT_EQ(file, "-");
}

TEST_F(ArgumentsTest, TheEnvironmentStandsInForAnOption) {
    ::setenv("FLOTILLA_TEST_SERVER", "away", 1);
    std::ignore = arguments.parse({"x"});
    EXPECT_EQ(server, "away");
    std::ignore = arguments.parse({"x", "--server", "there"});
    EXPECT_EQ(server, "there");
    server = "here";
    ::setenv("FLOTILLA_TEST_SERVER", "", 1);
    std::ignore = arguments.parse({"x"});
    EXPECT_EQ(server, "here");
    ::unsetenv("FLOTILLA_TEST_SERVER");
}

TEST_F(ArgumentsTest, SaysWhatIsWrong) {
    EXPECT_EQ(mistake_of({}), "FILE is missing");
    EXPECT_EQ(mistake_of({"x", "--folow"}), "unknown option --folow");
    EXPECT_EQ(mistake_of({"x", "--tokn=secret"}), "unknown option --tokn");
    EXPECT_EQ(mistake_of({"x", "-q"}), "unknown option -q");
    EXPECT_EQ(mistake_of({"x", "y"}), "unexpected argument y");
    EXPECT_EQ(mistake_of({"x", "--cluster"}), "--cluster needs a value");
    EXPECT_EQ(mistake_of({"x", "--follow=1"}), "--follow takes no value");
    EXPECT_EQ(mistake_of({"x", "--limit", "many"}),
              "--limit must be a whole number of 0 or more, was [many]");
    EXPECT_EQ(mistake_of({"x", "--limit", "-1"}), "--limit must be a whole number of 0 or more, was [-1]");
}

TEST_F(ArgumentsTest, HelpIsAskedForWithoutThePositions) {
    EXPECT_EQ(arguments.parse({"--help"}), Arguments::Outcome::help_asked);
    EXPECT_EQ(arguments.parse({"-h"}), Arguments::Outcome::help_asked);
}

TEST_F(ArgumentsTest, HelpNamesEverythingWithItsDefault) {
    EXPECT_THAT(arguments.help(), HasSubstr("  FILE                  What to read\n"));
    EXPECT_THAT(arguments.help(), HasSubstr("  -f, --follow          Goes on\n"));
    EXPECT_THAT(arguments.help(),
                HasSubstr("  --server URL          The server [FLOTILLA_TEST_SERVER] (default here)\n"));
    EXPECT_THAT(arguments.help(), HasSubstr("  -n, --limit COUNT     How many (default 20)\n"));
    EXPECT_THAT(arguments.help(), HasSubstr("  -h, --help "));
}

}  // namespace
}  // namespace flotilla
