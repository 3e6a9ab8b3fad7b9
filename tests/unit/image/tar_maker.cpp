#include "unit/image/tar_maker.hpp"

#include <memory>
#include <stdexcept>

#include <archive.h>
#include <archive_entry.h>

namespace flotilla::test {

namespace {

struct FreeEntry {
    void operator()(archive_entry* entry) const { archive_entry_free(entry); }
};
using Entry = std::unique_ptr<archive_entry, FreeEntry>;

Entry make_entry(const std::string& path, unsigned type, unsigned mode, int owner) {
    Entry entry(archive_entry_new());
    archive_entry_copy_pathname(entry.get(), path.c_str());
    archive_entry_set_filetype(entry.get(), type);
    archive_entry_set_perm(entry.get(), mode);
    archive_entry_set_uid(entry.get(), owner);
    archive_entry_set_gid(entry.get(), owner);
    archive_entry_set_mtime(entry.get(), 1000000000, 0);
    archive_entry_set_size(entry.get(), 0);
    return entry;
}

void write(archive* archive, const Entry& entry, const std::string& content = "") {
    // A warning is about a name that is not in this locale's characters; it is written as it is.
    if (archive_write_header(archive, entry.get()) < ARCHIVE_WARN ||
        archive_write_data(archive, content.data(), content.size()) < 0) {
        throw std::runtime_error(archive_error_string(archive));
    }
}

}  // namespace

TarMaker::TarMaker(std::filesystem::path file) : file_(std::move(file)), archive_(archive_write_new()) {
    archive_write_set_format_pax_restricted(archive_);
    if (file_.extension() == ".gz") {
        archive_write_add_filter_gzip(archive_);
    } else if (file_.extension() == ".zst") {
        archive_write_add_filter_zstd(archive_);
    }
    if (archive_write_open_filename(archive_, file_.c_str()) != ARCHIVE_OK) {
        throw std::runtime_error(archive_error_string(archive_));
    }
}

TarMaker::~TarMaker() {
    archive_write_free(archive_);
}

TarMaker& TarMaker::file(const std::string& path, const std::string& content, unsigned mode, int owner) {
    const Entry entry = make_entry(path, AE_IFREG, mode, owner);
    archive_entry_set_size(entry.get(), static_cast<la_int64_t>(content.size()));
    write(archive_, entry, content);
    return *this;
}

TarMaker& TarMaker::folder(const std::string& path, unsigned mode, int owner) {
    write(archive_, make_entry(path, AE_IFDIR, mode, owner));
    return *this;
}

TarMaker& TarMaker::link(const std::string& path, const std::string& target) {
    const Entry entry = make_entry(path, AE_IFLNK, 0777, 0);
    archive_entry_copy_symlink(entry.get(), target.c_str());
    write(archive_, entry);
    return *this;
}

TarMaker& TarMaker::hard_link(const std::string& path, const std::string& target) {
    const Entry entry = make_entry(path, AE_IFREG, 0644, 0);
    archive_entry_copy_hardlink(entry.get(), target.c_str());
    write(archive_, entry);
    return *this;
}

TarMaker& TarMaker::device(const std::string& path) {
    const Entry entry = make_entry(path, AE_IFCHR, 0666, 0);
    archive_entry_set_rdevmajor(entry.get(), 1);
    archive_entry_set_rdevminor(entry.get(), 3);
    write(archive_, entry);
    return *this;
}

TarMaker& TarMaker::fifo(const std::string& path) {
    write(archive_, make_entry(path, AE_IFIFO, 0600, 0));
    return *this;
}

TarMaker& TarMaker::attributed_file(const std::string& path, const std::string& attribute,
                                    const std::string& value) {
    const Entry entry = make_entry(path, AE_IFREG, 0644, 0);
    archive_entry_xattr_add_entry(entry.get(), attribute.c_str(), value.data(), value.size());
    write(archive_, entry);
    return *this;
}

std::filesystem::path TarMaker::finish() {
    if (archive_write_close(archive_) != ARCHIVE_OK) {
        throw std::runtime_error(archive_error_string(archive_));
    }
    return file_;
}

}  // namespace flotilla::test
