#include <algorithm>
#include <vector>

#include <fmt/format.h>

#include "api/request_reader.hpp"
#include "base/letter_case.hpp"
#include "fuzz_target.hpp"

namespace flotilla::fuzz {

namespace {

/// What a connection's bytes came to.
struct Reading {
    std::vector<ReceivedRequest> requests;
    int refused = 0;  ///< the status of the refusal that ended it; 0 if there was none
};

/// Takes every request that is complete.
void take_requests(RequestReader& reader, Reading& reading) {
    for (;;) {
        ReadOutcome outcome = reader.next();
        if (auto* received = std::get_if<ReceivedRequest>(&outcome)) {
            reading.requests.push_back(std::move(*received));
        } else if (const auto* refusal = std::get_if<RefusedRequest>(&outcome)) {
            require(refusal->status >= 400 && refusal->status < 500 && !refusal->message.empty(),
                    "a refusal says why, and that it is the sender's fault");
            reading.refused = refusal->status;
            return;
        } else if (std::holds_alternative<NeedsMore>(outcome)) {
            return;
        }
    }
}

/// Hands the bytes over in pieces: their sizes are those of `sizes`, over and over; 0 means all that fits.
Reading read(std::string_view bytes, std::string_view sizes, const RequestLimits& limits) {
    RequestReader reader(limits);
    Reading reading;
    for (std::size_t piece = 0; !bytes.empty() && reading.refused == 0; ++piece) {
        const auto space = reader.space();
        const auto wanted = static_cast<unsigned char>(sizes[piece % sizes.size()]);
        const std::size_t count =
            std::min({space.size(), bytes.size(), wanted == 0 ? bytes.size() : std::size_t{wanted}});
        std::copy_n(bytes.begin(), count, space.begin());
        reader.received(count);
        bytes.remove_prefix(count);
        take_requests(reader, reading);
    }
    return reading;
}

bool equal(const ReceivedRequest& left, const ReceivedRequest& right) {
    return left.request.verb == right.request.verb && left.request.target == right.request.target &&
           left.request.headers == right.request.headers && left.request.body == right.request.body &&
           left.keep_alive == right.keep_alive;
}

void check(const ReceivedRequest& received, const RequestLimits& limits) {
    const IncomingRequest& request = received.request;
    require(!request.target.empty() && request.target.size() <= limits.target, "the target keeps its limit");
    require(request.body.size() <= limits.body, "the body keeps its limit");
    std::size_t head = 0;
    for (const auto& [name, value] : request.headers) {
        head += name.size() + value.size();
        require(!name.empty() && name.find_first_of(" \t\r\n:") == std::string::npos, "names are tokens");
        require(value.find_first_of(std::string_view("\r\n\0", 3)) == std::string::npos, "values are lines");
    }
    require(head <= limits.head, "the headers keep their limit");
    const auto count = [&](std::string_view name) {
        return std::count_if(request.headers.begin(), request.headers.end(),
                             [&](const auto& header) { return equal_without_case(header.first, name); });
    };
    require(count("Host") <= 1, "there is one Host");
    require(count("Content-Length") + count("Transfer-Encoding") <= 1, "one header says where a body ends");
}

}  // namespace

void request(std::string_view input) {
    constexpr std::string_view whole("\0", 1);
    constexpr std::size_t most_sizes = 4;
    // Small limits, so that they are reached soon.
    const RequestLimits limits =
        take_byte(input) % 2 == 0 ? RequestLimits{} : RequestLimits{.target = 24, .head = 96, .body = 32};
    const std::string_view sizes = input.substr(0, most_sizes);
    if (sizes.empty()) {
        return;
    }
    input.remove_prefix(sizes.size());
    const Reading at_once = read(input, whole, limits);
    const Reading in_pieces = read(input, sizes, limits);
    std::for_each(at_once.requests.begin(), at_once.requests.end(),
                  [&](const ReceivedRequest& received) { check(received, limits); });
    require(std::equal(at_once.requests.begin(), at_once.requests.end(), in_pieces.requests.begin(),
                       in_pieces.requests.end(), equal),
            "the same requests come out however the bytes come");
    require(at_once.refused == in_pieces.refused,
            fmt::format("so does the refusal: {}, in pieces {}", at_once.refused, in_pieces.refused));
}

}  // namespace flotilla::fuzz
