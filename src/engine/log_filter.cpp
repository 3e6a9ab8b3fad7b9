#include "engine/log_filter.hpp"

#include <algorithm>
#include <utility>

namespace flotilla {

LogFilter::LogFilter(LogRules rules) : limit_(rules.limit), mask_(std::move(rules.masked)), left_(limit_) {}

std::string_view LogFilter::pass(std::string_view bytes) {
    return keep(mask_.pass(bytes));
}

std::string_view LogFilter::rest() {
    return keep(mask_.rest());
}

std::string_view LogFilter::keep(std::string_view bytes) {
    const auto kept = bytes.substr(
        0, static_cast<std::size_t>(std::min<std::int64_t>(left_, static_cast<std::int64_t>(bytes.size()))));
    left_ -= static_cast<std::int64_t>(kept.size());
    if (!kept.empty()) {
        at_line_start_ = kept.back() == '\n';
    }
    if (kept.size() == bytes.size() || marked_) {
        return kept;
    }
    marked_ = true;
    last_.assign(kept)
        .append(at_line_start_ ? "" : "\n")
        .append("[flotilla: log limit of " + std::to_string(limit_) +
                " bytes reached, the rest is dropped]\n");
    return last_;
}

}  // namespace flotilla
