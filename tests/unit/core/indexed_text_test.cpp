#include "core/indexed_text.hpp"

#include <gtest/gtest.h>

#include "base/utf8.hpp"

namespace flotilla {
namespace {

TEST(IndexedText, HasABoundInBytes) {
    EXPECT_EQ(indexed_text_mistake("string [alias]", std::string(1000, 'a')), std::nullopt);
    EXPECT_EQ(indexed_text_mistake("string [alias]", std::string(1001, 'a')),
              "string [alias] must have at most 1000 bytes, was 1001");
}

TEST(IndexedText, OneThatIsTooLongIsCutSoThatDifferentOnesStayDifferent) {
    EXPECT_EQ(fitted_indexed_text("short"), "short");
    std::string text;
    while (text.size() < 4000) {
        text += "€";
    }
    const auto cut = fitted_indexed_text(text);
    EXPECT_LE(cut.size(), longest_indexed_text);
    EXPECT_TRUE(is_utf8(cut));
    EXPECT_TRUE(cut.starts_with("€€€"));
    EXPECT_EQ(fitted_indexed_text(text), cut);
    EXPECT_NE(fitted_indexed_text(text + "x"), cut);
}

}  // namespace
}  // namespace flotilla
