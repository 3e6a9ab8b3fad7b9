#pragma once

#include <vector>

#include "store/postgres/postgres_address.hpp"

namespace flotilla {

/// The parameters of an address as libpq takes them: two lists that a null ends. The address outlives it.
struct Keywords {
    explicit Keywords(const PostgresAddress& address) {
        for (const auto& [name, value] : address.parameters) {
            names.push_back(name.c_str());
            values.push_back(value.c_str());
        }
        names.push_back(nullptr);
        values.push_back(nullptr);
    }
    std::vector<const char*> names;
    std::vector<const char*> values;
};

}  // namespace flotilla
