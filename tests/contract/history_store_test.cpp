#include <gmock/gmock.h>

#include "contract/stores.hpp"
#include "store/sql_history_store.hpp"
#include "support/fakes.hpp"

namespace flotilla {
namespace {

using namespace std::chrono_literals;
using test::noon;
using testing::ElementsAre;
using testing::IsEmpty;

class HistoryStoreContract : public test::StoreContract {
protected:
    HistoryStoreContract() { definitions.insert(definition); }

    void run(const std::string& id, TimePoint end, const std::string& host = "h1",
             const std::string& key = "") {
        auto fresh = test::sample_run(id, definition);
        fresh.idempotence_key = key;
        runs.insert(fresh);
        runs.advance({id}, {1, Submitting{host}});
        runs.advance({id}, {1, Submitted{"handle"}});
        runs.advance({id}, {1, Started{noon, {}}});
        runs.advance({id}, {1, Ended{end, 0, ExitClass::completed, "", {}}});
    }
    bool is_there(const std::string& id) { return runs.find({id}).has_value(); }

    const Definition definition = test::sample_definition("job");
    SqlHistoryStore history{database, "h1"};
    SqlHistoryStore history_of_h2{database, "h2"};
};

TEST_P(HistoryStoreContract, WhatFinishedBeforeIsRemovedTheFirstFirst) {
    run("r1", noon + 3h);
    run("r2", noon + 1h);
    run("r3", noon + 2h);
    EXPECT_EQ(history.remove_finished(noon + 3h, noon + 3h, 1), 1);
    EXPECT_FALSE(is_there("r2"));
    EXPECT_TRUE(is_there("r3"));
    EXPECT_EQ(history.remove_finished(noon + 3h, noon + 3h, 10), 1);
    EXPECT_TRUE(is_there("r1"));
}

TEST_P(HistoryStoreContract, WhatHasNotEndedStays) {
    runs.insert(test::sample_run("waits", definition));
    run("reported", noon + 1h);
    runs.insert(test::sample_run("lives", definition));
    runs.advance({"lives"}, {1, Submitting{"h1"}});
    runs.advance({"lives"}, {1, Submitted{"handle"}});
    runs.advance({"lives"}, {1, Started{noon, {}}});
    runs.advance({"lives"}, {1, Reported{noon, RunStatus::stopped, 0}});  // its container is still there
    EXPECT_EQ(history.remove_finished(noon + 24h, noon + 24h, 10), 1);
    EXPECT_TRUE(is_there("waits"));
    EXPECT_TRUE(is_there("lives"));
}

TEST_P(HistoryStoreContract, WhatEndedNobodyKnowsWhenGoesByWhenItWasQueued) {
    run("timeless", noon + 1h);
    database.write([](SqlSession& session) {
        session.execute("UPDATE runs SET finished_at = NULL, shown_finished_at = NULL", {});
    });
    const auto queued_at = runs.find({"timeless"})->queued_at;
    EXPECT_EQ(history.remove_finished(queued_at, noon + 24h, 10), 0);
    EXPECT_EQ(history.remove_finished(queued_at + 1us, noon + 24h, 10), 1);
    EXPECT_FALSE(is_there("timeless"));
}

TEST_P(HistoryStoreContract, TheLogsOfWhatWasRemovedAreForTheirHosts) {
    run("r1", noon + 1h, "h1");
    run("r2", noon + 1h, "h2");
    EXPECT_THAT(history.logs_to_remove(10), IsEmpty());
    EXPECT_EQ(history.remove_finished(noon + 24h, noon + 24h, 10), 2);
    EXPECT_THAT(history.logs_to_remove(10), ElementsAre(RunId{"r1"}));
    EXPECT_THAT(history_of_h2.logs_to_remove(10), ElementsAre(RunId{"r2"}));
    history.logs_are_removed({{"r1"}});
    EXPECT_THAT(history.logs_to_remove(10), IsEmpty());
    EXPECT_THAT(history_of_h2.logs_to_remove(10), ElementsAre(RunId{"r2"}));
}

TEST_P(HistoryStoreContract, EarlierAttemptsAreRemovedWithTheirLogsOnOtherHosts) {
    auto fresh = test::sample_run("r1", definition);
    runs.insert(fresh);
    const RetryTerms terms{{.max_attempts = 3}, noon, 0.5};
    runs.advance({"r1"}, {1, Submitting{"h2"}});
    runs.advance({"r1"}, {1, Ended{noon, {}, ExitClass::host_lost, "lost", terms}});
    runs.advance({"r1"}, {1, Requeued{noon}});
    runs.advance({"r1"}, {2, Submitting{"h1"}});
    runs.advance({"r1"}, {2, Submitted{"handle"}});
    runs.advance({"r1"}, {2, Started{noon, {}}});
    runs.advance({"r1"}, {2, Ended{noon + 1h, 0, ExitClass::completed, "", {}}});
    EXPECT_EQ(history.remove_finished(noon + 24h, noon + 24h, 10), 1);
    EXPECT_THAT(history.logs_to_remove(10), ElementsAre(RunId{"r1"}));
    EXPECT_THAT(history_of_h2.logs_to_remove(10), ElementsAre(RunId{"r1"}));
}

TEST_P(HistoryStoreContract, ARunStaysForAsLongAsItsIdempotenceKeyStandsForIt) {
    run("r1", noon + 1h, "h1", "key");
    EXPECT_EQ(history.remove_finished(noon + 24h, noon + 24h, 10), 0);
    EXPECT_TRUE(runs.find_by_key(definition.id, "key", noon + 24h));
    EXPECT_EQ(history.remove_finished(noon + 24h, noon + key_lifetime, 10), 1);
    EXPECT_FALSE(runs.find_by_key(definition.id, "key", noon + 24h));
}

TEST_P(HistoryStoreContract, FindsWhatIsOldByAnIndex) {
    EXPECT_THAT(plan_of(std::string(finished_sql), {std::int64_t{1}, std::int64_t{1}, std::int64_t{100}}),
                testing::HasSubstr("runs_finished_at"));
    EXPECT_THAT(plan_of(std::string(ended_sometime_sql), {std::int64_t{1}, std::int64_t{100}}),
                testing::AnyOf(testing::HasSubstr("runs_status"), testing::HasSubstr("runs_queued_at")));
}

INSTANTIATE_TEST_SUITE_P(Every, HistoryStoreContract, test::every_database, test::database_name);

}  // namespace
}  // namespace flotilla
