#include "logs/log_lines.hpp"

#include <algorithm>
#include <cstring>
#include <functional>

#include "base/letter_case.hpp"
#include "base/utf8.hpp"
#include "logs/shown_text.hpp"
#include "logs/unfinished_line.hpp"

namespace flotilla {

namespace {

constexpr std::size_t block_size = std::size_t{1024} * 1024;
constexpr std::size_t most_text = 4 * block_size;

/// Calls `take` with each block of the log from `offset` on until it says false or the log ends.
void each_block(LogBytes& log, std::int64_t offset, const std::function<bool(std::string)>& take) {
    for (bool wants_more = true; wants_more && offset < log.size();) {
        const auto left = static_cast<std::size_t>(log.size() - offset);
        std::string block = log.read(offset, std::min(left, block_size));
        offset += static_cast<std::int64_t>(block.size());
        wants_more = take(std::move(block));
    }
}

std::int64_t newlines_in(std::string_view bytes) {
    std::int64_t count = 0;
    for (auto at = bytes.find('\n'); at != std::string_view::npos; at = bytes.find('\n', at + 1)) {
        ++count;
    }
    return count;
}

/// Where line ends lie, by the blocks of the file.
struct LineIndex {
    std::vector<std::int64_t> lines_before;  ///< how many lines end before each block
    std::int64_t ended = 0;                  ///< how many lines end in the file
    std::int64_t ended_length = 0;           ///< how many bytes those are
    std::int64_t size = 0;                   ///< of the file
};

LineIndex index_of(LogBytes& log) {
    LineIndex index;
    each_block(log, 0, [&](std::string_view block) {
        index.lines_before.push_back(index.ended);
        index.ended += newlines_in(block);
        if (const auto last = block.rfind('\n'); last != std::string_view::npos) {
            index.ended_length = index.size + static_cast<std::int64_t>(last) + 1;
        }
        index.size += static_cast<std::int64_t>(block.size());
        return true;
    });
    return index;
}

std::string shown_line(std::string_view line) {
    if (line.size() <= most_of_a_line) {
        return as_utf8(line);
    }
    constexpr std::size_t half = most_of_a_line / 2;
    return as_utf8(line.substr(0, half)) + " … " + as_utf8(line.substr(line.size() - half));
}

/// Cuts blocks into lines. Of a very long line only what is shown is kept.
class LineCutter {
public:
    /// `take` says whether it wants more.
    explicit LineCutter(std::function<bool(std::string)> take) : take_(std::move(take)) {}

    bool add(std::string_view bytes) {
        for (;;) {
            const auto end = bytes.find('\n');
            append(bytes.substr(0, end));
            if (end == std::string_view::npos) {
                return true;
            }
            if (!end_line()) {
                return false;
            }
            bytes.remove_prefix(end + 1);
        }
    }
    bool end_line() {
        const bool wants_more = take_(shown_line(line_));
        line_.clear();
        return wants_more;
    }
    [[nodiscard]] bool is_within_line() const { return !line_.empty(); }

private:
    void append(std::string_view bytes) {
        line_ += bytes;
        if (line_.size() > 2 * block_size) {
            line_.erase(most_of_a_line, line_.size() - 2 * most_of_a_line);
        }
    }

    std::function<bool(std::string)> take_;
    std::string line_;
};

bool contains(std::string_view text, std::string_view wanted) {
    return ::memmem(text.data(), text.size(), wanted.data(), wanted.size()) != nullptr;
}

/// Counts the lines that show a text.
class LineSearch {
public:
    explicit LineSearch(const LineQuery& query)
        : text_(query.ignores_case ? in_lower_case(query.text) : std::string(query.text)),
          ignores_case_(query.ignores_case),
          offset_(query.offset) {}

