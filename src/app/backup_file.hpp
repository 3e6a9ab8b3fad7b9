#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/crypto.hpp"
#include "base/file.hpp"

struct archive;

namespace flotilla {

/// Writes a backup: a tar archive, compressed with zstd, whose last entry is the digest of all before it. The
/// file appears, readable by its owner alone, when it is complete; what had its name is replaced then. A
/// device or a pipe is written to as it is. Throws std::system_error, or `unavailable` where the archive
/// cannot be written.
class BackupWriter {
public:
    /// Throws `invalid` where that cannot be written. `-` is the standard output. One at a time in a process.
    explicit BackupWriter(const std::filesystem::path& file);
    /// Removes what is not complete, as SIGINT, SIGTERM and SIGHUP do.
    ~BackupWriter();
    BackupWriter(const BackupWriter&) = delete;
    BackupWriter& operator=(const BackupWriter&) = delete;

    void add(const std::string& name, std::string_view content);
    /// The first `size` bytes of an open file.
    void add_file(const std::string& name, int file, std::uint64_t size);
    void finish();

private:
    struct Free {
        void operator()(archive* handle) const;
    };

    void open(const std::filesystem::path& file);
    void begin_entry(const std::string& name, std::uint64_t size);
    void write(std::string_view bytes);
    void require(int result);

    std::filesystem::path file_;
    std::filesystem::path unfinished_;  ///< becomes `file_`; empty: `file_` itself is written to
    UniqueFd fd_;
    std::unique_ptr<archive, Free> archive_;
    Sha256 sha_;
};

/// Reads the entries of a backup one after another. Throws `invalid` if it is none, damaged, or cut short.
class BackupReader {
public:
    explicit BackupReader(std::filesystem::path file);

    /// The name of the next entry; nothing after the last.
    [[nodiscard]] std::optional<std::string> next();
    /// Of the current entry. Call one of them at most once for each.
    [[nodiscard]] std::string content();
    void content(const std::function<void(std::string_view)>& take);

    /// Reads all of it and compares the digest.
    static void verify(const std::filesystem::path& file);

private:
    struct Free {
        void operator()(archive* handle) const;
    };

    [[noreturn]] void fail(const std::string& reason) const;

    std::filesystem::path file_;
    UniqueFd fd_;
    std::unique_ptr<archive, Free> archive_;
    std::uint64_t size_ = 0;  ///< of the current entry
};

}  // namespace flotilla
