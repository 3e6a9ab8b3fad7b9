#pragma once

#include <string>

namespace flotilla {

/// An image that somebody who defines a job may want.
struct KnownImage {
    std::string name;         ///< as people write it, such as `debian:12`
    bool is_at_hand = false;  ///< a cluster has it already; else definitions name it
    bool operator==(const KnownImage&) const = default;
};

}  // namespace flotilla
