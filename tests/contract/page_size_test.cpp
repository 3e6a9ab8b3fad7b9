#include "store/page_size.hpp"

#include <gtest/gtest.h>

#include "base/error.hpp"
#include "support/sample_runs.hpp"

namespace flotilla {
namespace {

using test::sample_definition;
using test::sample_run;

const std::string large(std::size_t{64} << 20U, 'x');

template <typename Row>
bool is_too_large(const Row& row) {
    try {
        PageSize().add(row);
        return false;
    } catch (const Error&) {
        return true;
    }
}

TEST(PageSize, CountsEveryTextOfADefinition) {
    const Definition small = sample_definition("small");
    EXPECT_FALSE(is_too_large(small));
    for (std::string Definition::*const text :
         {&Definition::arn, &Definition::alias, &Definition::group_name, &Definition::image,
          &Definition::command, &Definition::user, &Definition::description, &Definition::created_by,
          &Definition::updated_by, &Definition::arn_digest}) {
        Definition definition = small;
        definition.*text = large;
        EXPECT_TRUE(is_too_large(definition));
    }
    for (const auto& enlarge : std::vector<void (*)(Definition&)>{
             [](Definition& definition) { definition.id.value = large; },
             [](Definition& definition) {
                 definition.env = {{"NAME", large}};
             },
             [](Definition& definition) {
                 definition.labels = {{"name", large}};
             },
             [](Definition& definition) { definition.ports.assign(std::size_t{16} << 20U, 80); },
             [](Definition& definition) { definition.secrets = {large}; }}) {
        Definition definition = small;
        enlarge(definition);
        EXPECT_TRUE(is_too_large(definition));
    }
}

TEST(PageSize, CountsEveryTextOfARun) {
    const auto small = sample_run("small", sample_definition("a"));
    EXPECT_FALSE(is_too_large(small));
    using Run = flotilla::Run;
    for (std::string Run::*const text :
         {&Run::alias, &Run::group_name, &Run::cluster, &Run::engine, &Run::owner, &Run::executed_by,
          &Run::description, &Run::definition_arn, &Run::engine_request, &Run::log_location, &Run::stopped_by,
          &Run::idempotence_key}) {
        auto run = small;
        run.*text = large;
        EXPECT_TRUE(is_too_large(run));
    }
    for (std::string RunSpec::*const text :
         {&RunSpec::image, &RunSpec::command, &RunSpec::container_user, &RunSpec::image_digest}) {
        auto run = small;
        run.spec.*text = large;
        EXPECT_TRUE(is_too_large(run));
    }
    for (std::string Attempt::*const text : {&Attempt::handle, &Attempt::host, &Attempt::exit_reason}) {
        auto run = small;
        run.attempt.*text = large;
        EXPECT_TRUE(is_too_large(run));
        EXPECT_TRUE(is_too_large(run.attempt));
    }
    for (const auto& enlarge : std::vector<void (*)(Run&)>{
             [](Run& run) { run.id.value = large; }, [](Run& run) { run.definition_id.value = large; },
             [](Run& run) {
                 run.spec.definition_env = {{large, "value"}};
             },
             [](Run& run) { run.spec.ports.assign(std::size_t{16} << 20U, 80); },
             [](Run& run) { run.spec.secrets = {large}; },
             [](Run& run) {
                 run.env = {{"NAME", large}};
             },
             [](Run& run) {
                 run.labels = {{"name", large}};
             },
             [](Run& run) { run.attempt.instance.id = large; },
             [](Run& run) { run.attempt.instance.dns_name = large; }}) {
        auto run = small;
        enlarge(run);
        EXPECT_TRUE(is_too_large(run));
    }
}

}  // namespace
}  // namespace flotilla
