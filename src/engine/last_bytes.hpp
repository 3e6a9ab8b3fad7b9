#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace flotilla {

/// The last bytes of a stream. They lie in a file that has no name, which is made when the first of them
/// comes and goes with its process.
class LastBytes {
public:
    /// At most `size` of them, 1 or more. The file is made as `path`, which begins at the open folder
    /// `folder` unless it is absolute, and has that name for a moment.
    LastBytes(int folder, std::string path, std::int64_t size);
    ~LastBytes();
    LastBytes(const LastBytes&) = delete;
    LastBytes& operator=(const LastBytes&) = delete;

    /// How many of these bytes were taken; if not all, errno says why.
    std::size_t add(std::string_view bytes);
    /// How many were taken in all.
    [[nodiscard]] std::int64_t count() const { return count_; }
    /// At most `most` bytes from byte `at` of the stream on, which is one of the last. Empty if they cannot
    /// be read: errno says why.
    [[nodiscard]] std::string read(std::int64_t at, std::size_t most) const;
    /// The same, which are read no more: their room on the disk becomes free, that of all when the last one
    /// is taken.
    [[nodiscard]] std::string take(std::int64_t at, std::size_t most);

private:
    [[nodiscard]] bool open();
    void close();

    int folder_;
    std::string path_;
    std::int64_t size_;
    std::int64_t count_ = 0;
    int file_ = -1;
};

}  // namespace flotilla
