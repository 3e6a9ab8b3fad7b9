#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "image/reference.hpp"
#include "image/registry.hpp"

namespace flotilla {

/// Reads what a daemon tells while it pulls an image: one JSON object after another, about one layer each.
class PullProgress {
public:
    void take(std::string_view bytes);

    /// In a few words how far it is: `12 of 34 MB`; empty while that is not known.
    [[nodiscard]] std::string text() const;
    /// Why it failed; empty as long as it has not.
    [[nodiscard]] const std::string& error() const { return error_; }

private:
    struct Layer {
        std::int64_t done = 0;
        std::int64_t size = 0;
    };

    void take_line(std::string_view line);

    std::string unfinished_;
    std::map<std::string, Layer> layers_;
    std::string error_;
};

/// What a daemon said about a pull that failed, as one sentence, and whether another try may help.
[[nodiscard]] PullFailure explain_pull_error(const std::string& error, const ImageReference& image);

}  // namespace flotilla
