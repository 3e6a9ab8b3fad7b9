#include "core/run_census.hpp"

#include <gmock/gmock.h>

#include "contract/stores.hpp"
#include "store/run_census_sql.hpp"

namespace flotilla {
namespace {

using testing::ContainsRegex;
using testing::Not;

class RunCensusContract : public test::StoreContract {
protected:
    RunCensusContract() { definitions.insert(definition); }

    auto queued(const std::string& id, TimePoint at) {
        auto run = test::sample_run(id, definition);
        run.queued_at = at;
        run.attempt.queued_at = at;
        runs.insert(run);
        return run;
    }

    const Definition definition = test::sample_definition("job");
};

TEST_P(RunCensusContract, RunsThatHaveNotEndedAreCountedAndOthersAreNot) {
    queued("waits-longest", test::noon);
    queued("waits", test::noon + std::chrono::seconds{5});
    queued("runs", test::noon);
    runs.advance({"runs"}, {1, Submitting{}});
    runs.advance({"runs"}, {1, Submitted{"handle"}});
    runs.advance({"runs"}, {1, Started{test::noon, {}}});
    queued("stopped", test::noon - std::chrono::hours{1});
    runs.advance({"stopped"}, {1, StopRequested{test::noon, "somebody"}});

    const RunCensus census = runs.census();
    ASSERT_EQ(census.waiting.size(), 1);
    EXPECT_EQ(census.waiting[0].cluster, "default");
    EXPECT_EQ(census.waiting[0].count, 2);
    EXPECT_EQ(census.waiting[0].oldest, test::noon);
    std::map<RunStatus, std::int64_t> live;
    for (const RunCensus::Live& counted : census.live) {
        live[counted.status] = counted.count;
    }
    EXPECT_EQ(live, (std::map<RunStatus, std::int64_t>{{RunStatus::queued, 2}, {RunStatus::running, 1}}));
}

TEST_P(RunCensusContract, NoHistoryIsReadToCountThem) {
    for (const std::string_view sql : {waiting_census_sql, live_census_sql}) {
        const auto plan = plan_of(std::string(sql));
        EXPECT_THAT(plan, ContainsRegex(
                              "(USING (COVERING )?INDEX|Scan using|Index Scan on) runs_(waiting|unfinished)"))
            << sql;
        EXPECT_THAT(plan, Not(ContainsRegex("SCAN runs\n|Seq Scan"))) << sql;
    }
}

TEST_P(RunCensusContract, ACheckOfTheDatabaseChangesNothing) {
    queued("waits", test::noon);
    database.check();
    EXPECT_TRUE(runs.find({"waits"}));
}

INSTANTIATE_TEST_SUITE_P(Databases, RunCensusContract, test::every_database, test::database_name);

}  // namespace
}  // namespace flotilla
