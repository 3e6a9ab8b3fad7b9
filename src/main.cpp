#include <cstdlib>
#include <iostream>
#include <string>
#include <string_view>
#include <vector>

#include <pwd.h>
#include <unistd.h>

#include "cli/cli.hpp"
#include "cli/interruptible_pause.hpp"
#include "net/curl_http_client.hpp"

namespace {

std::string login_name() {
    const passwd* const entry = ::getpwuid(::getuid());
    return entry != nullptr ? entry->pw_name : std::to_string(::getuid());
}

/// See https://no-color.org
bool wants_colour() {
    const char* const refused = std::getenv("NO_COLOR");
    const char* const terminal = std::getenv("TERM");
    return ::isatty(STDOUT_FILENO) == 1 && (refused == nullptr || *refused == '\0') &&
           (terminal == nullptr || std::string_view(terminal) != "dumb");
}

}  // namespace

int main(int count, char** words) {
    std::ios::sync_with_stdio(false);
    flotilla::CurlHttpClient http;
    flotilla::SystemClock clock;
    flotilla::InterruptiblePause pause;
    flotilla::Surroundings surroundings{.in = std::cin,
                                        .out = std::cout,
                                        .err = std::cerr,
                                        .colour = wants_colour(),
                                        .login_name = login_name(),
                                        .http = http,
                                        .clock = clock,
                                        .pause = pause};
    return flotilla::run_command_line({words + 1, words + count}, surroundings);
}
