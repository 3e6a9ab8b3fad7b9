#pragma once

#include <string>

#include "cli/arguments.hpp"
#include "image/image_store.hpp"

namespace flotilla {

/// The options of every command that acts on this host's own images.
struct ImageOptions {
    std::string config = "conf";

    void declare(Arguments& arguments);
    [[nodiscard]] ImageStore open() const;
};

/// Throws `invalid` for a text that is not the name of an image.
[[nodiscard]] ImageReference image_named(const std::string& text);

}  // namespace flotilla
