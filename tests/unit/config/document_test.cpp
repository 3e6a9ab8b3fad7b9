#include "config/document.hpp"

#include <set>

#include "base/file.hpp"
#include "config/declaration.hpp"
#include "config/nearest.hpp"
#include "unit/config/config_test.hpp"

namespace flotilla {
namespace {

const std::filesystem::path repository = REPOSITORY_FOLDER;

TEST(ConfigurationDocument, IsTheFileInTheRepository) {
    EXPECT_TRUE(read_file(repository / "docs/configuration.md") == configuration_markdown())
        << "write it again: flotilla_config_docs markdown > docs/configuration.md";
}

TEST(DefaultConfigFile, IsTheFileInTheRepository) {
    EXPECT_TRUE(read_file(repository / "conf/config.yml") == default_config_yaml())
        << "write it again: flotilla_config_docs yaml > conf/config.yml";
}

TEST_F(ConfigTest, TheDefaultFileHoldsTheDefaults) {
    EXPECT_EQ(load_well(default_config_yaml()), load_well(""));
}

TEST_F(ConfigTest, TheExamplesInTheDefaultFileAreRight) {
    std::string text = default_config_yaml();
    for (const settings::Chapter& chapter : settings::chapters()) {
        for (const settings::Key& key : chapter.keys) {
            if (key.default_note.empty()) {
                continue;
            }
            const std::string name = key.name.substr(key.name.rfind('.') + 1);
            const auto comment = text.find("# " + name + ": ");
            ASSERT_NE(comment, std::string::npos) << key.name;
            text.erase(comment, 2);
        }
    }
    EXPECT_THAT(load(text).errors, testing::IsEmpty());
}

TEST(Declarations, EveryKeyHasItsOwnNameSentenceAndDefault) {
    std::set<std::string> words;
    for (const settings::Chapter& chapter : settings::chapters()) {
        for (const settings::Key& key : chapter.keys) {
            EXPECT_TRUE(words.insert(settings::one_word(key.name)).second) << key.name;
            EXPECT_TRUE(key.sentence.ends_with('.')) << key.name;
            EXPECT_FALSE(key.shown_default.empty()) << key.name;
            EXPECT_EQ(settings::find_key(settings::one_word(key.name)), &key) << key.name;
        }
    }
}

TEST(NearestHint, NamesTheOneWithTheFewestChanges) {
    EXPECT_EQ(settings::nearest_hint("hots", {"hosts", "host", "log"}), "; the nearest is hosts");
    EXPECT_EQ(settings::nearest_hint("queue.sttus", {"queue.status_rule", "queue.status"}),
              "; the nearest is queue.status");
    EXPECT_EQ(settings::nearest_hint("http.listen_address", {"host.address", "http.server.listen_address"}),
              "; the nearest is http.server.listen_address");
}

TEST(NearestHint, NamesNoneWhereNoneIsReallyNear) {
    EXPECT_EQ(settings::nearest_hint("foo.bar", {"worker", "log", "host"}), "");
    EXPECT_EQ(settings::nearest_hint("", {"ab", "a"}), "");
    EXPECT_EQ(settings::nearest_hint("a", {}), "");
}

}  // namespace
}  // namespace flotilla
