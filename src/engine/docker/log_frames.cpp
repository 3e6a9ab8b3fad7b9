#include "engine/docker/log_frames.hpp"

namespace flotilla {

namespace {

constexpr std::size_t header_size = 8;
constexpr std::size_t length_at = 4;

std::size_t length_in(std::string_view header) {
    std::size_t length = 0;
    for (const char byte : header.substr(length_at)) {
        length = length << 8U | static_cast<unsigned char>(byte);
    }
    return length;
}

}  // namespace

void LogFrames::take(std::string_view bytes, const std::function<void(std::string_view)>& give) {
    while (!bytes.empty()) {
        if (left_ == 0) {
            const auto part = bytes.substr(0, header_size - header_.size());
            header_ += part;
            bytes.remove_prefix(part.size());
            if (header_.size() == header_size) {
                left_ = length_in(header_);
                header_.clear();
            }
            continue;
        }
        const auto part = bytes.substr(0, left_);
        piece_ += part;
        left_ -= part.size();
        bytes.remove_prefix(part.size());
        if (left_ == 0) {
            give(piece_);
            piece_.clear();
        }
    }
}

}  // namespace flotilla
