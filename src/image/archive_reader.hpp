#pragma once

#include <filesystem>
#include <memory>

#include "base/file.hpp"
#include "image/digest.hpp"

struct archive;
struct archive_entry;

namespace flotilla {

/// Reads a tar archive from a file, decompressing it on the way: the entries one after another, and the
/// digest of the uncompressed bytes. Throws `invalid` if the archive is damaged.
class ArchiveReader {
public:
    /// Throws std::system_error if the file cannot be opened.
    explicit ArchiveReader(const std::filesystem::path& file);

    /// The next entry, valid until the next call; nullptr at the end.
    [[nodiscard]] archive_entry* next();

    /// Writes the current entry's content into a file, holes as holes.
    void copy_content(int fd);

    /// The digest of the whole uncompressed archive. Call it after the last entry.
    [[nodiscard]] std::string digest();

private:
    struct Free {
        void operator()(archive* handle) const;
    };
    using Handle = std::unique_ptr<archive, Free>;

    static std::ptrdiff_t feed(archive* tar, void* self, const void** buffer);
    std::ptrdiff_t decompress(const void** buffer);

    UniqueFd file_;
    // Two stages, so that the digest is taken between them: bytes out of the compressed file, entries out of
    // bytes.
    Sha256 sha_;
    Handle bytes_;
    Handle entries_;
};

}  // namespace flotilla
