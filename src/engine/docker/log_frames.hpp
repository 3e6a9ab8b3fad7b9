#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

namespace flotilla {

/// Cuts the stream of a container's log into the pieces that the daemon kept, wherever the stream itself was
/// cut: https://docs.docker.com/reference/api/engine/version/v1.41/#tag/Container/operation/ContainerAttach
class LogFrames {
public:
    /// Gives each piece that is whole, of either output, in its order.
    void take(std::string_view bytes, const std::function<void(std::string_view)>& give);

private:
    std::string header_;
    std::string piece_;     ///< what has come of the one that is not whole yet
    std::size_t left_ = 0;  ///< bytes that it lacks
};

}  // namespace flotilla
