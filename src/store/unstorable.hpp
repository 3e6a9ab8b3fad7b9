#pragma once

#include <stdexcept>

namespace flotilla {

/// The database is well, but what it was to store it cannot store, whenever it is tried.
class Unstorable : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

}  // namespace flotilla
