#pragma once

#include "api/response_stream.hpp"
#include "base/file.hpp"

namespace flotilla {

/// A part of a file. What is appended to the file meanwhile changes nothing.
class FileStream final : public ResponseStream {
public:
    FileStream(UniqueFd file, std::uint64_t offset, std::uint64_t length)
        : file_(std::move(file)), offset_(offset), left_(length), length_(length) {}

    /// Throws if the file has become shorter.
    StreamPart next(Moment now) override;
    bool is_due(Moment) override { return true; }
    std::optional<std::uint64_t> length() const override { return length_; }

private:
    UniqueFd file_;
    std::uint64_t offset_;
    std::uint64_t left_;
    std::uint64_t length_;
};

}  // namespace flotilla
