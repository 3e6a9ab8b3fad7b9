#include <future>
#include <map>
#include <set>

#include <fmt/format.h>

#include "contract/queues.hpp"
#include "contract/stores.hpp"
#include "store/run_rows.hpp"
#include "support/fakes.hpp"

namespace flotilla {
namespace {

using namespace std::chrono_literals;
using test::noon;
using test::sample_definition;
using test::sample_run;

using QueueParam = std::tuple<test::MakeDatabase, test::MakeQueue>;

class RunQueueContract : public testing::TestWithParam<QueueParam>, protected test::StoresUnderTest {
protected:
    RunQueueContract() : StoresUnderTest(std::get<0>(GetParam())) { definitions.insert(definition); }

    flotilla::Run run_of(const std::string& id, const std::string& owner) {
        auto run = sample_run(id, definition);
        run.engine = "ecs";  // the one that has every kind of queue
        run.owner = owner;
        return run;
    }
    void wait(const std::string& id, const std::string& owner, std::int64_t memory = 100,
              const std::string& arn = "") {
        auto run = run_of(id, owner);
        run.spec.memory = memory;
        run.definition_arn = arn;
        run.attempt.queued_at = noon + std::chrono::seconds{++arrived_};
        runs.insert(run);
    }
    std::vector<RunQueue::Lease> lease(std::size_t most) {
        subject->bring_messages();
        return subject->queue().take(cluster, most, held);
    }
    std::vector<std::string> take(std::size_t most) {
        std::vector<std::string> ids;
        for (auto& lease : lease(most)) {
            ids.push_back(lease.run().id.value);
            runs.advance(lease.run().id, {1, Submitted{"handle"}});
            lease.done();
        }
        return ids;
    }
    void end(const std::string& id) { runs.advance({id}, {1, Ended{noon, 0, ExitClass::completed, "", {}}}); }
    using Ids = std::vector<std::string>;

