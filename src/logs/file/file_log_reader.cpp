#include "logs/file/file_log_reader.hpp"

#include <algorithm>
#include <cerrno>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include "base/utf8.hpp"
#include "logs/file/log_path.hpp"

namespace flotilla {

namespace {

/// At most `most` of the bytes from `offset` on; never room for more than there are, which may be few.
std::string read_part(int file, std::int64_t offset, std::size_t most) {
    struct stat status {};
    if (::fstat(file, &status) != 0) {
        throw_errno("cannot read the log");
    }
    const auto there = std::max<std::int64_t>(status.st_size - offset, 0);
    return read_at(file, static_cast<std::uint64_t>(offset), std::min(most, static_cast<std::size_t>(there)));
}

/// How many of the bytes make a page: whole lines, or all that there is once nothing more is written, or as
/// much of an overlong line as fits.
std::size_t page_length(std::string_view bytes, std::size_t most, bool at_end) {
    if (at_end && bytes.size() < most) {
        return bytes.size();
    }
    const auto last_line_end = bytes.rfind('\n');
    if (last_line_end != std::string_view::npos) {
        return last_line_end + 1;
    }
    return bytes.size() < most ? 0 : whole_characters(bytes);
}

/// The page that begins with `bytes`, of which there are fewer than `most` only if the log has no more.
LogPage cut_page(std::string_view bytes, std::size_t most, bool at_end) {
    std::size_t length = page_length(bytes, most, at_end);
    LogPage page;
    page.text = as_utf8(bytes.substr(0, length));
    if (page.text.size() > most) {
        // Replaced bytes are three times as long: a third of them surely fits.
        const auto third = bytes.substr(0, most / 3);
        const auto line_end = third.rfind('\n');
        length = line_end == std::string_view::npos ? whole_characters(third) : line_end + 1;
        page.text = as_utf8(bytes.substr(0, length));
    }
    page.length = static_cast<std::int64_t>(length);
    if (page.text.ends_with('\n')) {
        page.text.pop_back();
    } else {
        page.is_cut = length > 0 && (length < bytes.size() || bytes.size() == most);
    }
    return page;
}

}  // namespace

std::filesystem::path FileLogReader::path_of(const AttemptLog& log) const {
    return log_path(data_dir_, log.run, log.attempt);
}

LogPage FileLogReader::read(const AttemptLog& log, std::int64_t offset, std::size_t most) {
    const UniqueFd file = open(log);
    return file ? cut_page(read_part(file.get(), offset, most), most, log.is_complete) : LogPage{};
}

std::int64_t FileLogReader::size(const AttemptLog& log) {
    struct stat status {};
    return ::stat(path_of(log).c_str(), &status) == 0 ? status.st_size : 0;
}

UniqueFd FileLogReader::open(const AttemptLog& log) {
    const auto path = path_of(log);
    UniqueFd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!file && errno != ENOENT) {
        throw_errno(fmt::format("cannot open {}", path.string()));
    }
    return file;
}

}  // namespace flotilla
