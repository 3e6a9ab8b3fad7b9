#include "app/backup_file.hpp"

#include <algorithm>
#include <array>
#include <climits>
#include <csignal>
#include <new>
#include <system_error>

#include <archive.h>
#include <archive_entry.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.hpp"
#include "image/archive_error.hpp"

namespace flotilla {

namespace {

constexpr std::size_t block_size = std::size_t{256} * 1024;
constexpr std::string_view digest_name = "digest";

/// An entry as it counts in the digest: what it is called, how long it is, what it holds.
std::string head_of(const std::string& name, std::uint64_t size) {
    return fmt::format("{}\n{}\n", name, size);
}

constexpr std::array<int, 3> ending_signals{SIGINT, SIGTERM, SIGHUP};

/// What the handler removes: set while it stands for a signal.
std::array<char, PATH_MAX> path_to_unlink{};

/// The signal, which waits until the handler is done, ends the process then.
void unlink_and_end(int signal) {
    ::unlink(path_to_unlink.data());
    ::raise(signal);
}

void unlink_no_more() {
    for (const int signal : ending_signals) {
        struct sigaction now {};
        ::sigaction(signal, nullptr, &now);
        if (now.sa_handler == unlink_and_end) {
            ::signal(signal, SIG_DFL);
        }
    }
}

/// Of a signal that has no handler and is not ignored.
void unlink_on_signal(const std::filesystem::path& path) {
    if (path.native().size() >= path_to_unlink.size()) {
        return;  // nor can it be opened
    }
    std::ranges::copy(path.native(), path_to_unlink.begin());
    path_to_unlink[path.native().size()] = '\0';
    for (const int signal : ending_signals) {
        struct sigaction now {};
        ::sigaction(signal, nullptr, &now);
        if (now.sa_handler == SIG_DFL) {
            struct sigaction action {};
            action.sa_handler = unlink_and_end;
            action.sa_flags = static_cast<int>(SA_RESETHAND);
            ::sigaction(signal, &action, nullptr);
        }
    }
}

}  // namespace

void BackupWriter::Free::operator()(archive* handle) const {
    archive_write_free(handle);
}

BackupWriter::BackupWriter(const std::filesystem::path& file) : archive_(archive_write_new()) {
    if (!archive_) {
        throw std::bad_alloc();
    }
    open(file);
    require(archive_write_set_format_pax_restricted(archive_.get()));
    require(archive_write_add_filter_zstd(archive_.get()));
    require(archive_write_set_bytes_in_last_block(archive_.get(), 1));  // else pipes get zeros at the end
    require(archive_write_open_fd(archive_.get(), fd_.get()));
}

BackupWriter::~BackupWriter() {
    if (fd_ && !unfinished_.empty()) {
        ::unlink(unfinished_.c_str());
        unlink_no_more();
    }
}

void BackupWriter::open(const std::filesystem::path& file) {
    if (file == "-") {
        if (::isatty(STDOUT_FILENO) == 1) {
            throw invalid("a backup is not for people to read: name a file, or send the output to one");
        }
        file_ = "the standard output";
        fd_ = UniqueFd(::dup(STDOUT_FILENO));
        return;
    }
    std::error_code error;
    file_ = std::filesystem::weakly_canonical(file, error);  // a link stays one
    const auto status = std::filesystem::status(file_, error);
    if (std::filesystem::is_directory(status)) {
        throw invalid("cannot write {}: it is a folder, name a file", file.string());
    }
    const bool is_replaced = !std::filesystem::exists(status) || std::filesystem::is_regular_file(status);
    if (is_replaced) {
        unfinished_ = file_.string() + ".unfinished";
        ::unlink(unfinished_.c_str());
        unlink_on_signal(unfinished_);
    }
    fd_ = is_replaced ? UniqueFd(::open(unfinished_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600))
                      : UniqueFd(::open(file_.c_str(), O_WRONLY | O_CLOEXEC));
    if (!fd_) {
        throw invalid("cannot write {}: {}", file.string(), std::generic_category().message(errno));
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
    if (::fsync(fd_.get()) != 0 && errno != EINVAL && errno != EROFS) {  // these: pipes, and such devices
        throw_errno(fmt::format("cannot write {}", file_.string()));
    }
    if (!unfinished_.empty()) {
        std::filesystem::rename(unfinished_, file_);
        unlink_no_more();
    }
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
        const int number = archive_errno(archive_.get());
        throw unavailable(
            "cannot write {}: {}", file_.string(),
            number > 0 ? std::generic_category().message(number) : archive_error(archive_.get()));
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
        fail(archive_error(archive_.get()));
    }
}

std::optional<std::string> BackupReader::next() {
    archive_entry* entry = nullptr;
    const int result = archive_read_next_header(archive_.get(), &entry);
    if (result == ARCHIVE_EOF) {
        return std::nullopt;
    }
    if (result != ARCHIVE_OK) {
        fail(archive_error(archive_.get()));
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
            fail(archive_error(archive_.get()));
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
