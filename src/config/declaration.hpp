#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "config/codec.hpp"
#include "config/config.hpp"
#include "config/value.hpp"

namespace flotilla::settings {

/// What a value has to be beyond its type.
template <typename T>
struct Check {
    std::string expected;  ///< as in "... is not EXPECTED"
    std::function<bool(const T&)> holds;
};

/// Something that a value asks for and that this version does not have.
struct Wish {
    std::string below = {};    ///< the part of the value, such as `.default.network`; empty: the whole
    std::string message = {};  ///< one sentence: what is not built yet, what to do
};

/// What there is to say of a key besides its name, type and default.
template <typename T>
struct Rules {
    Check<T> must_be = {};
    /// The value may hold a password: no message shows any of it.
    bool is_secret = false;
    /// The default as YAML where the type cannot write it.
    std::string shown_default = {};
    /// The default in words where it depends on the host or on other keys; such a key stands in config.yml as
    /// a comment, with `shown_default` as an example.
    std::string default_note = {};
    /// Of a map of texts: each entry has a variable of its own besides, `LOG_DRIVER_OPTIONS_AWSLOGS_GROUP`
    /// for `awslogs-group`.
    bool has_entry_variables = false;
    /// Which values ask for parts that are not built yet, for the documentation ...
    std::string later_note = {};
    /// ... and what a value asks for.
    std::function<std::vector<Wish>(const T&)> later = {};
};

/// A key, ready to be read, checked and documented.
struct Key {
    std::string name;  ///< dotted
    std::string sentence;
    std::string expected;
    std::string shown_default;
    std::string default_note;
    std::string later_note;
    bool is_map = false;
    /// Reads a value into the configuration, and reports if it may not be that.
    std::function<void(const Value&, Config&, Report&)> read;
    std::function<std::vector<Wish>(const Config&)> wishes;
    /// Puts an entry into a map, in the place of one of that name; empty where entries have no variables. The
    /// name is as in a variable, in upper case and with `_` for `-`.
    std::function<void(const std::string& name, const std::string& text, Config&)> set_entry;
};

/// Keys that are documented together.
struct Chapter {
    std::string title;
    std::string introduction;  ///< Markdown
    std::vector<Key> keys;
};

/// See `Key::set_entry`.
void set_entry(TextPairs& map, const std::string& name, const std::string& text);

/// Declares the keys whose values lie in one struct of the configuration.
template <typename Struct>
class Section {
public:
    using In = Struct& (*)(Config&);

    /// `prefix` is what the keys' names begin with, `in` finds the struct.
    Section(Chapter& chapter, std::string_view prefix, In in) : chapter_(chapter), prefix_(prefix), in_(in) {}

    /// Declares a key: its type and default are those of the member.
    template <typename T>
    void key(std::string_view name, T Struct::*member, std::string_view sentence, Rules<T> rules = {}) {
        Config defaults;
        const T& by_default = in_(defaults).*member;
        Key key;
        key.name = prefix_ + std::string(name);
        key.sentence = sentence;
        key.expected = rules.must_be.holds ? rules.must_be.expected : std::string(Codec<T>::expected);
        key.is_map = Codec<T>::is_map;
        key.default_note = rules.default_note;
        key.shown_default = rules.shown_default;
        if constexpr (requires { Codec<T>::yaml(by_default); }) {
            if (key.shown_default.empty()) {
                key.shown_default = Codec<T>::yaml(by_default);
            }
        }
        key.later_note = rules.later_note;
        key.read = [in = in_, member, name = key.name, expected = key.expected, holds = rules.must_be.holds,
                    wrong = rules.is_secret ? &Report::wrong_secret : &Report::wrong](
                       const Value& value, Config& config, Report& report) {
            T read_value = in(config).*member;
            const std::size_t mistakes_before = report.count();
            if (!Codec<T>::read(value, read_value, name, report) || (holds && !holds(read_value))) {
                (report.*wrong)(name, value, expected);
            } else if (Codec<T>::is_map || report.count() == mistakes_before) {
                // Of a map with mistakes the rest stays, to be checked as well.
                in(config).*member = std::move(read_value);
            }
        };
        key.wishes = [in = in_, member, later = rules.later](const Config& config) {
            Config copy = config;
            return later ? later(in(copy).*member) : std::vector<Wish>{};
        };
        if constexpr (std::is_same_v<T, TextPairs>) {
            if (rules.has_entry_variables) {
                key.set_entry = [in = in_, member](const std::string& entry, const std::string& text,
                                                   Config& config) {
                    flotilla::settings::set_entry(in(config).*member, entry, text);
                };
            }
        }
        chapter_.keys.push_back(std::move(key));
    }

private:
    Chapter& chapter_;
    std::string prefix_;
    In in_;
};

/// Every key there is, in the order of the documentation.
[[nodiscard]] const std::vector<Chapter>& chapters();

/// The key that is written `name` in any of its spellings (`worker.submit_interval`,
/// `worker_submit_interval`); null if there is none.
[[nodiscard]] const Key* find_key(std::string_view name);

/// `name` with `_` for `.`: equal for all spellings of a key.
[[nodiscard]] std::string one_word(std::string_view name);

/// The environment variable of a key: `WORKER_SUBMIT_INTERVAL`.
[[nodiscard]] std::string variable_name(std::string_view name);

}  // namespace flotilla::settings
