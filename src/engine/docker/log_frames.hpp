#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace flotilla {

/// Takes apart the stream in which a daemon sends what a container wrote: each piece of output has a header
/// of 8 bytes in front, the last 4 its length, big endian. See "Stream format" at
/// https://docs.docker.com/reference/api/engine/version/v1.41/#tag/Container/operation/ContainerAttach
class LogFrames {
public:
    /// What of the next bytes is output, of both streams as they come.
    [[nodiscard]] std::string take(std::string_view bytes);

private:
    std::string header_;    ///< as much of it as has come
    std::size_t left_ = 0;  ///< of the piece that is under way
};

}  // namespace flotilla
