#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace flotilla {

/// Puts `***` in the place of texts that must not be seen, wherever a stream is cut into pieces.
class Mask {
public:
    /// None of `texts` is empty.
    explicit Mask(std::vector<std::string> texts) : texts_(std::move(texts)) {}

    /// What may be shown now, valid until the next call. An end that may be the beginning of one of the texts
    /// is held back: without a line's end in the texts that is never more than an unfinished line.
    std::string_view pass(std::string_view bytes);
    /// What was held back: nothing comes any more.
    std::string_view rest();

private:
    std::vector<std::string> texts_;
    std::string held_;
    std::string shown_;
};

}  // namespace flotilla