    Definition definition = sample_definition("a");
    std::unique_ptr<test::QueueUnderTest> subject = std::get<1>(GetParam())(database);
    test::FakeClock& clock = subject->clock();
    HeldRuns held;
    Cluster cluster{
        .name = "default", .engine = "local", .memory = 1000, .cpu = {}, .gpu = 0, .max_running = {}};

private:
    int arrived_ = 0;
};

TEST_P(RunQueueContract, OwnersTakeTurnsAndWithinAnOwnerTheOldestComesFirst) {
    wait("a1", "ann");
    wait("a2", "ann");
    wait("a3", "ann");
    wait("b1", "bob");
    EXPECT_EQ(take(3), (Ids{"a1", "b1", "a2"}));
    wait("b2", "bob");
    EXPECT_EQ(take(1), Ids{"b2"});
    EXPECT_EQ(take(9), Ids{"a3"});
    EXPECT_EQ(take(9), Ids{});
}

TEST_P(RunQueueContract, TakesNoMoreThanThereIsRoomFor) {
    wait("r1", "ann", 600);
    wait("r2", "ann", 600);
    EXPECT_EQ(take(9), Ids{"r1"});
    EXPECT_EQ(take(9), Ids{});
    end("r1");
    EXPECT_EQ(take(9), Ids{"r2"});
}

TEST_P(RunQueueContract, RunsOfOtherClustersNeitherWaitNorTakeRoomHere) {
    auto elsewhere = run_of("x", "ann");
    elsewhere.cluster = "another";
    runs.insert(elsewhere);
    EXPECT_EQ(take(9), Ids{});
}

TEST_P(RunQueueContract, NoMoreRunAtOnceThanTheClusterAllows) {
    cluster.max_running = 1;
    wait("r1", "ann");
    wait("r2", "ann");
    EXPECT_EQ(take(9), Ids{"r1"});
    EXPECT_EQ(take(9), Ids{});
}

TEST_P(RunQueueContract, ARunThatDoesNotFitIsPassedForAWhileThenRoomIsKept) {
    wait("running", "ann", 500);
    EXPECT_EQ(take(9), Ids{"running"});
    wait("big", "ann", 900);
    wait("small1", "ann", 100);
    EXPECT_EQ(take(9), Ids{"small1"});
    clock.time += 601s;
    wait("small2", "bob", 100);
    wait("small3", "ann", 100);
    EXPECT_EQ(take(9), Ids{"small2"});  // bob's turn comes before ann's
    EXPECT_EQ(take(9), Ids{});
    end("running");
    end("small1");
    end("small2");
    EXPECT_EQ(take(9), (Ids{"big", "small3"}));
}

TEST_P(RunQueueContract, ALongLineOfRunsThatDoNotFitDoesNotHideOneThatDoes) {
    wait("running", "ann", 500);
    take(9);
    for (int i = 0; i < 40; ++i) {
        wait("big" + std::to_string(i), "ann", 900);
    }
    wait("small", "ann", 100);
    EXPECT_EQ(take(9), Ids{"small"});
}

TEST_P(RunQueueContract, ALongLineOfRunsThatAreHeldDoesNotHideOneThatIsNot) {
    cluster.memory = 100'000;
    for (int i = 0; i < 40; ++i) {
        wait("held" + std::to_string(i), "ann", 100);
        held.runs.insert({"held" + std::to_string(i)});
    }
    wait("free", "ann", 100);
    wait("other", "bob", 100);
    EXPECT_EQ(take(2), (Ids{"free", "other"}));
    EXPECT_EQ(take(9), Ids{});
    held.runs.erase({"held3"});
    EXPECT_EQ(take(9), Ids{"held3"}) << "it keeps its age";
}

TEST_P(RunQueueContract, MoreRunsThanAServerLooksAtAreHeldAndHideNoOther) {
    cluster.memory = 100'000;
    for (int i = 0; i < 250; ++i) {
        wait("held" + std::to_string(i), "ann", 100);
        held.runs.insert({"held" + std::to_string(i)});
    }
    wait("free", "ann", 100);
    Ids taken;
    for (int looks = 0; looks < 9 && taken.empty(); ++looks) {
        taken = take(1);
    }
    EXPECT_EQ(taken, Ids{"free"});
}

TEST_P(RunQueueContract, RunsOfAHeldRevisionHideNoOtherHoweverManyTheyAre) {
    cluster.memory = 1'000'000;
    held.revisions = {{definition.id, "arn:odd"}, {{"another"}, "arn:good"}};
    constexpr int many = 300;
    for (int i = 0; i < many; ++i) {
        wait(fmt::format("odd{}", i), "ann", 100, "arn:odd");
    }
    wait("good", "ann", 100, "arn:good");
    Ids taken;
    for (int looks = 0; looks < 9 && taken.empty(); ++looks) {
        taken = take(16);
    }
    EXPECT_EQ(taken, Ids{"good"});
    EXPECT_EQ(take(16), Ids{});
    held.revisions.clear();
    held.doubtful_revisions = {{definition.id, "arn:odd"}};
    std::ignore = take(0);
    EXPECT_EQ(take(16), Ids{"odd0"}) << "one is tried for all";
    held.doubtful_revisions.clear();
    std::set<std::string> others;
    for (int looks = 0; looks < many; ++looks) {
        const auto some = take(16);
        others.insert(some.begin(), some.end());
    }
    EXPECT_EQ(others.size(), many - 1U);
}

TEST_P(RunQueueContract, ManyOwnersAllOfWhoseRunsAreHeldHideNoOther) {
    cluster.memory = 1'000'000;
    held.revisions = {{definition.id, "arn:odd"}};
    for (int i = 0; i < 300; ++i) {
        wait(fmt::format("odd{}", i), fmt::format("a{}", i), 100, "arn:odd");
    }
    wait("good", "zoe");
    Ids taken;
    for (int looks = 0; looks < 9 && taken.empty(); ++looks) {
        taken = take(16);
    }
    EXPECT_EQ(taken, Ids{"good"});
    held.revisions.clear();
    taken.clear();
    for (int looks = 0; looks < 9 && taken.empty(); ++looks) {
        taken = take(16);
    }
    EXPECT_EQ(taken.size(), 16U) << "no owner was forgotten";
}

TEST_P(RunQueueContract, ALongLineOfRunsForWhichTheEngineHasNoRoomDoesNotHideASmallerOne) {
    cluster.memory = 100'000;
    held.sizes = {{{.memory = 300}, {Scarce::memory}}};
    for (int i = 0; i < 40; ++i) {
        wait("large" + std::to_string(i), "ann", 300 + i);
    }
    wait("small", "ann", 299);
    EXPECT_EQ(take(9), Ids{"small"});
    clock.time += 600s;
    wait("late", "ann", 100);
    EXPECT_EQ(take(9), Ids{}) << "room is kept for what was passed";
    held.sizes.clear();
    EXPECT_EQ(take(1), Ids{"large0"});
}

TEST_P(RunQueueContract, ARunThatIsGivenBackKeepsItsOwnersTurn) {
    wait("a1", "ann");
    wait("b1", "bob");
    wait("b2", "bob");
    for (int i = 0; i < 3; ++i) {
        auto leases = lease(1);
        ASSERT_EQ(leases.size(), 1U);
        EXPECT_EQ(leases.front().run().id.value, "a1");
        leases.front().give_back();
    }
    EXPECT_EQ(take(9), (Ids{"a1", "b1", "b2"}));
}

TEST_P(RunQueueContract, TheOwnerOfARunThatIsGivenBackMayHaveHadItsTurn) {
    wait("a1", "ann");
    wait("a2", "ann");
    wait("b1", "bob");
    auto leases = lease(1);
    ASSERT_EQ(leases.size(), 1U);
    EXPECT_EQ(leases.front().run().id.value, "a1");
    leases.front().give_back(Turn::used);
    EXPECT_EQ(take(1), Ids{"b1"});
    EXPECT_EQ(take(9), (Ids{"a1", "a2"}));
}

TEST_P(RunQueueContract, ALeaseThatIsNotDoneGoesBack) {
    wait("r1", "ann");
    { const auto leases = lease(9); }
    EXPECT_EQ(runs.find({"r1"})->attempt.phase, AttemptPhase::waiting);
    EXPECT_EQ(take(9), Ids{"r1"});
}

TEST_P(RunQueueContract, ALeaseOfARunThatTheEngineMayHaveDoesNotGoBackByItself) {
    wait("r1", "ann");
    for (auto& lease : lease(9)) {
        lease.offer();
    }
    EXPECT_EQ(runs.find({"r1"})->attempt.phase, AttemptPhase::submitting);
    { const auto left_behind = lease(9); }
    EXPECT_EQ(runs.find({"r1"})->attempt.phase, AttemptPhase::submitting);
    auto again = lease(9);
    ASSERT_EQ(again.size(), 1U);
    again.front().give_back();
    EXPECT_EQ(runs.find({"r1"})->attempt.phase, AttemptPhase::waiting);
}

TEST_P(RunQueueContract, ARunThatTheEngineMayHaveIsHandedOutAgainThoughItsRevisionIsHeld) {
    wait("r1", "ann");
    wait("r2", "ann");
    for (auto& lease : lease(1)) {
        lease.offer();
    }
    held.revisions = {{definition.id, ""}};
    auto again = lease(9);
    ASSERT_EQ(again.size(), 1U);
    EXPECT_EQ(again.front().run().id.value, "r1");
}

TEST_P(RunQueueContract, ALeasedRunIsLeasedOnceAndItsIntentIsStored) {
    wait("r1", "ann");
    const auto leases = lease(9);
    EXPECT_EQ(leases.size(), 1U);
    EXPECT_EQ(runs.find({"r1"})->attempt.phase, AttemptPhase::submitting);
    EXPECT_TRUE(lease(9).empty());
}

TEST_P(RunQueueContract, LeasesOfAProcessThatDiedAreHandedOutAgain) {
    wait("r1", "ann");
    auto leases = lease(9);
    leases.front().done();  // what a crash leaves: the intent, and nobody who holds the lease
    subject->die_and_restart();
    auto again = lease(9);
    ASSERT_EQ(again.size(), 1U);
    EXPECT_EQ(again.front().run().attempt.number, 1);
}

/// Does every piece of work twice, as `SqlDatabase::write` allows: what it did first is rolled back.
class RepeatingDatabase final : public SqlDatabase {
public:
    explicit RepeatingDatabase(SqlDatabase& database) : database_(database) {}
    void read(const Work& work) override { database_.read(work); }
    void write(const Work& work) override {
        struct RolledBack {};
        try {
            database_.write([&](SqlSession& session) {
                work(session);
                throw RolledBack();
            });
        } catch (const RolledBack&) {
            database_.write(work);
        }
    }
    [[nodiscard]] const SqlDialect& dialect() const override { return database_.dialect(); }
    void check() override { database_.check(); }

private:
    SqlDatabase& database_;
};

TEST_P(RunQueueContract, ARunIsLeasedOnceThoughTheDatabaseDoesTheWorkAgain) {
    wait("r1", "ann");
    RepeatingDatabase repeating(database);
    const auto repeated = std::get<1>(GetParam())(repeating);
    repeated->bring_messages();
    EXPECT_EQ(repeated->queue().take(cluster, 9, {}).size(), 1U);
}

TEST_P(RunQueueContract, AStoppedRunIsNotTaken) {
    wait("r1", "ann");
    runs.advance({"r1"}, {1, StopRequested{noon, ""}});
    EXPECT_EQ(take(9), Ids{});
}

TEST_P(RunQueueContract, WhatARunWaitsForIsSaidWithItsPlace) {
    if (!subject->knows_places()) {
        GTEST_SKIP() << "what is in the queue stands elsewhere";
    }
    wait("a1", "ann", 900);
    wait("a2", "ann", 200);
    wait("b1", "bob", 50);
    EXPECT_EQ(subject->queue().waiting_for(*runs.find({"a1"}), cluster), "its turn: it is next");
    EXPECT_EQ(subject->queue().waiting_for(*runs.find({"a2"}), cluster), "its turn: 2 runs are before it");
    EXPECT_EQ(subject->queue().waiting_for(*runs.find({"b1"}), cluster), "its turn: 1 run is before it");
    EXPECT_EQ(take(1), (Ids{"a1"}));
    EXPECT_EQ(subject->queue().waiting_for(*runs.find({"a2"}), cluster),
              "memory: it needs 200 MiB, 100 of 1000 MiB are free on cluster default; 1 run is before it");
    EXPECT_EQ(subject->queue().waiting_for(*runs.find({"b1"}), cluster), "its turn: it is next");
}

TEST_P(RunQueueContract, OfManyOwnersEachHasATurnBeforeAnybodyHasASecond) {
    cluster.memory = 100'000;
    constexpr int owners = 40;
    std::set<std::string> once;
    for (int i = 0; i < owners; ++i) {
        wait(fmt::format("first{}", i), fmt::format("o{}", i));
        wait(fmt::format("second{}", i), fmt::format("o{}", i));
        once.insert(fmt::format("first{}", i));
    }
    std::set<std::string> taken;
    while (taken.size() < once.size()) {
        const auto some = take(3);
        ASSERT_FALSE(some.empty());
        taken.insert(some.begin(), some.begin() + std::min(some.size(), once.size() - taken.size()));
    }
    EXPECT_EQ(taken, once);
    EXPECT_EQ(take(100).size(), owners - 2U);  // the last three were two owners' second ones
}

TEST_P(RunQueueContract, OwnersWhoHaveNoneLeftAreForgottenAndComeBackInTheirTurn) {
    wait("a1", "ann");
    wait("b1", "bob");
    EXPECT_EQ(take(9), (Ids{"a1", "b1"}));
    EXPECT_EQ(take(9), Ids{});
    EXPECT_EQ(take(9), Ids{});
    wait("b2", "bob");
    wait("a2", "ann");
    wait("c1", "cid");
    EXPECT_EQ(take(9), (Ids{"c1", "a2", "b2"}));
}

TEST_P(RunQueueContract, ARunThatFitsIsFoundBehindManyOwnersWhoseRunsDoNot) {
    for (int i = 0; i < 30; ++i) {
        wait(fmt::format("large{}", i), fmt::format("a{}", i), 900);
    }
    EXPECT_EQ(take(2).size(), 1U);
    EXPECT_EQ(take(2), Ids{});
    wait("small", "zoe", 100);
    EXPECT_EQ(take(2), Ids{"small"});
}

TEST_P(RunQueueContract, NoOwnerIsForgottenWhoseRunsComeAsOthersAreTaken) {
    cluster.memory = 1'000'000;
    constexpr int each = 40;
    std::vector<std::future<void>> clients;
    for (const std::string owner : {"ann", "bob", "cid"}) {
        clients.push_back(std::async(std::launch::async, [&, owner] {
            for (int i = 0; i < each; ++i) {
                runs.insert(run_of(fmt::format("{}{}", owner, i), owner));
            }
        }));
    }
    std::size_t taken = 0;
    for (const auto& client : clients) {
        while (client.wait_for(0s) != std::future_status::ready) {
            taken += take(4).size();
        }
    }
    for (auto more = take(4); !more.empty(); more = take(4)) {
        taken += more.size();
    }
    EXPECT_EQ(taken, 3U * each);
}

TEST_P(RunQueueContract, APlaceInTheQueueCountsTheTurnsOfOtherOwners) {
    if (!subject->knows_places()) {
        GTEST_SKIP() << "what is in the queue stands elsewhere";
    }
    for (const auto& [owner, count] : std::map<std::string, int>{{"ann", 5}, {"bob", 3}, {"cid", 7}}) {
        for (int i = 0; i < count; ++i) {
            wait(owner + std::to_string(i), owner);
        }
    }
    const auto waiting_for = [&](const std::string& id) {
        return subject->queue().waiting_for(*runs.find({id}), cluster);
    };
    EXPECT_EQ(waiting_for("bob2"), fmt::format("its turn: {} runs are before it", 2 + 3 + 2));
    EXPECT_EQ(waiting_for("ann4"), fmt::format("its turn: {} runs are before it", 4 + 3 + 4));
    EXPECT_EQ(waiting_for("cid0"), fmt::format("its turn: {} runs are before it", 0 + 1 + 1));
}

TEST_P(RunQueueContract, APlaceFarDownTheQueueIsCountedNoFurtherThanAThousand) {
    if (!subject->knows_places()) {
        GTEST_SKIP() << "what is in the queue stands elsewhere";
    }
    wait("r", "ann");
    const auto first = *runs.find({"r"});
    database.write([&](SqlSession& session) {
        for (int i = 0; i < 1'000; ++i) {
            auto run = first;
            run.id = {fmt::format("s{}", i)};
            insert_run(session, run);
        }
    });
    auto last = first;
    last.id = {"t"};
    EXPECT_EQ(subject->queue().waiting_for(last, cluster), "its turn: more than 1000 runs are before it");
}

TEST_P(RunQueueContract, ARunThatWasLeftBehindIsNotHandedOutWhileItsEndIsBeingStored) {
    wait("a1", "ann");
    for (auto& lease : lease(1)) {
        lease.done();  // and what the engine said could not be stored
    }
    std::future<std::size_t> taken;
    database.write([&](SqlSession& session) {
        advance_run(session, {"a1"}, {1, Ended{noon, 0, ExitClass::completed, "", {}}});
        if (!taken.valid()) {
            taken =
                std::async(std::launch::async, [&] { return subject->queue().take(cluster, 1, {}).size(); });
        }
        taken.wait_for(100ms);  // longer than it takes where nothing makes it wait
    });
    EXPECT_EQ(taken.get(), 0U);
}

INSTANTIATE_TEST_SUITE_P(Every, RunQueueContract, testing::Combine(test::every_database, test::every_queue),
                         [](const testing::TestParamInfo<QueueParam>& kind) {
                             return test::name_of(std::get<0>(kind.param)) + "_" +
                                    test::name_of(std::get<1>(kind.param));
                         });

}  // namespace
}  // namespace flotilla
