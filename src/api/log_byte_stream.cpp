#include "api/log_byte_stream.hpp"

#include <algorithm>

namespace flotilla {

namespace {

constexpr std::uint64_t part_size = std::uint64_t{128} * 1024;

}  // namespace

StreamPart LogByteStream::next(Moment) {
    const auto wanted = std::min(left_, part_size);
    StreamPart part{log_->read(static_cast<std::int64_t>(offset_), wanted)};
    offset_ += wanted;
    left_ -= wanted;
    part.then = left_ == 0 ? StreamPart::Then::end : StreamPart::Then::more;
    return part;
}

}  // namespace flotilla
