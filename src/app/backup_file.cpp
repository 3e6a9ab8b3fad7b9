#include "app/backup_file.hpp"

#include <algorithm>
#include <new>
#include <system_error>

#include <archive.h>
#include <archive_entry.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.hpp"

namespace flotilla {

namespace {

constexpr std::size_t block_size = std::size_t{256} * 1024;
constexpr std::string_view digest_name = "digest";

std::string error_text(archive* handle) {
    const char* text = archive_error_string(handle);
    return text == nullptr ? "unreadable" : text;
}

/// An entry as it counts in the digest: what it is called, how long it is, what it holds.
std::string head_of(const std::string& name, std::uint64_t size) {
    return fmt::format("{}\n{}\n", name, size);
}

}  // namespace

void BackupWriter::Free::operator()(archive* handle) const {
    archive_write_free(handle);
}

BackupWriter::BackupWriter(std::filesystem::path file)
    : file_(std::move(file)), unfinished_(file_.string() + ".unfinished"), archive_(archive_write_new()) {
    ::unlink(unfinished_.c_str());
    fd_ = UniqueFd(::open(unfinished_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
    if (!fd_) {
        throw_errno(fmt::format("cannot write {}", unfinished_.string()));
    }
    if (!archive_) {
        throw std::bad_alloc();
    }
    require(archive_write_set_format_pax_restricted(archive_.get()));
    require(archive_write_add_filter_zstd(archive_.get()));
    require(archive_write_open_fd(archive_.get(), fd_.get()));
}

BackupWriter::~BackupWriter() {
    if (fd_) {
        ::unlink(unfinished_.c_str());
    }
}

void BackupWriter::add(const std::string& name, std::string_view content) {
    begin_entry(name, content.size());
    sha_.add(head_of(name, content.size()));
    sha_.add(content);
    write(content);
}

void BackupWriter::add_file(const std::string& name, int file, std::uint64_t size) {
    begin_entry(name, size);
    sha_.add(head_of(name, size));
    for (std::uint64_t at = 0; at < size;) {
        const auto bytes = read_at(file, at, std::min<std::uint64_t>(block_size, size - at));
        if (bytes.empty()) {
            throw unavailable("{} became shorter while it was read", name);
        }
        sha_.add(bytes);
        write(bytes);
        at += bytes.size();
    }
}

void BackupWriter::finish() {
    const auto digest = sha_.digest();
    begin_entry(std::string(digest_name), digest.size());
    write(digest);
    require(archive_write_close(archive_.get()));
    if (::fsync(fd_.get()) != 0) {
        throw_errno(fmt::format("cannot write {}", unfinished_.string()));
    }
    std::filesystem::rename(unfinished_, file_);
    fd_.reset();
}

void BackupWriter::begin_entry(const std::string& name, std::uint64_t size) {
    const std::unique_ptr<archive_entry, decltype(&archive_entry_free)> entry(archive_entry_new(),
                                                                              &archive_entry_free);
    archive_entry_set_pathname(entry.get(), name.c_str());
    archive_entry_set_size(entry.get(), static_cast<la_int64_t>(size));
    archive_entry_set_filetype(entry.get(), AE_IFREG);
    archive_entry_set_perm(entry.get(), 0600);
    require(archive_write_header(archive_.get(), entry.get()));
}

void BackupWriter::write(std::string_view bytes) {
    if (archive_write_data(archive_.get(), bytes.data(), bytes.size()) !=
        static_cast<la_ssize_t>(bytes.size())) {
        require(ARCHIVE_FATAL);
    }
}

void BackupWriter::require(int result) {
    if (result != ARCHIVE_OK) {
        throw unavailable("cannot write {}: {}", unfinished_.string(), error_text(archive_.get()));
    }
}

void BackupReader::Free::operator()(archive* handle) const {
    archive_read_free(handle);
}

BackupReader::BackupReader(std::filesystem::path file)
    : file_(std::move(file)), fd_(::open(file_.c_str(), O_RDONLY | O_CLOEXEC)), archive_(archive_read_new()) {
    if (!fd_) {
        throw invalid("cannot read {}: {}", file_.string(), std::generic_category().message(errno));
    }
    if (!archive_) {
        throw std::bad_alloc();
    }
    archive_read_support_format_tar(archive_.get());
    archive_read_support_filter_zstd(archive_.get());
    if (archive_read_open_fd(archive_.get(), fd_.get(), block_size) != ARCHIVE_OK) {
        fail(error_text(archive_.get()));
    }
}

std::optional<std::string> BackupReader::next() {
    archive_entry* entry = nullptr;
    const int result = archive_read_next_header(archive_.get(), &entry);
    if (result == ARCHIVE_EOF) {
        return std::nullopt;
    }
    if (result != ARCHIVE_OK) {
        fail(error_text(archive_.get()));
    }
    size_ = static_cast<std::uint64_t>(archive_entry_size(entry));
    return archive_entry_pathname(entry);
}

std::string BackupReader::content() {
    std::string all;
    content([&](std::string_view part) { all += part; });
    return all;
}

void BackupReader::content(const std::function<void(std::string_view)>& take) {
    std::string block(block_size, '\0');
    for (;;) {
        const auto size = archive_read_data(archive_.get(), block.data(), block.size());
        if (size < 0) {
            fail(error_text(archive_.get()));
        }
        if (size == 0) {
            return;
        }
        take(std::string_view(block).substr(0, static_cast<std::size_t>(size)));
    }
}

void BackupReader::verify(const std::filesystem::path& file) {
    BackupReader reader(file);
    Sha256 sha;
    for (auto name = reader.next(); name; name = reader.next()) {
        if (*name == digest_name) {
            if (reader.content() != sha.digest()) {
                reader.fail("its digest is another");
            }
            return;
        }
        sha.add(head_of(*name, reader.size_));
        reader.content([&](std::string_view part) { sha.add(part); });
    }
    reader.fail("its end is missing");
}

void BackupReader::fail(const std::string& reason) const {
    throw invalid("{} is no whole backup: {}; nothing was restored", file_.string(), reason);
}

}  // namespace flotilla
