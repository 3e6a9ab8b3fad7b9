#pragma once

#include <compare>
#include <functional>
#include <string>

namespace flotilla {

/// An id that cannot be mistaken for another kind of id.
template <typename Tag>
struct Id {
    std::string value;
    auto operator<=>(const Id&) const = default;
};

using RunId = Id<struct RunIdTag>;
using DefinitionId = Id<struct DefinitionIdTag>;

}  // namespace flotilla

template <typename Tag>
struct std::hash<flotilla::Id<Tag>> {
    std::size_t operator()(const flotilla::Id<Tag>& id) const noexcept {
        return std::hash<std::string>{}(id.value);
    }
};
