#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace flotilla::settings {

struct Value;
struct ValueEntry;
using ValueList = std::vector<Value>;
/// Entries in their order; a key may stand twice: the reader of the map says so.
using ValueMap = std::vector<ValueEntry>;

/// A value as it was written, not yet of any type.
struct Value {
    std::variant<std::monostate, std::string, ValueList, ValueMap> content;
    int line = 0;  ///< from 1; 0: unknown

    [[nodiscard]] bool is_nothing() const;
    /// Null unless it is of that kind.
    [[nodiscard]] const std::string* text() const;
    [[nodiscard]] const ValueList* list() const;
    [[nodiscard]] const ValueMap* map() const;
};

struct ValueEntry {
    std::string key;
    Value value;
};

/// The text with its control characters escaped.
[[nodiscard]] std::string on_one_line(std::string_view text);

/// The value for a message: short, on one line, without the password of a URL.
[[nodiscard]] std::string shown(const Value& value);

/// Text as YAML writes it, in quotes where it needs them.
[[nodiscard]] std::string yaml_text(std::string_view text);

/// Where values were read.
class Source {
public:
    static Source file(std::string path) { return {std::move(path), true}; }
    static Source variable(const std::string& name) { return {"environment variable " + name, false}; }
    /// `conf/config.yml:12`, or `environment variable CLUSTERS`.
    [[nodiscard]] std::string at(const Value& value) const;

private:
    Source(std::string name, bool has_lines) : name_(std::move(name)), has_lines_(has_lines) {}

    std::string name_;
    bool has_lines_;
};

/// Collects the mistakes of one source.
class Report {
public:
    Report(Source source, std::vector<std::string>& errors) : source_(std::move(source)), errors_(errors) {}

    /// "`name`: `value` is not `expected` (where)"
    void wrong(const std::string& name, const Value& value, const std::string& expected);
    /// The same, without the value.
    void wrong_secret(const std::string& name, const Value& value, const std::string& expected);
    /// "`name`: `message` (where)"
    void say(const std::string& name, const Value& value, const std::string& message);
    [[nodiscard]] std::size_t count() const { return errors_.size(); }
    [[nodiscard]] const Source& source() const { return source_; }

private:
    Source source_;
    std::vector<std::string>& errors_;
};

}  // namespace flotilla::settings
