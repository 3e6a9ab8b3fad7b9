#include <algorithm>
#include <array>
#include <set>
#include <thread>
#include <tuple>

#include <fmt/format.h>

#include "base/error.hpp"
#include "contract/stores.hpp"

namespace flotilla {
namespace {

using namespace std::chrono_literals;
using test::noon;
using test::sample_definition;
using test::sample_run;

class RunStoreContract : public test::StoreContract {
protected:
    RunStoreContract() { definitions.insert(definition); }

    void insert(const std::string& id) { runs.insert(sample_run(id, definition)); }
    flotilla::Run advance(const std::string& id, const ChangeKind& kind) {
        return *runs.advance({id}, {1, kind});
    }
    void start(const std::string& id) {
        advance(id, Submitting{});
        advance(id, Submitted{"handle-" + id});
        advance(id, Started{noon + 1s, {"host", "host.example"}});
    }
    std::vector<std::string> ids(const QueryParameters& parameters) {
        return ids_of(runs.list(parse_list_query(parameters, run_fields())).items);
    }
    static std::vector<std::string> ids_of(const std::vector<flotilla::Run>& list) {
        std::vector<std::string> found;
        for (const auto& run : list) {
            found.push_back(run.id.value);
        }
        return found;
    }
    using Ids = std::vector<std::string>;

    /// Lists with each of these filters, in many orders, are what looking at each run finds, as a whole and
    /// by pages.
    void expect_found(const std::vector<QueryParameters>& filters) {
        for (const auto* const field : {"group_name", "queued_at", "status", "run_id"}) {
            for (const auto* const order : {"asc", "desc"}) {
                const Ids sorted = ids({{"sort_by", field}, {"order", order}});
                for (auto parameters : filters) {
                    const auto query = parse_list_query(parameters, run_fields());
                    Ids wanted = sorted;
                    std::erase_if(wanted,
                                  [&](const std::string& id) { return !is_wanted(*runs.find({id}), query); });
                    parameters.emplace_back("sort_by", field);
                    parameters.emplace_back("order", order);
                    EXPECT_EQ(ids(parameters), wanted) << field << ' ' << order;
                    EXPECT_EQ(all_pages(parameters), wanted) << field << ' ' << order;
                    auto second = parameters;
                    second.insert(second.end(), {{"offset", "1"}, {"limit", "2"}});
                    const auto begin = wanted.begin() + std::min<std::ptrdiff_t>(1, std::ssize(wanted));
                    EXPECT_EQ(ids(second),
                              Ids(begin, begin + std::min<std::ptrdiff_t>(2, wanted.end() - begin)));
                }
            }
        }
    }

    /// By cursors, two at a time.
    Ids all_pages(const QueryParameters& parameters) {
        Ids found;
        for (std::string after;;) {
            auto page_of = parameters;
            page_of.emplace_back("limit", "2");
            page_of.emplace_back("after", after);
            const auto page = runs.list(parse_list_query(page_of, run_fields()));
            EXPECT_EQ(page.total, std::ssize(ids(parameters)));
            const auto some = ids_of(page.items);
            found.insert(found.end(), some.begin(), some.end());
            if (page.next.empty()) {
                return found;
            }
            after = page.next;
        }
    }

    static std::string text_of(const flotilla::Run& run, std::string_view column) {
        if (column == "status") {
            return std::string(to_string(run.status));
        }
        if (column == "exit_class") {
            return run.attempt.exit_class ? std::string(to_string(*run.attempt.exit_class)) : "";
        }
        return column == "alias"     ? run.alias
               : column == "owner"   ? run.owner
               : column == "cluster" ? run.cluster
                                     : run.group_name;
    }

    static bool is_wanted(const flotilla::Run& run, const ListQuery& query) {
        const bool has_variables = std::ranges::all_of(query.env_filters, [&](const EnvVar& variable) {
            const auto* value = find_env(run.env, variable.name);
            return value != nullptr && *value == variable.value;
        });
        return has_variables && std::ranges::all_of(query.conditions, [&](const Condition& condition) {
                   const auto text = text_of(run, condition.field->column);
                   return std::ranges::any_of(condition.values, [&](const auto& value) {
                       const auto& part = std::get<std::string>(value);
                       return condition.test == Condition::Test::contains
                                  ? text.find(part) != std::string::npos
                                  : text == part;
                   });
               });
    }

