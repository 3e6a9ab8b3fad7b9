#include "api/file_stream.hpp"

#include <algorithm>
#include <cerrno>
#include <stdexcept>

#include <unistd.h>

namespace flotilla {

namespace {

constexpr std::uint64_t part_size = 128 * 1024;

}  // namespace

StreamPart FileStream::next(Moment) {
    StreamPart part;
    part.bytes.resize(std::min(left_, part_size));
    std::size_t filled = 0;
    while (filled < part.bytes.size()) {
        const auto count = ::pread(file_.get(), part.bytes.data() + filled, part.bytes.size() - filled,
                                   static_cast<off_t>(offset_ + filled));
        if (count < 0 && errno != EINTR) {
            throw_errno("cannot read a file that is being sent");
        }
        if (count == 0) {
            throw std::runtime_error("a file that is being sent has become shorter");
        }
        filled += count > 0 ? static_cast<std::size_t>(count) : 0;
    }
    offset_ += filled;
    left_ -= filled;
    part.then = left_ == 0 ? StreamPart::Then::end : StreamPart::Then::more;
    return part;
}

}  // namespace flotilla
