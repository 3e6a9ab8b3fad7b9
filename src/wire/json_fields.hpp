#pragma once

#include <cstdint>
#include <initializer_list>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json/monotonic_resource.hpp>
#include <boost/json/value.hpp>

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

/// Reads a string. `name` is what messages call the value, such as `tags[2]`; throws `invalid` if it is none.
[[nodiscard]] std::string text_from(const boost::json::value& value, const std::string& name);
/// Reads a whole number from `least` to `most`.
[[nodiscard]] std::int64_t integer_from(const boost::json::value& value, const std::string& name,
                                        std::int64_t least = std::numeric_limits<std::int64_t>::min(),
                                        std::int64_t most = std::numeric_limits<std::int64_t>::max());

/// The members of a JSON object, by name. Absent and null are the same.
class ObjectFields {
public:
    /// `name` is what messages call the object; empty for the body itself. Throws `invalid` if the value is
    /// no object, or if a key differs from one of `known` only in case.
    ObjectFields(const boost::json::value& value, std::string name,
                 std::initializer_list<std::string_view> known);

    [[nodiscard]] const boost::json::value* find(std::string_view key) const;
    [[nodiscard]] std::optional<std::string> text(std::string_view key) const;
    [[nodiscard]] std::optional<std::int64_t> integer(std::string_view key) const;
    /// What messages call the member.
    [[nodiscard]] std::string name_of(std::string_view key) const;

    /// A list, each element read by `read(value, name)`.
    template <typename Read>
    [[nodiscard]] auto list(std::string_view key, Read read) const -> std::optional<
        std::vector<decltype(read(std::declval<const boost::json::value&>(), std::string()))>> {
        const boost::json::array* elements = find_list(key);
        if (elements == nullptr) {
            return std::nullopt;
        }
        std::vector<decltype(read(std::declval<const boost::json::value&>(), std::string()))> result;
        result.reserve(elements->size());
        for (const boost::json::value& element : *elements) {
            result.push_back(read(element, name_of(key) + "[" + std::to_string(result.size()) + "]"));
        }
        return result;
    }

    /// A flat object of texts, the members by name. A null member is refused.
    [[nodiscard]] std::optional<std::map<std::string, std::string>> texts(std::string_view key) const;

private:
    [[nodiscard]] const boost::json::array* find_list(std::string_view key) const;

    const boost::json::object* object_;
    std::string name_;
};

}  // namespace flotilla
