#include "cli/table.hpp"

#include <gtest/gtest.h>

namespace flotilla {
namespace {

TEST(Table, AlignsColumns) {
    Table table({"NAME", "N", "LAST"});
    table.add({{"a"}, {"12345"}, {"x"}});
    table.add({{"longer"}, {""}, {"y z"}});
    EXPECT_EQ(table.text(false),
              "NAME    N      LAST\n"
              "a       12345  x\n"
              "longer         y z\n");
}

TEST(Table, CountsCharactersNotBytes) {
    Table table({"NAME", "N"});
    table.add({{"\xC3\xA9t\xC3\xA9"}, {"1"}});
    EXPECT_EQ(table.text(false), "NAME  N\n\xC3\xA9t\xC3\xA9   1\n");
}

TEST(Table, ColoursOnlyWhereItIsWanted) {
    Table table({"STATUS", "N"});
    table.add({{"STOPPED", Colour::green}, {"1"}});
    EXPECT_EQ(table.text(true), "STATUS   N\n\033[32mSTOPPED\033[0m  1\n");
    EXPECT_EQ(table.text(false), "STATUS   N\nSTOPPED  1\n");
}

TEST(Table, KeepsCellsFromSteeringTheTerminal) {
    Table table({"NAME"});
    table.add({{"\033[31mred\nnext"}});
    EXPECT_EQ(table.text(false), "NAME\n?[31mred; next\n");
}

TEST(StatusColour, TellsSuccessFailureAndLife) {
    EXPECT_EQ(status_colour("STOPPED", true), Colour::green);
    EXPECT_EQ(status_colour("STOPPED", false), Colour::red);
    EXPECT_EQ(status_colour("RUNNING", false), Colour::blue);
    EXPECT_EQ(status_colour("QUEUED", false), Colour::yellow);
}

}  // namespace
}  // namespace flotilla