    /// Whole lines and the beginning of another, or a part of one.
    void add(std::string bytes) {
        bytes.insert(0, rest_);
        const std::string_view all = bytes;
        const auto ended = all.rfind('\n') + 1;
        if (ended > 0) {
            look_at_lines(all.substr(0, ended));
        }
        keep(all.substr(ended));
    }
    /// Ends a line that has no end.
    void end_line() { look_at_lines(rest_ + '\n'); }
    [[nodiscard]] bool is_within_line() const { return !rest_.empty(); }
    [[nodiscard]] LineMatches matches() { return std::move(matches_); }

private:
    /// Looks for the text in all of them at once, as most lines do not have it.
    void look_at_lines(std::string_view lines) {
        forget_overwritten(lines.substr(0, lines.find('\n')));
        const std::string shown = searched(lines);
        for (std::string_view left = shown; !left.empty();) {
            if (!found_ && !contains(left, text_)) {
                number_ += newlines_in(left);
                return;
            }
            const auto end = left.find('\n');
            look_at(left.substr(0, end));
            left.remove_prefix(end + 1);
        }
    }
    void look_at(std::string_view line) {
        if (found_ || contains(line, text_)) {
            ++matches_.total;
            if (matches_.total > offset_ && matches_.lines.size() < most_matches) {
                matches_.lines.push_back(number_);
            }
        }
        found_ = false;
        ++number_;
    }
    /// Of a very long line no more is kept than what the text may begin in.
    void keep(std::string_view begun) {
        if (begun.size() <= block_size) {
            rest_ = begun;
            return;
        }
        const std::string_view undecided = begun.substr(begun.size() - undecided_length(begun));
        begun.remove_suffix(undecided.size());
        forget_overwritten(begun);
        std::string shown = searched(begun);
        found_ = found_ || contains(shown, text_);
        shown.erase(0, shown.size() - std::min(shown.size(), text_.size()));
        rest_ = shown.append(undecided);
    }
    void forget_overwritten(std::string_view line) { found_ = found_ && overwritten_length(line) == 0; }
    [[nodiscard]] std::string searched(std::string_view text) const {
        std::string shown = shown_text(text);
        return ignores_case_ ? in_lower_case(shown) : shown;
    }

    std::string text_;
    bool ignores_case_;
    std::int64_t offset_;
    std::string rest_;
    bool found_ = false;  ///< in the part of the line that was let go of
    std::int64_t number_ = 1;
    LineMatches matches_;
};

}  // namespace

LineRange read_lines(LogBytes& log, bool is_complete, std::optional<std::int64_t> first, std::int64_t count) {
    const LineIndex index = index_of(log);
    const bool has_rest = is_complete && index.ended_length < index.size;
    LineRange range;
    range.total = index.ended + (has_rest ? 1 : 0);
    range.length = has_rest ? index.size : index.ended_length;
    range.first = std::max<std::int64_t>(first.value_or(range.total - count + 1), 1);
    if (!has_rest && index.ended_length < index.size) {
        const auto length =
            std::min(index.size - index.ended_length, static_cast<std::int64_t>(most_of_an_unfinished_line));
        range.unfinished = unfinished_line(log.read(index.size - length, static_cast<std::size_t>(length)));
    }
    const std::int64_t wanted = std::min(count, range.total - range.first + 1);
    if (wanted <= 0) {
        return range;
    }
    // Line N begins where line N - 1 ends: in the last block before which fewer lines end than that.
    const auto found =
        std::lower_bound(index.lines_before.begin(), index.lines_before.end(), range.first - 1);
    const auto block = std::max<std::ptrdiff_t>(found - index.lines_before.begin() - 1, 0);
    std::int64_t to_skip = range.first - 1 - index.lines_before[static_cast<std::size_t>(block)];
    std::size_t text_size = 0;
    LineCutter cutter([&](std::string line) {
        if (to_skip > 0) {
            --to_skip;
            return true;
        }
        text_size += line.size();
        range.lines.push_back(std::move(line));
        return static_cast<std::int64_t>(range.lines.size()) < wanted && text_size < most_text;
    });
    bool wants_more = true;
    each_block(log, block * static_cast<std::int64_t>(block_size),
               [&](std::string_view bytes) { return wants_more = cutter.add(bytes); });
    if (wants_more && has_rest && cutter.is_within_line()) {
        cutter.end_line();
    }
    return range;
}

LineMatches find_lines(LogBytes& log, bool is_complete, const LineQuery& query) {
    LineSearch search(query);
    each_block(log, 0, [&](std::string block) {
        search.add(std::move(block));
        return true;
    });
    if (is_complete && search.is_within_line()) {
        search.end_line();
    }
    return search.matches();
}

}  // namespace flotilla
