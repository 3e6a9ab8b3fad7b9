#include <cstdio>
#include <exception>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "simulation/simulation.hpp"

namespace {

using namespace flotilla::simulation;

constexpr const char* usage =
    "flotilla_simulation [--seeds N] [--first S]\n"
    "    N histories (5,000) from seed S (1) on, up to the first that breaks a promise, whose story is told\n"
    "    --brief  only names it\n"
    "    --all    names all that break one\n"
    "flotilla_simulation --seed S --story\n"
    "    what happens in one history\n"
    "    --shrink  in the least part of it that breaks the same promise\n";

struct Options {
    std::uint64_t first = 1;
    std::uint64_t seeds = 5'000;
    bool shrinks = false;
    bool is_told = false;
    bool goes_on = false;
    bool is_brief = false;
};

Options parse(const std::vector<std::string>& arguments) {
    Options options;
    for (std::size_t i = 0; i < arguments.size(); ++i) {
        const std::string& argument = arguments[i];
        if (argument == "--story") {
            options.is_told = true;
        } else if (argument == "--all") {
            options.goes_on = true;
        } else if (argument == "--brief") {
            options.is_brief = true;
        } else if (argument == "--shrink") {
            options.shrinks = true;
        } else if (argument == "--seeds") {
            options.seeds = std::stoull(arguments.at(++i));
        } else if (argument == "--first") {
            options.first = std::stoull(arguments.at(++i));
        } else if (argument == "--seed") {
            options.first = std::stoull(arguments.at(++i));
            options.seeds = 1;
        } else {
            throw std::invalid_argument(argument);
        }
    }
    return options;
}

int run(const Options& options) {
    MemoryDatabase database;
    if (options.is_told) {
        const Plan plan = make_plan(options.first);
        if (options.shrinks) {
            fmt::print("{}", failure_story(plan, database));
            return 0;
        }
        const Outcome outcome = simulate(plan, database, Telling::story);
        fmt::print("{}{}\n", outcome.story,
                   outcome.breach ? "BROKEN: " + outcome.breach->promise + ":\n  " + outcome.breach->how
                                  : "all promises were kept");
        return outcome.breach ? 1 : 0;
    }
    std::uint64_t events = 0;
    std::uint64_t broken = 0;
    for (std::uint64_t seed = options.first; seed < options.first + options.seeds; ++seed) {
        const Plan plan = make_plan(seed);
        const Outcome outcome = simulate(plan, database);
        events += outcome.events;
        if (!outcome.breach) {
            continue;
        }
        ++broken;
        if (options.goes_on || options.is_brief) {
            fmt::print("seed {}: {}: {}\n", seed, outcome.breach->promise, outcome.breach->how);
        } else {
            fmt::print("{}", failure_story(plan, database));
        }
        if (!options.goes_on) {
            return 1;
        }
    }
    fmt::print("{} histories from seed {} on, {} events: {} broke a promise\n", options.seeds, options.first,
               events, broken);
    return broken == 0 ? 0 : 1;
}

}  // namespace

int main(int count, char** arguments) {
    try {
        return run(parse({arguments + 1, arguments + count}));
    } catch (const std::exception& error) {
        fmt::print(stderr, "{}\n{}", error.what(), usage);
        return 2;
    }
}
