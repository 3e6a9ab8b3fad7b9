#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace flotilla {

/// The name of an image, in full: `busybox`, `library/busybox` and `docker.io/library/busybox:latest` are
/// one. Grammar: https://github.com/distribution/reference
struct ImageReference {
    std::string registry;    ///< `docker.io`, `localhost:5000`
    std::string repository;  ///< `library/busybox`
    std::string tag;         ///< empty if only a digest is given; `latest` if neither is
    std::string digest;      ///< `sha256:...`, or empty

    /// `docker.io/library/busybox:latest`, with `@sha256:...` where a digest is given.
    [[nodiscard]] std::string text() const;
    /// As people write it: `busybox:latest`, `quay.io/x/y:1`.
    [[nodiscard]] std::string familiar() const;
    bool operator==(const ImageReference&) const = default;
};

/// Nothing if the text is not an image reference.
[[nodiscard]] std::optional<ImageReference> parse_image_reference(std::string_view text);

}  // namespace flotilla
