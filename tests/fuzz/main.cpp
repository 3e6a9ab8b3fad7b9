// One program for every target: FLOTILLA_FUZZ_TARGET names the one to run, libFuzzer's options are its
// arguments (https://llvm.org/docs/LibFuzzer.html). A name in the environment, since libFuzzer starts itself
// anew with its arguments.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <map>

#include <fmt/format.h>

#include "fuzz_target.hpp"

namespace flotilla::fuzz {

namespace {

const std::map<std::string_view, Target> targets{
    {"authority", authority}, {"body", body},           {"config", config},     {"cursor", cursor},
    {"filters", filters},     {"log_token", log_token}, {"manifest", manifest}, {"range", range},
    {"reference", reference}, {"request", request},     {"target", target},     {"token", token},
};

Target chosen_target() {
    const char* name = std::getenv("FLOTILLA_FUZZ_TARGET");
    const auto found = targets.find(name == nullptr ? "" : name);
    if (found != targets.end()) {
        return found->second;
    }
    fmt::print(stderr, "set FLOTILLA_FUZZ_TARGET to one of:");
    for (const auto& [known, ignored] : targets) {
        fmt::print(stderr, " {}", known);
    }
    fmt::print(stderr, "\n");
    std::exit(2);
}

}  // namespace

void require(bool holds, std::string_view property) {
    if (!holds) {
        fmt::print(stderr, "does not hold: {}\n", property);
        std::abort();
    }
}

bool is_taken(const std::function<void()>& work) {
    try {
        work();
        return true;
    } catch (const Error& error) {
        require(error.kind() != ErrorKind::unavailable, error.what());
        return false;
    }
}

unsigned char take_byte(std::string_view& input) {
    const auto byte = static_cast<unsigned char>(input.empty() ? 0 : input.front());
    input.remove_prefix(input.empty() ? 0 : 1);
    return byte;
}

}  // namespace flotilla::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const flotilla::fuzz::Target run = flotilla::fuzz::chosen_target();
    run({reinterpret_cast<const char*>(data), size});
    return 0;
}
