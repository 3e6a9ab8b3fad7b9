#include <gmock/gmock.h>

#include "contract/stores.hpp"
#include "queue/sql/sql_run_queue.hpp"
#include "store/sql_host_store.hpp"
#include "support/fakes.hpp"

namespace flotilla {
namespace {

using namespace std::chrono_literals;
using test::noon;

class HostStoreContract : public test::StoreContract {
protected:
    HostStoreContract() {
        definitions.insert(definition);
        hosts.enter("h1", "one:3000", "p1", 0s);
        hosts.enter("h2", "two:3000", "p2", 0s);
    }

    void insert(const std::string& id) { runs.insert(test::sample_run(id, definition)); }
    void start_on(const std::string& host, const std::string& id) {
        insert(id);
        runs.advance({id}, {1, Submitting{host}});
        runs.advance({id}, {1, Submitted{"handle"}});
        runs.advance({id}, {1, Started{noon, {}}});
    }
    std::vector<std::string> ids_of(const std::vector<flotilla::Run>& list) {
        std::vector<std::string> ids;
        for (const auto& run : list) {
            ids.push_back(run.id.value);
        }
        return ids;
    }
    using Ids = std::vector<std::string>;

    const Definition definition = test::sample_definition("job");
    const Ended host_lost{noon, {}, ExitClass::host_lost, "lost", RetryTerms{{.max_attempts = 3}, noon, 0.5}};
    SqlHostStore hosts{database};
    SqlRunStore runs_of_h1{database, nullptr, "h1"};
    SqlRunStore runs_of_h2{database, nullptr, "h2"};
    test::FakeClock clock;
    Cluster cluster{.name = "default", .engine = "local", .memory = 250, .cpu = {}, .max_running = {}};
};

TEST_P(HostStoreContract, AHostIsKnownByItsAddressAndHowLongAgoItWasHeardOf) {
    const auto host = hosts.find("h1");
    ASSERT_TRUE(host);
    EXPECT_EQ(host->address, "one:3000");
    EXPECT_LT(host->age, 60s);
    EXPECT_FALSE(host->is_lost);
    EXPECT_FALSE(hosts.find("h3"));
    EXPECT_EQ(hosts.silent(-1s).size(), 2U);
    EXPECT_TRUE(hosts.silent(1h).empty());
}

TEST_P(HostStoreContract, AHostIsSilentAfterAsLongAsItSaysItself) {
    hosts.enter("h1", "one:3000", "p1", 1h);
    const auto silent = hosts.silent(-1s);
    ASSERT_EQ(silent.size(), 1U);
    EXPECT_EQ(silent.front().id, "h2");
    EXPECT_EQ(hosts.find("h1")->lost_after, 1h);
}

TEST_P(HostStoreContract, ALiveRunIsThatOfTheHostThatTookItAlone) {
    start_on("h1", "r1");
    start_on("h2", "r2");
    EXPECT_EQ(ids_of(runs_of_h1.live("default")), Ids{"r1"});
    runs.advance({"r1"}, {1, StopRequested{noon, ""}});
    EXPECT_EQ(ids_of(runs_of_h1.unwanted("default")), Ids{"r1"});
    EXPECT_EQ(ids_of(runs_of_h2.unwanted("default")), Ids{});
    EXPECT_EQ(runs.find({"r1"})->attempt.host, "h1");
}

TEST_P(HostStoreContract, EachHostHasRoomOfItsOwn) {
    SqlRunQueue first(database, clock, 600s, nullptr, "h1");
    SqlRunQueue second(database, clock, 600s, nullptr, "h2");
    for (const auto* const id : {"r1", "r2", "r3", "r4", "r5"}) {
        insert(id);
    }
    auto leases = first.take(cluster, 9, {});
    EXPECT_EQ(leases.size(), 2U);
    EXPECT_EQ(first.take(cluster, 9, {}).size(), 0U);
    EXPECT_EQ(second.take(cluster, 9, {}).size(), 2U);
}

TEST_P(HostStoreContract, WhatAHostHadEndsWhenItIsGivenUpAndWhatSurelyHadNotStartedIsTriedAgain) {
    start_on("h1", "r1");
    insert("r2");
    runs.advance({"r2"}, {1, Submitting{"h1"}});
    start_on("h2", "r3");
    insert("r4");
    runs.advance({"r4"}, {1, Submitting{"h1"}});
    runs.advance({"r4"}, {1, Offered{noon}});
    HostEntry host = *hosts.find("h1");
    host.seen_at -= 1s;
    EXPECT_TRUE(hosts.give_up(host, host_lost, 100).empty()) << "it was heard of since";
    EXPECT_EQ(ids_of(hosts.give_up(*hosts.find("h1"), host_lost, 100)), (Ids{"r1", "r2", "r4"}));
    EXPECT_EQ(runs.find({"r1"})->status, RunStatus::stopped);
    EXPECT_EQ(runs.find({"r2"})->status, RunStatus::needs_retry);
    EXPECT_EQ(runs.find({"r3"})->status, RunStatus::running);
    EXPECT_EQ(runs.find({"r4"})->status, RunStatus::stopped);
    EXPECT_EQ(runs.find({"r4"})->attempt.exit_reason, "lost; whether it had started is not known");
    EXPECT_TRUE(hosts.find("h1")->is_lost);
}

TEST_P(HostStoreContract, AHostThatWasGivenUpTakesNothingBeforeItIsHeardOfAgain) {
    insert("r1");
    hosts.give_up(*hosts.find("h1"), host_lost, 100);
    SqlRunQueue queue(database, clock, 600s, nullptr, "h1");
    EXPECT_TRUE(queue.take(cluster, 9, {}).empty());
    EXPECT_EQ(hosts.beat("h1", "p1"), HostState::lost);
    EXPECT_EQ(hosts.beat("h1", "p1"), HostState::known);
    EXPECT_EQ(queue.take(cluster, 9, {}).size(), 1U);
}

/// A clock that other servers read, too.
class SharedClock final : public Clock {
public:
    explicit SharedClock(Clock& clock) : clock_(clock) {}
    TimePoint now() override { return clock_.now(); }
    std::chrono::microseconds elapsed() override { return clock_.elapsed(); }
    [[nodiscard]] bool is_shared() const override { return true; }

private:
    Clock& clock_;
};

TEST_P(HostStoreContract, ARunOfNoServersHostThatOneIsHandingOverIsLeftToItForAWhile) {
    SharedClock shared(clock);
    SqlRunQueue first(database, shared, 600s, nullptr, no_servers_host);
    SqlRunQueue second(database, shared, 600s, nullptr, no_servers_host);
    insert("r1");
    auto leases = first.take(cluster, 9, {});
    ASSERT_EQ(leases.size(), 1U);
    leases.front().offer();
    EXPECT_EQ(second.take(cluster, 9, {}).size(), 0U);
    leases.clear();  // no answer came: it is offered again by the one, and by the other once that may be gone
    EXPECT_EQ(second.take(cluster, 9, {}).size(), 0U);
    leases = first.take(cluster, 9, {});
    EXPECT_EQ(leases.size(), 1U);
    clock.time += 60s;
    EXPECT_EQ(second.take(cluster, 9, {}).size(), 1U);
}

TEST_P(HostStoreContract, OfTwoServersOfOneHostTheLaterOneCounts) {
    hosts.enter("h1", "elsewhere:3000", "p9", 0s);
    EXPECT_EQ(hosts.beat("h1", "p1"), HostState::taken);
    EXPECT_EQ(hosts.beat("h1", "p9"), HostState::known);
}

INSTANTIATE_TEST_SUITE_P(Every, HostStoreContract, test::every_database, test::database_name);

}  // namespace
}  // namespace flotilla
