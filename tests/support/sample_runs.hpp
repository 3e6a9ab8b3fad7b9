#pragma once

#include <string>

#include "core/definition.hpp"
#include "core/run.hpp"

namespace flotilla::test {

/// A fixed moment: tests count from here.
constexpr TimePoint noon{std::chrono::microseconds{1'541'073'600'000'000}};

inline Definition sample_definition(const std::string& alias) {
    return {.id = {"group-" + alias},
            .arn = {},
            .alias = alias,
            .group_name = "group",
            .image = "debian:12",
            .memory = 100,
            .command = "true",
            .env = {},
            .ports = {},
            .tags = {},
            .user = {}};
}

/// A queued run of `definition` on the cluster `default`, accepted at noon.
inline Run sample_run(const std::string& id, const Definition& definition) {
    Run run;
    run.id = {id};
    run.definition_id = definition.id;
    run.alias = definition.alias;
    run.group_name = definition.group_name;
    run.cluster = "default";
    run.engine = "local";
    run.owner = "somebody";
    run.spec.image = definition.image;
    run.spec.command = definition.command;
    run.spec.memory = definition.memory;
    run.queued_at = noon;
    run.attempt.queued_at = noon;
    return run;
}

}  // namespace flotilla::test
