#pragma once

#include <filesystem>
#include <memory>

#include "base/error.hpp"
#include "base/file.hpp"
#include "image/digest.hpp"
#include "image/unpack_budget.hpp"

struct archive;
struct archive_entry;

namespace flotilla {

/// Reads a tar archive from a file, decompressing it on the way: the entries one after another, and the
/// digest of the uncompressed bytes. Throws `invalid` if the archive is damaged or larger than its budget.
class ArchiveReader {
public:
    /// Throws std::system_error if the file cannot be opened. `budget` is taken from as it is read; null: it
    /// may hold what it will.
    explicit ArchiveReader(const std::filesystem::path& file, UnpackBudget* budget = nullptr);

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
    /// What a reading stage said went wrong, as an error to throw.
    [[nodiscard]] Error failure(archive* stage) const;

    UniqueFd file_;
    UnpackBudget* budget_;
    bool is_too_large_ = false;
    // Two stages, so that the digest is taken between them: bytes out of the compressed file, entries out of
    // bytes.
    Sha256 sha_;
    Handle bytes_;
    Handle entries_;
};

}  // namespace flotilla
