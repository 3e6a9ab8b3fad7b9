#include "api/file_stream.hpp"

#include <algorithm>
#include <stdexcept>

namespace flotilla {

namespace {

constexpr std::uint64_t part_size = 128 * 1024;

}  // namespace

StreamPart FileStream::next(Moment) {
    const auto wanted = std::min(left_, part_size);
    StreamPart part{read_at(file_.get(), offset_, wanted)};
    if (part.bytes.size() < wanted) {
        throw std::runtime_error("a file that is being sent has become shorter");
    }
    offset_ += wanted;
    left_ -= wanted;
    part.then = left_ == 0 ? StreamPart::Then::end : StreamPart::Then::more;
    return part;
}

}  // namespace flotilla
