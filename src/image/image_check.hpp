#pragma once

#include <set>
#include <stop_token>
#include <string>
#include <variant>
#include <vector>

#include "image/reference.hpp"

namespace flotilla {

/// It is there.
struct ImagePresent {
    std::string digest;  ///< `sha256:...`: what the name stands for at this moment
};
/// Whoever was asked answered that it does not exist, or may not be read.
struct ImageAbsent {
    std::string reason;
    bool is_forbidden = false;  ///< it may be there for others, whom the registry lets read it
};
/// Nobody could be asked.
struct ImageUnknown {
    std::string reason;  ///< one sentence that names the registry and what went wrong
};
using ImageAnswer = std::variant<ImagePresent, ImageAbsent, ImageUnknown>;

/// Says whether an image exists where an engine would take it from. Answers within 3 seconds.
/// An image that it says is there is kept for the run to be, as far as it is this host's to keep, even if the
/// name comes to stand for another. Safe to call from any thread.
class ImageCheck {
public:
    ImageCheck() = default;
    ImageCheck(const ImageCheck&) = delete;
    ImageCheck& operator=(const ImageCheck&) = delete;
    virtual ~ImageCheck() = default;
    [[nodiscard]] virtual ImageAnswer check(const ImageReference& image) = 0;

    /// The images that are at hand, as people write their names, without asking a registry. Empty if whoever
    /// knows cannot be asked now.
    [[nodiscard]] virtual std::vector<std::string> names() = 0;

    /// From now on only the images of these digests are kept, and those that were answered in the last 10
    /// minutes: a run is stored a while after its image was checked. Ends soon once `stop` is requested.
    virtual void keep_only(const std::set<std::string>& digests, const std::stop_token& stop) = 0;
};

}  // namespace flotilla
