#include "engine/mask.hpp"

#include <algorithm>
#include <tuple>
#include <utility>

namespace flotilla {

namespace {

/// Where one of the texts stands first from `start` on, and its length.
std::pair<std::size_t, std::size_t> find_first(const std::string& bytes,
                                               const std::vector<std::string>& texts, std::size_t start) {
    std::pair<std::size_t, std::size_t> first{std::string::npos, 0};
    for (const std::string& text : texts) {
        first = std::min(first, {bytes.find(text, start), text.size()});
    }
    return first;
}

/// How many bytes at the end of `bytes` are the beginning of one of the texts.
std::size_t unfinished(std::string_view bytes, const std::vector<std::string>& texts) {
    std::size_t most = 0;
    for (const std::string_view text : texts) {
        for (std::size_t size = std::min(text.size() - 1, bytes.size()); size > most; --size) {
            if (bytes.ends_with(text.substr(0, size))) {
                most = size;
            }
        }
    }
    return most;
}

}  // namespace

std::string_view Mask::pass(std::string_view bytes) {
    if (texts_.empty()) {
        return bytes;
    }
    held_ += bytes;
    shown_.clear();
    std::size_t at = 0;
    for (auto [found, size] = find_first(held_, texts_, 0); found != std::string::npos;
         std::tie(found, size) = find_first(held_, texts_, at)) {
        shown_.append(held_, at, found - at).append("***");
        at = found + size;
    }
    held_.erase(0, at);
    const std::size_t kept = unfinished(held_, texts_);
    shown_.append(held_, 0, held_.size() - kept);
    held_.erase(0, held_.size() - kept);
    return shown_;
}

std::string_view Mask::rest() {
    shown_ = std::exchange(held_, {});
    return shown_;
}

}  // namespace flotilla
