#include "store/page_size.hpp"

#include "base/error.hpp"

namespace flotilla {

namespace {

constexpr std::size_t most_mebibytes = 64;
/// Of what is small in every row.
constexpr std::size_t rest_of_a_row = 1'000;

std::size_t size_of(const Env& env) {
    std::size_t size = 0;
    for (const EnvVar& variable : env) {
        size += variable.name.size() + variable.value.size();
    }
    return size;
}

std::size_t size_of(const Labels& labels) {
    std::size_t size = 0;
    for (const auto& [name, value] : labels) {
        size += name.size() + value.size();
    }
    return size;
}

}  // namespace

void PageSize::add(const Definition& definition) {
    add(rest_of_a_row + definition.alias.size() + definition.command.size() + definition.description.size() +
        size_of(definition.env) + size_of(definition.labels));
}

void PageSize::add(const Run& run) {
    add(rest_of_a_row + run.alias.size() + run.spec.command.size() + run.description.size() +
        size_of(run.spec.definition_env) + size_of(run.env) + size_of(run.labels));
}

void PageSize::add(std::size_t bytes) {
    bytes_ += bytes;
    if (bytes_ > most_mebibytes << 20) {
        throw invalid("what is asked for is larger than {} MiB: ask for fewer at once by limit",
                      most_mebibytes);
    }
}

}  // namespace flotilla
