#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/json/monotonic_resource.hpp>
#include <boost/json/value.hpp>
#include <fmt/format.h>

namespace flotilla {

/// A body that was parsed strictly. Throws `invalid` and says where it is malformed.
class ParsedBody {
public:
    explicit ParsedBody(std::string_view text);
    ParsedBody(const ParsedBody&) = delete;
    ParsedBody& operator=(const ParsedBody&) = delete;
    ~ParsedBody() = default;

    [[nodiscard]] const boost::json::value& value() const { return value_; }

private:
    unsigned char first_bytes_[4096];
    boost::json::monotonic_resource memory_{first_bytes_};
    boost::json::value value_;
};

/// What is wrong with the values of a body, gathered so that all of it is told at once. Only so many mistakes
/// are told one by one, as a list may hold any number.
class BodyMistakes {
public:
    static constexpr std::size_t most_told = 20;

    template <typename... Args>
    void add(fmt::format_string<Args...> format, Args&&... args) {
        ++count_;
        if (count_ <= most_told) {
            lines_.push_back(fmt::format(format, std::forward<Args>(args)...));
        }
    }
    /// Throws `invalid` with the mistakes in the order in which they came, one a line.
    void throw_if_any() const;

private:
    std::vector<std::string> lines_;
    std::size_t count_ = 0;
};

// What reads a value below returns one of no meaning where there is a mistake: who reads a body throws in the
// end, see BodyMistakes.

/// Reads a string. `name` is what messages call the value, such as `tags[2]`.
[[nodiscard]] std::string text_from(const boost::json::value& value, const std::string& name,
                                    BodyMistakes& mistakes);
/// Reads a whole number from `least` to `most`.
[[nodiscard]] std::int64_t integer_from(const boost::json::value& value, const std::string& name,
                                        BodyMistakes& mistakes,
                                        std::int64_t least = std::numeric_limits<std::int64_t>::min(),
                                        std::int64_t most = std::numeric_limits<std::int64_t>::max());

/// The members of a JSON object, by name. Absent and null are the same.
class ObjectFields {
public:
    /// `name` is what messages call the object; empty for the body itself. It is a mistake if the value is no
    /// object, which then has no members, and if a key differs from one of `known` only in case.
    ObjectFields(const boost::json::value& value, std::string name, BodyMistakes& mistakes,
                 std::initializer_list<std::string_view> known);

    [[nodiscard]] const boost::json::value* find(std::string_view key) const;
    [[nodiscard]] std::optional<std::string> text(std::string_view key) const;
    [[nodiscard]] std::optional<std::int64_t> integer(std::string_view key) const;
    /// What messages call the member.
    [[nodiscard]] std::string name_of(std::string_view key) const;

    /// A list, each element read by `read(value, name, mistakes)`.
    template <typename Element>
    [[nodiscard]] std::optional<std::vector<Element>> list(std::string_view key,
                                                           Element (*read)(const boost::json::value&,
                                                                           const std::string&,
                                                                           BodyMistakes&)) const {
        const boost::json::array* elements = find_list(key);
        if (elements == nullptr) {
            return std::nullopt;
        }
        std::vector<Element> result;
        result.reserve(elements->size());
        for (const boost::json::value& element : *elements) {
            const std::string name = name_of(key) + "[" + std::to_string(result.size()) + "]";
            result.push_back(read(element, name, mistakes_));
        }
        return result;
    }

    /// A flat object of texts, the members by name. A null member is a mistake.
    [[nodiscard]] std::optional<std::map<std::string, std::string>> texts(std::string_view key) const;

private:
    [[nodiscard]] const boost::json::array* find_list(std::string_view key) const;

    const boost::json::object* object_;
    std::string name_;
    BodyMistakes& mistakes_;
};

}  // namespace flotilla
