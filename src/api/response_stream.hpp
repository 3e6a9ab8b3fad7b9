#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

namespace flotilla {

/// What a stream has to send now.
struct StreamPart {
    enum class Then {
        more,  ///< ask again once this is sent
        wait,  ///< ask again when `is_due` says so
        end,   ///< this was the last part
    };
    std::string bytes{};  ///< may be empty
    Then then = Then::more;
};

/// The body of an answer that is made while it is sent: as quickly as the client takes it, so that it is
/// never held in memory as a whole.
class ResponseStream {
public:
    using Moment = std::chrono::steady_clock::time_point;

    ResponseStream() = default;
    ResponseStream(const ResponseStream&) = delete;
    ResponseStream& operator=(const ResponseStream&) = delete;
    virtual ~ResponseStream() = default;

    /// The next part; called on any thread, by one at a time, may block. Whatever it throws ends the
    /// connection, by which the client sees that the body is not whole.
    [[nodiscard]] virtual StreamPart next(Moment now) = 0;
    /// Whether it is time for `next`, after a part that said `wait`. Asked often: it must not block.
    [[nodiscard]] virtual bool is_due(Moment now) = 0;
    /// How many bytes it is in all. Without a length nobody knows its end: it is ended at once when the
    /// server stops, while one with a length is sent to its end.
    [[nodiscard]] virtual std::optional<std::uint64_t> length() const = 0;
};

}  // namespace flotilla
