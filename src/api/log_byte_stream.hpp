#pragma once

#include <memory>

#include "api/response_stream.hpp"
#include "logs/log_reader.hpp"

namespace flotilla {

/// A part of a log. What is appended to the log meanwhile changes nothing.
class LogByteStream final : public ResponseStream {
public:
    LogByteStream(std::unique_ptr<LogBytes> log, std::uint64_t offset, std::uint64_t length)
        : log_(std::move(log)), offset_(offset), left_(length), length_(length) {}

    StreamPart next(Moment now) override;
    bool is_due(Moment) override { return true; }
    std::optional<std::uint64_t> length() const override { return length_; }

private:
    std::unique_ptr<LogBytes> log_;
    std::uint64_t offset_;
    std::uint64_t left_;
    std::uint64_t length_;
};

}  // namespace flotilla
