#include "logs/file/file_log_reader.hpp"

#include <algorithm>
#include <cerrno>
#include <stdexcept>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include "base/file.hpp"
#include "logs/file/log_path.hpp"
#include "logs/log_page.hpp"

namespace flotilla {

namespace {

/// None if it does not exist.
UniqueFd open_file(const std::filesystem::path& path) {
    UniqueFd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!file && errno != ENOENT) {
        throw_errno(fmt::format("cannot open {}", path.string()));
    }
    return file;
}

class FileBytes final : public LogBytes {
public:
    explicit FileBytes(UniqueFd file) : file_(std::move(file)) {
        struct stat status {};
        if (::fstat(file_.get(), &status) != 0) {
            throw_errno("cannot read the log");
        }
        size_ = status.st_size;
    }
    std::int64_t size() const override { return size_; }
    std::string read(std::int64_t offset, std::size_t count) override {
        std::string bytes = read_at(file_.get(), static_cast<std::uint64_t>(offset), count);
        if (bytes.size() < count) {
            throw std::runtime_error("a log that is being sent has become shorter");
        }
        return bytes;
    }

private:
    UniqueFd file_;
    std::int64_t size_ = 0;
};

/// At most `most` of the bytes from `offset` on; never room for more than there are, which may be few.
std::string read_part(int file, std::int64_t offset, std::size_t most) {
    struct stat status {};
    if (::fstat(file, &status) != 0) {
        throw_errno("cannot read the log");
    }
    const auto there = std::max<std::int64_t>(status.st_size - offset, 0);
    return read_at(file, static_cast<std::uint64_t>(offset), std::min(most, static_cast<std::size_t>(there)));
}

}  // namespace

std::filesystem::path FileLogReader::path_of(const AttemptLog& log) const {
    return log_path(data_dir_, log.run, log.attempt);
}

LogPage FileLogReader::read(const AttemptLog& log, std::int64_t offset, std::size_t most) {
    const UniqueFd file = open_file(path_of(log));
    return file ? cut_page(read_part(file.get(), offset, most), most, log.is_complete) : LogPage{};
}

std::int64_t FileLogReader::size(const AttemptLog& log) {
    struct stat status {};
    return ::stat(path_of(log).c_str(), &status) == 0 ? status.st_size : 0;
}

std::unique_ptr<LogBytes> FileLogReader::open(const AttemptLog& log) {
    UniqueFd file = open_file(path_of(log));
    return file ? std::make_unique<FileBytes>(std::move(file)) : nullptr;
}

}  // namespace flotilla