    Definition definition = sample_definition("a");
};

TEST_P(RunStoreContract, ARunComesBackAsItWasStored) {
    auto run = sample_run("r1", definition);
    run.env = {{"FLOTILLA_RUN_ID", "r1"}, {"K", "V"}};
    run.spec.definition_env = {{"D", "1"}};
    run.spec.ports = {80};
    run.spec.cpu = 500;
    run.spec.gpu = 2;
    run.spec.container_user = "nobody";
    run.spec.limits = {
        .timeout_seconds = 60,
        .queue_timeout_seconds = 600,
        .retry = RetryPolicy{.max_attempts = 3, .on = {ExitClass::out_of_memory, 17}, .backoff_seconds = 5}};
    run.idempotence_key = "nightly";
    runs.insert(run);
    const auto found = runs.find({"r1"});
    ASSERT_TRUE(found);
    EXPECT_EQ(found->env, run.env);
    EXPECT_EQ(found->spec.definition_env, run.spec.definition_env);
    EXPECT_EQ(found->spec.ports, run.spec.ports);
    EXPECT_EQ(found->spec.cpu, 500);
    EXPECT_EQ(found->spec.gpu, 2);
    EXPECT_EQ(found->spec.container_user, "nobody");
    EXPECT_EQ(found->spec.limits.timeout_seconds, 60);
    EXPECT_EQ(found->spec.limits.queue_timeout_seconds, 600);
    EXPECT_EQ(found->spec.limits.retry, run.spec.limits.retry);
    EXPECT_EQ(found->idempotence_key, "nightly");
    EXPECT_EQ(found->owner, "somebody");
    EXPECT_EQ(found->engine, "local");
    EXPECT_EQ(found->queued_at, noon);
    EXPECT_EQ(found->status, RunStatus::queued);
    EXPECT_EQ(found->attempt.phase, AttemptPhase::waiting);
    EXPECT_EQ(runs.find({"nope"}), std::nullopt);
}

TEST_P(RunStoreContract, TheNewestRunsOfSomeDefinitionsComeInShort) {
    const auto other = sample_definition("b");
    const auto idle = sample_definition("c");
    definitions.insert(other);
    definitions.insert(idle);
    const auto insert_at = [&](const std::string& id, const Definition& of, TimePoint at) {
        auto run = sample_run(id, of);
        run.queued_at = at;
        runs.insert(run);
    };
    insert_at("a1", definition, noon);
    insert_at("a2", definition, noon + 1s);
    insert_at("a3", definition, noon + 2s);
    insert_at("b1", other, noon);
    start("a3");
    advance("a3", Ended{noon + 5s, 137, ExitClass::out_of_memory, "", {}});

    const auto recent =
        runs.recent({.definitions = {other.id, definition.id, idle.id, {"none"}}, .limit = 2});
    ASSERT_EQ(recent.size(), 3U);
    EXPECT_EQ(recent[0].id.value, "b1");
    EXPECT_EQ(recent[0].definition, other.id);
    EXPECT_EQ(recent[0].status, RunStatus::queued);
    EXPECT_EQ(recent[0].queued_at, noon);
    EXPECT_EQ(recent[0].started_at, std::nullopt);
    EXPECT_EQ(recent[1].id.value, "a3");
    EXPECT_EQ(recent[1].status, RunStatus::stopped);
    EXPECT_EQ(recent[1].exit_code, 137);
    EXPECT_EQ(recent[1].exit_class, ExitClass::out_of_memory);
    EXPECT_EQ(recent[1].started_at, noon + 1s);
    EXPECT_EQ(recent[1].finished_at, noon + 5s);
    EXPECT_EQ(recent[2].id.value, "a2");
}

TEST_P(RunStoreContract, AnIdIsUniqueAndNeedsItsDefinition) {
    insert("r1");
    EXPECT_THROW(insert("r1"), Error);
    auto orphan = sample_run("r2", definition);
    orphan.definition_id = {"gone"};
    EXPECT_THROW(runs.insert(orphan), Error);
}

TEST_P(RunStoreContract, ADefinitionHasOneRunOfAKeyForSomeDays) {
    const auto keyed = [&](const std::string& id, TimePoint at) {
        auto run = sample_run(id, definition);
        run.idempotence_key = "nightly";
        run.queued_at = at;
        return runs.insert(run).id.value;
    };
    EXPECT_EQ(runs.find_by_key(definition.id, "nightly", noon), std::nullopt);
    EXPECT_EQ(keyed("r1", noon), "r1");
    EXPECT_EQ(keyed("r2", noon + key_lifetime - 1us), "r1");
    EXPECT_EQ(runs.find({"r2"}), std::nullopt);
    EXPECT_EQ(runs.find_by_key(definition.id, "nightly", noon + key_lifetime - 1us)->id.value, "r1");
    EXPECT_EQ(runs.find_by_key(definition.id, "weekly", noon), std::nullopt);
    EXPECT_EQ(keyed("r3", noon + key_lifetime), "r3");
    EXPECT_EQ(runs.find_by_key(definition.id, "nightly", noon + key_lifetime)->id.value, "r3");

    const auto other = sample_definition("b");
    definitions.insert(other);
    auto run = sample_run("r4", other);
    run.idempotence_key = "nightly";
    EXPECT_EQ(runs.insert(run).id.value, "r4");
}

TEST_P(RunStoreContract, CallsOfOneKeyThatRaceMakeOneRun) {
    std::vector<std::string> answers(16);
    std::vector<std::thread> callers;
    for (std::size_t i = 0; i < answers.size(); ++i) {
        callers.emplace_back([&, i] {
            auto run = sample_run("r" + std::to_string(i), definition);
            run.idempotence_key = "nightly";
            answers[i] = runs.insert(run).id.value;
        });
    }
    for (std::thread& caller : callers) {
        caller.join();
    }
    EXPECT_EQ(std::set<std::string>(answers.begin(), answers.end()).size(), 1U);
    EXPECT_EQ(ids({}).size(), 1U);
}

TEST_P(RunStoreContract, APageThatWouldFillTheMemoryIsRefused) {
    auto run = sample_run("large", definition);
    run.spec.command.assign(65U << 20U, 'x');
    runs.insert(run);
    insert("small");
    EXPECT_EQ(ids({{"run_id", "small"}}), Ids{"small"});
    EXPECT_THROW((void)ids({}), Error);
    EXPECT_TRUE(runs.find({"large"}));
}

TEST_P(RunStoreContract, APageWhoseEarlierAttemptsWouldFillTheMemoryIsRefused) {
    auto run = sample_run("tried", definition);
    run.earlier_attempts.push_back(run.attempt);
    run.earlier_attempts.back().exit_reason.assign(65U << 20U, 'x');
    run.attempt.number = 2;
    runs.insert(run);
    EXPECT_THROW((void)ids({}), Error);
    EXPECT_TRUE(runs.find({"tried"}));
}

TEST_P(RunStoreContract, WhatTakesTooLongIsFound) {
    EXPECT_EQ(runs.next_deadline(), std::nullopt);
    auto run = sample_run("r1", definition);
    run.spec.limits = {.timeout_seconds = 5, .queue_timeout_seconds = 60, .retry = {}};
    runs.insert(run);
    EXPECT_EQ(runs.next_deadline(), noon + 60s);
    start("r1");
    EXPECT_EQ(runs.next_deadline(), noon + 6s);
    EXPECT_EQ(ids_of(runs.overdue(noon + 6s - 1us, 9)), Ids{});
    EXPECT_EQ(ids_of(runs.overdue(noon + 6s, 9)), Ids{"r1"});
    EXPECT_EQ(advance("r1", Overdue{noon + 6s}).attempt.timed_out_at, noon + 6s);
    EXPECT_EQ(ids_of(runs.overdue(noon + 7s, 9)), Ids{});
    EXPECT_EQ(ids_of(runs.unwanted("default")), Ids{"r1"});
}

TEST_P(RunStoreContract, ASetClockMovesTheTimesOfWhatHasNotEnded) {
    auto run = sample_run("runs", definition);
    run.spec.limits = {.timeout_seconds = 5, .queue_timeout_seconds = 60, .retry = {}};
    runs.insert(run);
    start("runs");
    run.id = {"waits"};
    runs.insert(run);
    insert("ended");
    start("ended");
    advance("ended", Ended{noon + 2s, 0, ExitClass::completed, "", {}});
    for (const auto by : {std::chrono::microseconds(1h), std::chrono::microseconds(-2h)}) {
        const auto [before, waited, ended] =
            std::tuple(*runs.find({"runs"}), *runs.find({"waits"}), *runs.find({"ended"}));
        const auto deadline = *runs.next_deadline();
        EXPECT_EQ(runs.clock_was_set(by), 2);
        EXPECT_EQ(runs.next_deadline(), deadline + by);
        EXPECT_EQ(runs.find({"runs"})->attempt.started_at, *before.attempt.started_at + by);
        EXPECT_EQ(runs.find({"runs"})->queued_at, before.queued_at + by);
        EXPECT_EQ(runs.find({"waits"})->attempt.queued_at, waited.attempt.queued_at + by);
        EXPECT_EQ(runs.find({"ended"})->attempt.started_at, ended.attempt.started_at);
        EXPECT_EQ(runs.find({"ended"})->queued_at, ended.queued_at);
    }
}

TEST_P(RunStoreContract, ASetClockMovesTheNextAttempt) {
    insert("r1");
    advance("r1", Submitting{});
    const RetryTerms terms{RetryRules{.max_attempts = 3}, noon, 0.5};
    const auto later =
        advance("r1", Ended{noon, std::nullopt, ExitClass::start_failed, "", terms}).retry_at.value();
    EXPECT_EQ(runs.clock_was_set(1h), 1);
    EXPECT_EQ(runs.next_retry(), later + 1h);
    advance("r1", Requeued{later + 1h});
    const auto earlier = runs.find({"r1"})->earlier_attempts.at(0).queued_at;
    EXPECT_EQ(runs.clock_was_set(1h), 1);
    EXPECT_EQ(runs.find({"r1"})->earlier_attempts.at(0).queued_at, earlier + 1h);
}

TEST_P(RunStoreContract, ChangesAreStored) {
    insert("r1");
    start("r1");
    auto run = *runs.find({"r1"});
    EXPECT_EQ(run.status, RunStatus::running);
    EXPECT_EQ(run.attempt.handle, "handle-r1");
    EXPECT_EQ(run.attempt.instance.dns_name, "host.example");
    EXPECT_EQ(run.attempt.started_at, noon + 1s);
    advance("r1", Ended{noon + 2s, 7, ExitClass::job_failed, "exit code 7", {}});
    run = *runs.find({"r1"});
    EXPECT_EQ(run.shown_exit_code(), 7);
    EXPECT_EQ(run.attempt.exit_class, ExitClass::job_failed);
    EXPECT_EQ(run.attempt.exit_reason, "exit code 7");
    EXPECT_EQ(runs.advance({"nope"}, {1, Submitting{}}), std::nullopt);
}

TEST_P(RunStoreContract, EditingTheDefinitionDoesNotChangeTheRun) {
    insert("r1");
    DefinitionFields fields;
    fields.image = "other";
    fields.command = "other";
    definitions.update(definition.id, fields, {noon, "editor"});
    EXPECT_EQ(runs.find({"r1"})->spec.image, "debian:12");
    EXPECT_EQ(runs.find({"r1"})->spec.command, "true");
}

TEST_P(RunStoreContract, EarlierAttemptsAreKept) {
    insert("r1");
    advance("r1", Submitting{});
    advance("r1", Ended{noon + 1s, {}, ExitClass::start_failed, "disk full", {RetryRules{}, noon + 1s, 0.0}});
    EXPECT_EQ(ids_of(runs.due_for_retry(noon + 1s, 10)), Ids{});
    EXPECT_EQ(ids_of(runs.due_for_retry(noon + 2s, 10)), Ids{"r1"});
    EXPECT_EQ(runs.next_retry(), noon + 2s);
    advance("r1", Requeued{noon + 2s});
    EXPECT_EQ(runs.next_retry(), std::nullopt);
    const auto run = *runs.find({"r1"});
    EXPECT_EQ(run.attempt.number, 2);
    EXPECT_EQ(run.attempt.queued_at, noon + 2s);
    ASSERT_EQ(run.earlier_attempts.size(), 1U);
    EXPECT_EQ(run.earlier_attempts[0].exit_reason, "disk full");
}

TEST_P(RunStoreContract, ManyChangesAreOneTransaction) {
    insert("r1");
    insert("r2");
    const auto changed = runs.advance_all(
        {{{"r1"}, {1, Submitting{}}}, {{"gone"}, {1, Submitting{}}}, {{"r2"}, {1, Submitting{}}}});
    EXPECT_EQ(ids_of(changed), (Ids{"r1", "r2"}));
}

TEST_P(RunStoreContract, OfChangesThatRaceOneCounts) {
    insert("r1");
    start("r1");
    {
        std::vector<std::jthread> threads;
        for (int code = 0; code < 8; ++code) {
            threads.emplace_back([&, code] {
                runs.advance({"r1"},
                             {1, Ended{noon + 2s, code, ExitClass::job_failed, std::to_string(code), {}}});
            });
        }
    }
    const auto run = *runs.find({"r1"});
    EXPECT_EQ(std::to_string(*run.shown_exit_code()), run.attempt.exit_reason);
}

TEST_P(RunStoreContract, TellsWhichRunsAreLiveAndWhichHaveToGo) {
    for (const char* id : {"waiting", "live", "unwanted", "reported", "ended"}) {
        insert(id);
    }
    start("live");
    start("unwanted");
    start("reported");
    start("ended");
    advance("unwanted", StopRequested{noon, ""});
    advance("reported", Reported{noon, RunStatus::stopped, 0, {}});
    advance("ended", Ended{noon + 2s, 0, ExitClass::completed, "", {}});
    auto live = ids_of(runs.live("default"));
    std::sort(live.begin(), live.end());
    EXPECT_EQ(live, (Ids{"live", "reported", "unwanted"}));
    auto unwanted = ids_of(runs.unwanted("default"));
    std::sort(unwanted.begin(), unwanted.end());
    EXPECT_EQ(unwanted, (Ids{"reported", "unwanted"}));
    EXPECT_TRUE(runs.live("another").empty());
}

TEST_P(RunStoreContract, TellsWhichClustersHaveUnfinishedRuns) {
    insert("ended");
    advance("ended", StopRequested{noon, ""});
    EXPECT_TRUE(runs.clusters_in_use().empty());
    for (const char* id : {"waiting", "live", "retrying"}) {
        insert(id);
    }
    start("live");
    advance("retrying", Submitting{});
    advance("retrying",
            Ended{noon + 1s, {}, ExitClass::start_failed, "disk full", {RetryRules{}, noon + 1s, 0.0}});
    const auto clusters = runs.clusters_in_use();
    ASSERT_EQ(clusters.size(), 1U);
    EXPECT_EQ(clusters[0].name, "default");
    EXPECT_EQ(clusters[0].engine, "local");
    EXPECT_EQ(clusters[0].waiting, 2);
}

TEST_P(RunStoreContract, TellsWhichImagesUnfinishedRunsNeed) {
    for (const auto& [id, digest] : {std::pair("waiting", "sha256:1"), std::pair("live", "sha256:2"),
                                     std::pair("ended", "sha256:3"), std::pair("unknown", "")}) {
        auto run = sample_run(id, definition);
        run.spec.image_digest = digest;
        runs.insert(run);
    }
    start("live");
    advance("ended", StopRequested{noon, ""});
    EXPECT_EQ(runs.image_digests_in_use(), (std::set<std::string>{"sha256:1", "sha256:2"}));
}

TEST_P(RunStoreContract, ListsFilterAndSort) {
    for (const char* id : {"r1", "r2", "r3"}) {
        insert(id);
    }
    start("r2");
    start("r3");
    advance("r3", Ended{noon + 5s, 0, ExitClass::completed, "", {}});
    EXPECT_EQ(ids({{"status", "RUNNING"}}), Ids{"r2"});
    EXPECT_EQ(ids({{"status", "RUNNING"}, {"status", "QUEUED"}}), (Ids{"r1", "r2"}));
    EXPECT_EQ(ids({{"exit_code", "0"}}), Ids{"r3"});
    EXPECT_EQ(ids({{"user", "somebody"}, {"limit", "1"}}), Ids{"r1"});
    EXPECT_EQ(ids({{"user", "some"}}), Ids{});
    EXPECT_EQ(ids({{"cluster", "default"}, {"limit", "1"}}), Ids{"r1"});
    EXPECT_EQ(ids({{"task_arn", "handle-r2"}}), Ids{"r2"});
    EXPECT_EQ(ids({{"instance_dns_name", "host.example"}}), (Ids{"r2", "r3"}));
    EXPECT_EQ(ids({{"sort_by", "run_id"}, {"order", "desc"}}), (Ids{"r3", "r2", "r1"}));
    EXPECT_EQ(ids({{"sort_by", "finished_at"}}), (Ids{"r3", "r1", "r2"}));
    EXPECT_EQ(ids({{"sort_by", "finished_at"}, {"order", "desc"}}), (Ids{"r3", "r1", "r2"}));
    EXPECT_EQ(ids({{"started_at_since", "2018-11-01T12:00:00Z"}}), (Ids{"r2", "r3"}));
    EXPECT_EQ(ids({{"started_at_since", "2018-11-01T12:00:01Z"}}), Ids{});
    EXPECT_EQ(ids({{"finished_at_until", "2018-11-02"}}), Ids{"r3"});
}

TEST_P(RunStoreContract, WhatIsEqualComesNewestFirst) {
    auto older = sample_run("older", definition);
    auto newer = sample_run("newer", definition);
    newer.queued_at = noon + 1s;
    runs.insert(older);
    runs.insert(newer);
    EXPECT_EQ(ids({}), (Ids{"newer", "older"}));
}

TEST_P(RunStoreContract, RunsAreFoundByVariableAndByAPartOfTheirGroupInEveryOrder) {
    const std::string long_value(300, 'x');
    for (int i = 0; i < 12; ++i) {
        auto run = sample_run(fmt::format("r{:02}", i), definition);
        run.group_name = std::array{"red", "dark red", "blue"}.at(static_cast<std::size_t>(i % 3));
        run.env = {{"EVEN", i % 2 == 0 ? "yes" : "no"}, {"LONG", long_value + (i % 4 == 0 ? "a" : "b")}};
        run.queued_at = noon + std::chrono::seconds{i / 2};
        run.cluster = i < 6 ? "one" : "two";
        runs.insert(run);
    }
    const std::vector<QueryParameters> filters{
        {{"env", "EVEN|yes"}},
        {{"env", "EVEN|yes"}, {"cluster", "two"}},
        {{"env", "EVEN|no"}, {"env", "LONG|" + long_value + "b"}},
        {{"env", "LONG|" + long_value + "a"}},
        {{"env", "EVEN|yes"}, {"group_name", "red"}},
        {{"group_name", "red"}},
        {{"group_name", "red"}, {"cluster", "one"}},
        {{"group_name", "red"}, {"group_name", "blue"}, {"env", "EVEN|no"}},
        {{"group_name", "green"}},
        {{"env", "EVEN|maybe"}}};
    expect_found(filters);
}

TEST_P(RunStoreContract, RunsAreFoundByAPartOfTheirAliasByOwnerAndByHowTheyEndedInEveryOrder) {
    for (int i = 0; i < 40; ++i) {
        const auto id = fmt::format("r{:02}", i);
        auto run = sample_run(id, definition);
        run.alias = i % 4 == 0 ? fmt::format("load-{:02}", i / 2)
                               : std::array{"load", "train", "down-load"}.at(static_cast<std::size_t>(i % 3));
        run.owner = std::array{"ada", "grace"}.at(static_cast<std::size_t>(i % 2));
        run.queued_at = noon + std::chrono::seconds{i / 2};
        runs.insert(run);
        if (i % 5 != 0) {
            start(id);
        }
        if (i % 5 > 1) {
            const bool has_failed = i % 5 == 2;
            advance(id, Ended{noon + 5s,
                              has_failed ? 1 : 0,
                              has_failed ? ExitClass::job_failed : ExitClass::completed,
                              "",
                              {}});
        }
    }
    expect_found({{{"alias", "load"}},
                  {{"alias", "load-"}},
                  {{"alias", "load-"}, {"user", "ada"}},
                  {{"alias", "nothing"}},
                  {{"alias", "load"}, {"status", "STOPPED"}},
                  {{"alias", "load"}, {"status", "QUEUED"}, {"status", "RUNNING"}},
                  {{"alias", "load"}, {"alias", "train"}},
                  {{"user", "grace"}, {"status", "STOPPED"}},
                  {{"user", "nobody"}, {"status", "STOPPED"}},
                  {{"user", "ada"}, {"group_name", definition.group_name}, {"alias", "load"}},
                  {{"exit_class", "job_failed"}, {"exit_class", "timed_out"}, {"status", "STOPPED"}},
                  {{"exit_class", "job_failed"}, {"exit_class", "completed"}, {"alias", "load"}},
                  {{"exit_class", "job_failed"}, {"alias", "oad"}, {"status", "STOPPED"}},
                  {{"exit_class", "job_failed"}, {"user", "grace"}},
                  {{"exit_class", "timed_out"}, {"user", "grace"}}});
}

TEST_P(RunStoreContract, AVariableIsFoundByAnIndexWhereverItsRunsStandAndNoMoreOnceTheyAreGone) {
    auto run = sample_run("r1", definition);
    run.env = {{"K", "V"}};
    runs.insert(run);
    const QueryParameters filter{{"env", "K|V"}, {"sort_by", "queued_at"}};
    runs.clock_was_set(1h);
    EXPECT_EQ(ids(filter), Ids{"r1"});
    const auto count = [&] {
        std::int64_t rows = 0;
        database.read([&](SqlSession& session) {
            session.query("SELECT COUNT(*) FROM run_env", {},
                          [&](const SqlRow& row) { rows = row.integer(0); });
        });
        return rows;
    };
    EXPECT_EQ(count(), 1);
    database.write([](SqlSession& session) { session.execute("DELETE FROM runs", {}); });
    EXPECT_EQ(count(), 0);
}

TEST_P(RunStoreContract, TotalsByGroupOwnerClusterAndDefinitionAreThoseOfTheRunsThatAreThere) {
    auto other = definition;
    other.id = {"other"};
    other.alias = "other";
    definitions.insert(other);
    const auto total = [&](const QueryParameters& parameters) {
        const auto page = runs.list(parse_list_query(parameters, run_fields()));
        EXPECT_FALSE(page.total_is_estimate);
        EXPECT_EQ(page.total, std::ssize(page.items));
        return page.total;
    };
    // In PostgreSQL rows are added for each run, and made one now and then.
    constexpr int count = 60;
    for (int i = 0; i < count; ++i) {
        auto run = sample_run(fmt::format("r{}", i), i % 4 == 0 ? other : definition);
        run.group_name = i % 2 == 0 ? "red" : "dark red";
        run.owner = i % 3 == 0 ? "ann" : "bob";
        run.cluster = i % 5 == 0 ? "one" : "two";
        runs.insert(run);
    }
    EXPECT_EQ(total({}), count);
    EXPECT_EQ(total({{"group_name", "red"}}), count);
    EXPECT_EQ(total({{"group_name", "dark"}}), count / 2);
    EXPECT_EQ(total({{"group_name", "red"}, {"group_name", "green"}}), count / 2);
    EXPECT_EQ(total({{"user", "ann"}}), count / 3);
    EXPECT_EQ(total({{"user", "ann"}, {"user", "bob"}, {"user", "ann"}}), count);
    EXPECT_EQ(total({{"cluster_name", "one"}}), count / 5);
    EXPECT_EQ(total({{"definition_id", "other"}}), count / 4);
    EXPECT_EQ(total({{"definition_id", "nobody"}}), 0);
    database.write([](SqlSession& session) {
        session.execute("DELETE FROM definitions WHERE definition_id = 'other'", {});  // with its runs
    });
    EXPECT_EQ(total({}), count * 3 / 4);
    EXPECT_EQ(total({{"definition_id", "other"}}), 0);
    EXPECT_EQ(total({{"group_name", "dark"}}), count / 2);
    EXPECT_EQ(total({{"user", "ann"}}), count / 3 * 3 / 4);
}

INSTANTIATE_TEST_SUITE_P(Every, RunStoreContract, test::every_database, test::database_name);

TEST_P(RunStoreContract, EverythingThatWasAskedForComesBack) {
    auto run = sample_run("r1", definition);
    run.spec.image_digest = "sha256:00";
    run.spec.secrets = {"TOKEN"};
    run.executed_by = "scheduler";
    run.description = "nightly";
    run.labels = {{"team", "forecasting"}};
    runs.insert(run);
    advance("r1", Submitting{});
    advance("r1", Submitted{"handle", noon + 2s});
    const auto found = runs.find({"r1"});
    EXPECT_EQ(found->spec.image_digest, "sha256:00");
    EXPECT_EQ(found->spec.secrets, (Ids{"TOKEN"}));
    EXPECT_EQ(found->executed_by, "scheduler");
    EXPECT_EQ(found->description, "nightly");
    EXPECT_EQ(found->labels, run.labels);
    EXPECT_EQ(found->attempt.submitted_at, noon + 2s);
}

TEST_P(RunStoreContract, RunsAreFoundByLabelEngineAndExitClass) {
    for (const std::string id : {"r1", "r2", "r3"}) {
        auto run = sample_run(id, definition);
        run.labels = {{"team", id == "r1" ? "x" : "y"}, {"a'b", "%_"}};
        run.engine = id == "r3" ? "docker" : "local";
        runs.insert(run);
    }
    start("r2");
    advance("r2", Ended{noon, 1, ExitClass::job_failed, "", {}});
    EXPECT_EQ(ids({{"labels", "team|x"}}), (Ids{"r1"}));
    EXPECT_EQ(ids({{"labels", "team|y"}, {"labels", "a'b|%_"}}), (Ids{"r2", "r3"}));
    EXPECT_EQ(ids({{"labels", "team|y"}, {"labels", "team|x"}}), Ids{});
    EXPECT_EQ(ids({{"engine", "docker"}}), (Ids{"r3"}));
    EXPECT_EQ(ids({{"exit_class", "job_failed"}}), (Ids{"r2"}));
}

TEST_P(RunStoreContract, PagesAfterCursorsMakeTheWholeListHoweverItIsSorted) {
    for (int i = 0; i < 24; ++i) {
        auto run = sample_run("r" + std::to_string(i), definition);
        run.queued_at = noon + std::chrono::seconds(i % 3);
        run.group_name = "g" + std::to_string(i % 4);
        run.cluster = i % 2 == 0 ? "default" : "other";
        runs.insert(run);
        if (i % 5 == 0) {
            start(run.id.value);
        }
        if (i % 10 == 0) {
            advance(run.id.value, Ended{noon + 3s, 0, ExitClass::completed, "", {}});
        }
    }
    for (const Field& field : run_fields()) {
        for (const std::string order : {"asc", "desc"}) {
            if (!field.sortable) {
                continue;
            }
            const QueryParameters sorted{{"sort_by", std::string(field.name)}, {"order", order}};
            Ids paged;
            std::string after;
            do {
                auto parameters = sorted;
                parameters.emplace_back("limit", "7");
                parameters.emplace_back("after", after);
                const auto page = runs.list(parse_list_query(parameters, run_fields()));
                EXPECT_EQ(page.total, 24);
                const auto more = ids_of(page.items);
                paged.insert(paged.end(), more.begin(), more.end());
                after = page.next;
            } while (!after.empty());
            EXPECT_EQ(paged, ids(sorted)) << field.name << " " << order;
        }
    }
}

}  // namespace
}  // namespace flotilla
