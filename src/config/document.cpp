#include "config/document.hpp"

#include <algorithm>
#include <sstream>
#include <vector>

#include <fmt/format.h>

#include "config/declaration.hpp"

namespace flotilla {

namespace {

using settings::Chapter;
using settings::Key;

constexpr std::string_view markdown_introduction = R"(# Configuration

<!-- Written by `flotilla_config_docs markdown` from the declarations in src/config/keys.cpp. -->

`flotilla serve --config DIR` reads `DIR/config.yml` (default `conf`); `conf/config.yml` holds every key with its
default. `flotilla serve --check` reads it, says what is wrong, and ends.

- Keys are nested (`worker:` above `submit_interval:`), dotted (`worker.submit_interval`), or one word
  (`worker_submit_interval`).
- The environment overrides the file: the variable is the key in upper case with `_` for `.`
  (`WORKER_SUBMIT_INTERVAL=1s`). An empty variable counts as unset. Lists are separated by spaces or commas, a map is
  one JSON or YAML value.
- Durations are written as `300ms`, `30s`, `1m30s`, `1.5h`; sizes as `512MiB`, `20GiB`, `1TB`.
- Unknown keys are an error; `serve --ignore-unknown` makes them warnings, for going back to an older version.
- A value that asks for a part that is not built yet ends `serve` with one line; `serve --check` warns of it.
)";

constexpr std::string_view yaml_introduction =
    R"(# Every key with its default. docs/configuration.md says more; the environment overrides (WORKER_SUBMIT_INTERVAL=1s).
# Written by `flotilla_config_docs yaml` from the declarations in src/config/keys.cpp.
)";

/// `text` in lines of at most `width` characters, each after `beginning`.
std::string wrapped(std::string_view text, std::string_view beginning, std::size_t width) {
    std::istringstream words{std::string(text)};
    std::string lines;
    std::string line{beginning};
    for (std::string word; words >> word;) {
        if (line.size() + 1 + word.size() > width && line.size() > beginning.size()) {
            lines += line + "\n";
            line = beginning;
        }
        line += " " + word;
    }
    return lines + line + "\n";
}

/// A default as it stands in a table: none where there is nothing.
std::string table_default(const Key& key) {
    if (!key.default_note.empty()) {
        return key.default_note;
    }
    const bool is_none =
        key.shown_default == "\"\"" || key.shown_default == "[]" || key.shown_default == "{}";
    return is_none ? "none" : "`" + key.shown_default + "`";
}

std::string table_row(const Key& key) {
    const std::string note = key.later_note.empty() ? "" : " *" + key.later_note + "*";
    return fmt::format("| `{}` | `{}` | {} | {}{} |\n", key.name, settings::variable_name(key.name),
                       table_default(key), key.sentence, note);
}

std::vector<std::string> parts_of(const std::string& name) {
    std::istringstream stream{name};
    std::vector<std::string> parts;
    for (std::string part; std::getline(stream, part, '.');) {
        parts.push_back(part);
    }
    return parts;
}

/// Without the marks of Markdown.
std::string plain(std::string text) {
    std::erase(text, '`');
    return text;
}

/// Writes keys as a nested YAML map.
class YamlWriter {
public:
    explicit YamlWriter(std::string text) : text_(std::move(text)) {}

    void write(const Chapter& chapter) {
        text_ += fmt::format("\n# --- {} ---\n", chapter.title);
        for (const Key& key : chapter.keys) {
            write(key);
        }
    }

    [[nodiscard]] const std::string& text() const { return text_; }

private:
    void write(const Key& key) {
        auto sections = parts_of(key.name);
        const std::string name = sections.back();
        sections.pop_back();
        open(sections);
        const std::string indent(sections.size() * 2, ' ');
        constexpr std::size_t width = 110;
        const std::string_view gap = text_.ends_with(":\n") ? "" : "\n";
        text_ += fmt::format("{}{}", gap, wrapped(plain(comment(key)), indent + "#", width));
        text_ += fmt::format("{}{}{}: {}\n", indent, key.default_note.empty() ? "" : "# ", name,
                             key.shown_default);
    }

    static std::string comment(const Key& key) {
        std::string text = key.sentence;
        if (!key.default_note.empty()) {
            text += " Default: " + key.default_note + ".";
        }
        if (!key.later_note.empty()) {
            text += " " + key.later_note;
        }
        return text;
    }

    /// Writes the names of the sections that are not open yet.
    void open(const std::vector<std::string>& sections) {
        const auto [differs, _] = std::ranges::mismatch(sections, open_);
        for (auto section = differs; section != sections.end(); ++section) {
            const auto depth = static_cast<std::size_t>(section - sections.begin());
            const std::string_view gap = text_.ends_with(":\n") ? "" : "\n";
            text_ += fmt::format("{}{}{}:\n", gap, std::string(depth * 2, ' '), *section);
        }
        open_ = sections;
    }

    std::string text_;
    std::vector<std::string> open_;
};

}  // namespace

std::string configuration_markdown() {
    std::string text{markdown_introduction};
    for (const Chapter& chapter : settings::chapters()) {
        text += fmt::format("\n## {}\n\n", chapter.title);
        if (!chapter.introduction.empty()) {
            text += chapter.introduction + "\n\n";
        }
        text += "| key | environment | default | what it does |\n| --- | --- | --- | --- |\n";
        for (const Key& key : chapter.keys) {
            text += table_row(key);
        }
    }
    return text;
}

std::string default_config_yaml() {
    YamlWriter writer{std::string(yaml_introduction)};
    for (const Chapter& chapter : settings::chapters()) {
        writer.write(chapter);
    }
    return writer.text();
}

}  // namespace flotilla
