#pragma once

#include <optional>
#include <sstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "base/time_text.hpp"
#include "cli/cli.hpp"
#include "support/fakes.hpp"
#include "support/scripted_http_client.hpp"

namespace flotilla {

/// A Pause without time: remembers what it was asked, and is interrupted when told to be.
class ScriptedPause final : public Pause {
public:
    Outcome wait(std::chrono::milliseconds time) override {
        waits.push_back(time);
        return interrupted_at && waits.size() > *interrupted_at ? Outcome::interrupted : Outcome::over;
    }

    std::vector<std::chrono::milliseconds> waits;
    std::optional<std::size_t> interrupted_at;  ///< after so many waits
};

/// Runs the command line against a scripted server, `http://server`.
class CommandTest : public testing::Test {
protected:
    CommandTest() { clock.time = *parse_time("2024-05-06T12:00:00Z"); }

    int run(std::vector<std::string> words) {
        out.str("");
        err.str("");
        return run_command_line(words, surroundings);
    }

    test::ScriptedHttpClient http;
    ScriptedPause pause;
    test::FakeClock clock;
    std::istringstream in;
    std::ostringstream out;
    std::ostringstream err;
    Surroundings surroundings{.in = in,
                              .out = out,
                              .err = err,
                              .colour = false,
                              .login_name = "ada",
                              .http = http,
                              .clock = clock,
                              .pause = pause};
};

}  // namespace flotilla
