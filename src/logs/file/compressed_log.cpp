#include "logs/file/compressed_log.hpp"

#include <algorithm>
#include <limits>
#include <new>
#include <stdexcept>

#include <fmt/format.h>
#include <sys/stat.h>
#include <zstd.h>

namespace flotilla {

namespace {

constexpr std::size_t number_size = 8;
constexpr std::size_t end_size = 2 * number_size;  // the length of the log and the magic number
constexpr std::size_t skippable_head_size = 8;     // magic number and size, 4 bytes each

void append_number(std::string& to, std::uint64_t number, std::size_t bytes = number_size) {
    for (std::size_t i = 0; i < bytes; ++i) {
        to += static_cast<char>(number >> (8 * i) & 0xFF);
    }
}

std::uint64_t number_at(std::string_view bytes, std::size_t place) {
    std::uint64_t number = 0;
    for (std::size_t i = 0; i < number_size; ++i) {
        number |= std::uint64_t{static_cast<unsigned char>(bytes.at(place + i))} << (8 * i);
    }
    return number;
}

std::size_t checked(std::size_t result, const char* what) {
    if (ZSTD_isError(result) != 0) {
        throw std::runtime_error(fmt::format("{}: {}", what, ZSTD_getErrorName(result)));
    }
    return result;
}

std::uint64_t frames_of(std::uint64_t log_size) {
    return (log_size + compressed_log_frame_size - 1) / compressed_log_frame_size;
}

[[noreturn]] void fail_as_damaged() {
    throw std::runtime_error("a compressed log is damaged");
}

}  // namespace

LogCompressor::LogCompressor(int file)
    : file_(file), context_(ZSTD_createCCtx()), frame_(ZSTD_compressBound(compressed_log_frame_size), '\0') {
    if (context_ == nullptr) {
        throw std::bad_alloc();
    }
    checked(ZSTD_CCtx_setParameter(context_, ZSTD_c_checksumFlag, 1), "cannot compress a log");
}

LogCompressor::~LogCompressor() {
    ZSTD_freeCCtx(context_);
}

void LogCompressor::add(std::string_view bytes) {
    const auto length =
        checked(ZSTD_compress2(context_, frame_.data(), frame_.size(), bytes.data(), bytes.size()),
                "cannot compress a log");
    write_all(file_, {frame_.data(), length}, "a compressed log");
    offsets_.push_back(offsets_.back() + length);
    size_ += bytes.size();
}

void LogCompressor::finish() {
    std::string last;
    append_number(last, ZSTD_MAGIC_SKIPPABLE_START, 4);
    append_number(last, offsets_.size() * number_size + end_size, 4);
    for (const std::uint64_t offset : offsets_) {
        append_number(last, offset);
    }
    append_number(last, size_);
    append_number(last, compressed_log_magic);
    write_all(file_, last, "a compressed log");
    offsets_.push_back(offsets_.back() + last.size());
}

CompressedLog::CompressedLog(UniqueFd file) : file_(std::move(file)) {
    struct stat status {};
    if (::fstat(file_.get(), &status) != 0) {
        throw_errno("cannot read a compressed log");
    }
    const auto file_size = static_cast<std::uint64_t>(status.st_size);
    if (file_size < end_size) {
        fail_as_damaged();
    }
    const std::string end = read_at(file_.get(), file_size - end_size, end_size);
    const std::uint64_t log_size = number_at(end, 0);
    const std::uint64_t offsets_size = (frames_of(log_size) + 1) * number_size;
    if (number_at(end, number_size) != compressed_log_magic ||
        log_size > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()) ||
        offsets_size + end_size + skippable_head_size > file_size) {
        fail_as_damaged();
    }
    size_ = static_cast<std::int64_t>(log_size);
    offsets_ = file_size - end_size - offsets_size;
}

CompressedLog::~CompressedLog() {
    ZSTD_freeDCtx(context_);
}

std::string CompressedLog::read(std::int64_t offset, std::size_t count) {
    std::string bytes;
    if (count == 0) {
        return bytes;
    }
    if (context_ == nullptr) {
        context_ = ZSTD_createDCtx();
    }
    if (context_ == nullptr) {
        throw std::bad_alloc();
    }
    const auto first = static_cast<std::uint64_t>(offset) / compressed_log_frame_size;
    const auto frames = frames_of(static_cast<std::uint64_t>(offset) + count) - first;
    const std::string offsets =
        read_at(file_.get(), offsets_ + first * number_size, (frames + 1) * number_size);
    auto to_skip = static_cast<std::size_t>(offset) - first * compressed_log_frame_size;
    std::string frame(compressed_log_frame_size, '\0');
    bytes.reserve(count);
    for (std::size_t i = 0; i < frames; ++i) {
        const std::uint64_t begin = number_at(offsets, i * number_size);
        const std::uint64_t end = number_at(offsets, (i + 1) * number_size);
        if (end < begin || end > offsets_) {
            fail_as_damaged();
        }
        const std::string compressed = read_at(file_.get(), begin, end - begin);
        const auto length = checked(
            ZSTD_decompressDCtx(context_, frame.data(), frame.size(), compressed.data(), compressed.size()),
            "a compressed log is damaged");
        if (length < to_skip) {
            fail_as_damaged();
        }
        bytes.append(frame, to_skip, std::min(length - to_skip, count - bytes.size()));
        to_skip = 0;
    }
    if (bytes.size() < count) {
        fail_as_damaged();
    }
    return bytes;
}

}  // namespace flotilla
