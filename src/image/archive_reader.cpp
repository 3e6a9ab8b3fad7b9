#include "image/archive_reader.hpp"

#include <algorithm>
#include <cerrno>
#include <new>
#include <string_view>

#include <archive.h>
#include <archive_entry.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include "base/error.hpp"
#include "image/archive_error.hpp"

namespace flotilla {

namespace {

constexpr std::size_t block_size = std::size_t{256} * 1024;

void write_at(int fd, std::string_view bytes, off_t offset) {
    while (!bytes.empty()) {
        const auto count = ::pwrite(fd, bytes.data(), bytes.size(), offset);
        if (count >= 0) {
            bytes.remove_prefix(static_cast<std::size_t>(count));
            offset += count;
        } else if (errno != EINTR) {
            throw_errno("cannot write");
        }
    }
}

}  // namespace

void ArchiveReader::Free::operator()(archive* handle) const {
    archive_read_free(handle);
}

ArchiveReader::ArchiveReader(const std::filesystem::path& file, UnpackBudget* budget)
    : file_(::open(file.c_str(), O_RDONLY | O_CLOEXEC)),
      budget_(budget),
      bytes_(archive_read_new()),
      entries_(archive_read_new()) {
    if (!file_) {
        throw_errno(fmt::format("cannot open {}", file.string()));
    }
    if (!bytes_ || !entries_) {
        throw std::bad_alloc();
    }
    archive_read_support_format_raw(bytes_.get());
    archive_read_support_format_empty(bytes_.get());
    archive_read_support_filter_gzip(bytes_.get());
    archive_read_support_filter_zstd(bytes_.get());
    archive_read_support_filter_xz(bytes_.get());
    archive_read_support_filter_bzip2(bytes_.get());
    if (archive_read_open_fd(bytes_.get(), file_.get(), block_size) != ARCHIVE_OK) {
        throw invalid("the archive is damaged: {}", archive_error(bytes_.get()));
    }
    archive_entry* content = nullptr;
    const int opened = archive_read_next_header(bytes_.get(), &content);
    if (opened != ARCHIVE_OK && opened != ARCHIVE_EOF) {
        throw invalid("the archive is damaged: {}", archive_error(bytes_.get()));
    }
    archive_read_support_format_tar(entries_.get());
    archive_read_support_format_empty(entries_.get());
    if (archive_read_open(entries_.get(), this, nullptr, &ArchiveReader::feed, nullptr) != ARCHIVE_OK) {
        throw invalid("it is no tar archive");
    }
}

archive_entry* ArchiveReader::next() {
    archive_entry* entry = nullptr;
    const int result = archive_read_next_header(entries_.get(), &entry);
    if (result == ARCHIVE_EOF) {
        return nullptr;
    }
    // A warning is about a name or an owner that is not in this locale's characters; its bytes are kept.
    if (result != ARCHIVE_OK && result != ARCHIVE_WARN) {
        throw failure(entries_.get());
    }
    if (budget_ != nullptr && !budget_->take_file()) {
        throw invalid("it holds more than {} files", budget_->limits().files);
    }
    return entry;
}

void ArchiveReader::copy_content(int fd) {
    off_t end = 0;
    for (;;) {
        const void* block = nullptr;
        std::size_t size = 0;
        la_int64_t offset = 0;
        const int result = archive_read_data_block(entries_.get(), &block, &size, &offset);
        end = std::max(end, offset + static_cast<off_t>(size));
        if (result == ARCHIVE_EOF) {
            break;
        }
        if (result != ARCHIVE_OK && result != ARCHIVE_WARN) {
            throw failure(entries_.get());
        }
        write_at(fd, {static_cast<const char*>(block), size}, offset);
    }
    if (::ftruncate(fd, end) != 0) {  // a hole at the end has no block
        throw_errno("cannot set a file's size");
    }
}

std::string ArchiveReader::digest() {
    const void* rest = nullptr;  // padding after the last entry
    std::ptrdiff_t size = 0;
    do {
        size = decompress(&rest);
        if (size < 0) {
            throw failure(bytes_.get());
        }
    } while (size > 0);
    return sha_.digest();
}

Error ArchiveReader::failure(archive* stage) const {
    return is_too_large_
               ? invalid("it unpacks to more than {} MiB (images.max_size)", budget_->limits().bytes >> 20)
               : invalid("the archive is damaged: {}", archive_error(stage));
}

std::ptrdiff_t ArchiveReader::feed(archive* tar, void* self, const void** buffer) {
    auto& reader = *static_cast<ArchiveReader*>(self);
    const std::ptrdiff_t size = reader.decompress(buffer);
    if (size < 0) {
        archive_set_error(tar, EIO, "%s", archive_error(reader.bytes_.get()).c_str());
    }
    return size;
}

/// The next piece of the uncompressed archive: its size, 0 at the end, negative on failure.
std::ptrdiff_t ArchiveReader::decompress(const void** buffer) {
    std::size_t size = 0;
    la_int64_t offset = 0;
    const int result = archive_read_data_block(bytes_.get(), buffer, &size, &offset);
    if (result == ARCHIVE_EOF) {
        return 0;
    }
    if (result != ARCHIVE_OK) {
        return ARCHIVE_FATAL;
    }
    if (budget_ != nullptr && !budget_->take_bytes(static_cast<std::int64_t>(size))) {
        is_too_large_ = true;
        return ARCHIVE_FATAL;
    }
    sha_.add({static_cast<const char*>(*buffer), size});
    return static_cast<std::ptrdiff_t>(size);
}

}  // namespace flotilla
