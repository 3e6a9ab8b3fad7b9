#include "core/needs.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace flotilla {

namespace {

bool has_ports(const std::vector<int>& ports, const std::vector<int>& wanted) {
    return std::all_of(wanted.begin(), wanted.end(),
                       [&](int port) { return std::find(ports.begin(), ports.end(), port) != ports.end(); });
}

bool needs_as_much(const Needs& run, const Needs& size, Scarce what) {
    switch (what) {
        case Scarce::memory:
            return run.memory >= size.memory;
        case Scarce::cpu:
            return run.cpu.value_or(0) >= size.cpu.value_or(0);
        case Scarce::gpu:
            return run.gpu.value_or(0) >= size.gpu.value_or(0);
        case Scarce::ports:
            return has_ports(run.ports, size.ports);
    }
    return false;
}

std::string amount(const Needs& size, Scarce what) {
    switch (what) {
        case Scarce::memory:
            return fmt::format("{} MiB of memory", size.memory);
        case Scarce::cpu:
            return fmt::format("{}/1000 of a core", size.cpu.value_or(0));
        case Scarce::gpu:
            return fmt::format("{} GPU{}", size.gpu.value_or(0), size.gpu == 1 ? "" : "s");
        case Scarce::ports:
            return fmt::format("port{} {}", size.ports.size() == 1 ? "" : "s", fmt::join(size.ports, ", "));
    }
    return {};
}

}  // namespace

Needs needs_of(const Run& run) {
    return {.memory = run.spec.memory, .cpu = run.spec.cpu, .gpu = run.spec.gpu, .ports = run.spec.ports};
}

bool asks_for(const Needs& run, Scarce what) {
    switch (what) {
        case Scarce::memory:
            return run.memory > 0;
        case Scarce::cpu:
            return run.cpu.value_or(0) > 0;
        case Scarce::gpu:
            return run.gpu.value_or(0) > 0;
        case Scarce::ports:
            return !run.ports.empty();
    }
    return false;
}

bool Oversize::covers(const Needs& run) const {
    return std::all_of(lacking.begin(), lacking.end(),
                       [&](Scarce what) { return needs_as_much(run, needs, what); });
}

std::string Oversize::text() const {
    std::vector<std::string> amounts;
    for (const Scarce what : lacking) {
        amounts.push_back(amount(needs, what));
    }
    return fmt::format("{}", fmt::join(amounts, " and "));
}

}  // namespace flotilla
