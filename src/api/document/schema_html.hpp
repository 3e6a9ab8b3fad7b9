#pragma once

#include <string>

#include <boost/json/object.hpp>

namespace flotilla::document {

/// Follows references inside one OpenAPI document.
class References {
public:
    /// `document` outlives this.
    explicit References(const boost::json::object& document) : document_(document) {}

    /// The object itself or, if it is `{"$ref": "#/..."}`, the one that it names. Throws `std::runtime_error`
    /// if there is none such.
    [[nodiscard]] const boost::json::object& resolved(const boost::json::value& value) const;

private:
    const boost::json::object& document_;
};

/// A text member; empty if there is none.
[[nodiscard]] std::string text_of(const boost::json::object& object, std::string_view name);

/// The type of a value in words, with links to named schemas: `list of Run`, `integer, 1 to 65535`.
[[nodiscard]] std::string type_html(const boost::json::object& schema);

/// The members of a schema as a table, with those of its `allOf` parts; empty if it has none.
[[nodiscard]] std::string members_html(const boost::json::object& schema, const References& references);

/// A value as indented JSON.
[[nodiscard]] std::string example_html(const boost::json::value& value);

}  // namespace flotilla::document
