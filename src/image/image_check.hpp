#pragma once

#include <string>
#include <variant>

#include "image/reference.hpp"

namespace flotilla {

/// It is there.
struct ImagePresent {};
/// Whoever was asked answered that it does not exist, or may not be read.
struct ImageAbsent {
    std::string reason;
};
/// Nobody could be asked.
struct ImageUnknown {
    std::string reason;  ///< one sentence that names the registry and what went wrong
};
using ImageAnswer = std::variant<ImagePresent, ImageAbsent, ImageUnknown>;

/// Says whether an image exists where an engine would take it from. Answers within 3 seconds.
/// Safe to call from any thread.
class ImageCheck {
public:
    ImageCheck() = default;
    ImageCheck(const ImageCheck&) = delete;
    ImageCheck& operator=(const ImageCheck&) = delete;
    virtual ~ImageCheck() = default;
    [[nodiscard]] virtual ImageAnswer check(const ImageReference& image) = 0;
};

}  // namespace flotilla
