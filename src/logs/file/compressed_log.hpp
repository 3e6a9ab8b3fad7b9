#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/file.hpp"
#include "logs/log_reader.hpp"

struct ZSTD_CCtx_s;
struct ZSTD_DCtx_s;

namespace flotilla {

/// A compressed log is a file that `zstd -d` reads: frames (RFC 8878) of 128 KiB of the log each, the last
/// one of what is left, then a skippable frame whose data are, each of 8 bytes, the lowest first: where each
/// frame begins, where the last one ends, how long the log is, and `compressed_log_magic`. So a part of a log
/// costs the frames that it lies in, however long the log is.
constexpr std::size_t compressed_log_frame_size = std::size_t{128} << 10;
constexpr std::uint64_t compressed_log_magic = 0x31474f4c544f4c46;  // "FLOTLOG1"

/// Compresses a log frame by frame into an open file.
class LogCompressor {
public:
    explicit LogCompressor(int file);
    LogCompressor(const LogCompressor&) = delete;
    LogCompressor& operator=(const LogCompressor&) = delete;
    ~LogCompressor();

    /// The bytes of one frame: as many as it has, fewer only in the last one. Throws std::system_error when
    /// the file cannot be written.
    void add(std::string_view bytes);
    /// Nothing follows. Throws the same.
    void finish();
    /// How long the compressed file is so far.
    [[nodiscard]] std::int64_t written() const { return static_cast<std::int64_t>(offsets_.back()); }

private:
    int file_;
    ZSTD_CCtx_s* context_;
    std::string frame_;
    std::vector<std::uint64_t> offsets_{0};
    std::uint64_t size_ = 0;  ///< of the log
};

/// The bytes of a compressed log. For one thread at a time.
class CompressedLog final : public LogBytes {
public:
    /// Throws std::runtime_error if the file is none.
    explicit CompressedLog(UniqueFd file);
    ~CompressedLog() override;

    [[nodiscard]] std::int64_t size() const override { return size_; }
    /// Throws std::runtime_error if what was stored is damaged.
    [[nodiscard]] std::string read(std::int64_t offset, std::size_t count) override;

private:
    UniqueFd file_;
    ZSTD_DCtx_s* context_ = nullptr;
    std::int64_t size_ = 0;      ///< of the log
    std::uint64_t offsets_ = 0;  ///< where those of the frames lie
};

}  // namespace flotilla
