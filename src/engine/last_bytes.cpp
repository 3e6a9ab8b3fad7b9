#include "engine/last_bytes.hpp"

#include <algorithm>
#include <cerrno>
#include <utility>

#include <fcntl.h>
#include <unistd.h>

namespace flotilla {

LastBytes::LastBytes(int folder, std::string path, std::int64_t size)
    : folder_(folder), path_(std::move(path)), size_(size) {}

LastBytes::~LastBytes() {
    close();
}

void LastBytes::close() {
    if (file_ >= 0) {
        ::close(std::exchange(file_, -1));
    }
}

/// By a name, since not every file system has O_TMPFILE. One that a crash left behind is written over.
bool LastBytes::open() {
    if (file_ < 0) {
        file_ = ::openat(folder_, path_.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
        (void)::unlinkat(folder_, path_.c_str(), 0);
    }
    return file_ >= 0;
}

std::size_t LastBytes::add(std::string_view bytes) {
    if (!open()) {
        return 0;
    }
    std::size_t done = 0;
    while (done < bytes.size()) {
        const auto at = count_ % size_;
        const auto piece = bytes.substr(done, static_cast<std::size_t>(size_ - at));
        const auto written = ::pwrite(file_, piece.data(), piece.size(), at);
        if (written >= 0) {
            done += static_cast<std::size_t>(written);
            count_ += written;
        } else if (errno != EINTR) {
            break;
        }
    }
    return done;
}

std::string LastBytes::read(std::int64_t at, std::size_t most) const {
    const auto place = at % size_;
    const auto length = std::min({static_cast<std::int64_t>(most), count_ - at, size_ - place});
    std::string bytes(static_cast<std::size_t>(length), '\0');
    const auto count = ::pread(file_, bytes.data(), bytes.size(), place);
    bytes.resize(static_cast<std::size_t>(std::max<ssize_t>(count, 0)));
    return bytes;
}

std::string LastBytes::take(std::int64_t at, std::size_t most) {
    // Whole blocks of the file, since only those become free.
    const auto place = static_cast<std::size_t>(at % size_);
    std::string bytes = read(at, most - place % most);
    (void)::fallocate(file_, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, static_cast<off_t>(place),
                      static_cast<off_t>(bytes.size()));
    if (at + static_cast<std::int64_t>(bytes.size()) == count_) {
        close();
    }
    return bytes;
}

}  // namespace flotilla
