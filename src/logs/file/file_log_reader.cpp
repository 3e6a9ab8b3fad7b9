#include "logs/file/file_log_reader.hpp"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <optional>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.hpp"
#include "base/file.hpp"
#include "base/utf8.hpp"
#include "logs/file/log_path.hpp"

namespace flotilla {

namespace {

constexpr std::size_t page_size = 1024 * 1024;

struct Position {
    int attempt = 0;
    std::int64_t offset = 0;
};

template <typename Integer>
bool take_number(std::string_view& text, Integer& number) {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    return error == std::errc{} && number >= 0;
}

Position parse_token(std::string_view token) {
    Position position;
    std::string_view rest = token;
    const bool has_attempt = take_number(rest, position.attempt) && rest.starts_with('/');
    if (has_attempt) {
        rest.remove_prefix(1);
    }
    if (!has_attempt || !take_number(rest, position.offset) || !rest.empty()) {
        throw invalid("last_seen [{}] is not a token that this server gave out", token);
    }
    return position;
}

std::string read_at(int file, std::int64_t offset) {
    std::string bytes(page_size, '\0');
    std::size_t filled = 0;
    while (filled < bytes.size()) {
        const auto count = ::pread(file, bytes.data() + filled, bytes.size() - filled,
                                   offset + static_cast<std::int64_t>(filled));
        if (count < 0 && errno != EINTR) {
            throw_errno("cannot read the log");
        }
        if (count == 0) {
            break;
        }
        filled += count > 0 ? static_cast<std::size_t>(count) : 0;
    }
    bytes.resize(filled);
    return bytes;
}

/// How many of the bytes make the page: whole lines, or all that there is once nothing more is written, or as
/// much of an overlong line as fits.
std::size_t page_length(std::string_view bytes, bool at_end) {
    if (at_end && bytes.size() < page_size) {
        return bytes.size();
    }
    const auto last_line_end = bytes.rfind('\n');
    if (last_line_end != std::string_view::npos) {
        return last_line_end + 1;
    }
    return bytes.size() < page_size ? 0 : whole_characters(bytes);
}

/// The text of the page that begins with `bytes`, and how many bytes it took.
std::pair<std::string, std::size_t> cut_page(std::string_view bytes, bool at_end) {
    std::size_t length = page_length(bytes, at_end);
    std::string text = as_utf8(bytes.substr(0, length));
    if (text.size() > page_size) {
        // Replaced bytes are three times as long: a third of them surely fits.
        const auto third = bytes.substr(0, page_size / 3);
        const auto line_end = third.rfind('\n');
        length = line_end == std::string_view::npos ? whole_characters(third) : line_end + 1;
        text = as_utf8(bytes.substr(0, length));
    }
    if (text.ends_with('\n')) {
        text.pop_back();
    }
    return {std::move(text), length};
}

}  // namespace

LogPage FileLogReader::read(const Run& run, std::string_view last_seen) {
    Position from{run.attempt.number, 0};
    if (!last_seen.empty()) {
        const Position seen = parse_token(last_seen);
        if (seen.attempt == run.attempt.number) {
            from = seen;
        }
    }
    LogPage page;
    const auto offset_before = from.offset;
    const auto path = log_path(data_dir_, run.id, run.attempt.number);
    const UniqueFd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (file) {
        auto [text, length] =
            cut_page(read_at(file.get(), from.offset), run.attempt.phase == AttemptPhase::ended);
        page.text = std::move(text);
        from.offset += static_cast<std::int64_t>(length);
    } else if (errno != ENOENT) {
        throw_errno(fmt::format("cannot open {}", path.string()));
    }
    const bool nothing_new = from.offset == offset_before;
    page.last_seen = nothing_new && !last_seen.empty() ? std::string(last_seen)
                                                       : fmt::format("{}/{}", from.attempt, from.offset);
    return page;
}

}  // namespace flotilla
