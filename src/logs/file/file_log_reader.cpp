#include "logs/file/file_log_reader.hpp"

#include <algorithm>
#include <cerrno>
#include <stdexcept>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include "base/file.hpp"
#include "logs/file/compressed_log.hpp"
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

}  // namespace

std::filesystem::path FileLogReader::path_of(const AttemptLog& log) const {
    return log_path(data_dir_, log.run, log.attempt);
}

LogPage FileLogReader::read(const AttemptLog& log, std::int64_t offset, std::size_t most) {
    const auto bytes = open(log);
    if (!bytes) {
        return {};
    }
    const auto there = static_cast<std::size_t>(std::max<std::int64_t>(bytes->size() - offset, 0));
    return cut_page(bytes->read(offset, std::min(most, there)), most, log.is_complete);
}

/// What is wrong with a log is told to who opens it.
std::int64_t FileLogReader::size(const AttemptLog& log) {
    struct stat status {};
    if (::stat(path_of(log).c_str(), &status) == 0) {
        return status.st_size;
    }
    try {
        const auto bytes = open(log);
        return bytes ? bytes->size() : 0;
    } catch (const std::exception&) {
        return 0;
    }
}

/// In this order: a log goes only when the compressed one is there.
std::unique_ptr<LogBytes> FileLogReader::open(const AttemptLog& log) {
    const auto path = path_of(log);
    if (UniqueFd file = open_file(path)) {
        return std::make_unique<FileBytes>(std::move(file));
    }
    UniqueFd compressed = open_file(compressed_log_path(path));
    return compressed ? std::make_unique<CompressedLog>(std::move(compressed)) : nullptr;
}

}  // namespace flotilla
