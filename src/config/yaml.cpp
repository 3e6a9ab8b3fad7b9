#include "config/yaml.hpp"

#include <optional>
#include <sstream>
#include <vector>

#include <fmt/format.h>
#include <yaml-cpp/depthguard.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/yaml.h>

namespace flotilla::settings {

namespace {

constexpr const char* too_large = "the document is nested too deeply or too large";

/// Aliases can make a small text endless, so depth and size are bounded.
class Conversion {
public:
    Value convert(const YAML::Node& node, int depth = 0) {
        constexpr int most_depth = 32;
        constexpr int most_values = 100'000;
        if (depth > most_depth || ++values_ > most_values) {
            throw YAML::Exception(node.Mark(), too_large);
        }
        Value value;
        value.line = node.Mark().line + 1;
        if (node.IsScalar()) {
            value.content = node.Scalar();
        } else if (node.IsSequence()) {
            value.content = list(node, depth);
        } else if (node.IsMap()) {
            value.content = map(node, depth);
        }
        return value;
    }

private:
    ValueList list(const YAML::Node& node, int depth) {
        ValueList items;
        for (const auto& item : node) {
            items.push_back(convert(item, depth + 1));
        }
        return items;
    }

    ValueMap map(const YAML::Node& node, int depth) {
        ValueMap entries;
        for (const auto& entry : node) {
            if (!entry.first.IsScalar()) {
                throw YAML::Exception(entry.first.Mark(), "a key must be a word");
            }
            Value value = convert(entry.second, depth + 1);
            value.line = entry.first.Mark().line + 1;  // where people look for it
            entries.push_back({entry.first.Scalar(), std::move(value)});
        }
        return entries;
    }

    int values_ = 0;
};

/// The first control character that YAML does not have (YAML 1.2, section 5.1). yaml-cpp 0.7 reads some of
/// them as the end of its input, and then on without end.
std::optional<YamlMistake> control_character(const std::string& text) {
    YamlMistake mistake{1, 1, {}};
    for (const char letter : text) {
        const auto code = static_cast<unsigned char>(letter);
        if (letter == '\n') {
            ++mistake.line;
            mistake.column = 0;
        } else if ((code < 0x20 && letter != '\t' && letter != '\r') || code == 0x7f) {
            mistake.message = fmt::format("a control character ({}) stands here", on_one_line({&letter, 1}));
            return mistake;
        }
        ++mistake.column;
    }
    return std::nullopt;
}

/// Notes where documents begin.
class DocumentStarts final : public YAML::EventHandler {
public:
    void OnDocumentStart(const YAML::Mark& mark) override { starts.push_back(mark); }
    void OnDocumentEnd() override {}
    void OnNull(const YAML::Mark&, YAML::anchor_t) override {}
    void OnAlias(const YAML::Mark&, YAML::anchor_t) override {}
    void OnScalar(const YAML::Mark&, const std::string&, YAML::anchor_t, const std::string&) override {}
    void OnSequenceStart(const YAML::Mark&, const std::string&, YAML::anchor_t,
                         YAML::EmitterStyle::value) override {}
    void OnSequenceEnd() override {}
    void OnMapStart(const YAML::Mark&, const std::string&, YAML::anchor_t,
                    YAML::EmitterStyle::value) override {}
    void OnMapEnd() override {}

    std::vector<YAML::Mark> starts;
};

/// Where a second document begins. Reads no further: at a stray comma yaml-cpp 0.7 finds documents without
/// end.
std::optional<YAML::Mark> second_document(const std::string& text) {
    std::istringstream stream(text);
    YAML::Parser parser(stream);
    DocumentStarts documents;
    while (documents.starts.size() < 2 && parser.HandleNextDocument(documents)) {
    }
    return documents.starts.size() < 2 ? std::nullopt : std::optional(documents.starts[1]);
}

}  // namespace

std::variant<Value, YamlMistake> parse_yaml(const std::string& text) {
    if (auto mistake = control_character(text)) {
        return *std::move(mistake);
    }
    try {
        if (const auto second = second_document(text)) {
            return YamlMistake{second->line + 1, second->column + 1,
                               "a second document begins; there can be only one"};
        }
        return Conversion{}.convert(YAML::Load(text));
    } catch (const YAML::DeepRecursion& error) {
        return YamlMistake{error.mark.line + 1, error.mark.column + 1, too_large};
    } catch (const YAML::Exception& error) {
        return YamlMistake{error.mark.line + 1, error.mark.column + 1, on_one_line(error.msg)};
    }
}

}  // namespace flotilla::settings
