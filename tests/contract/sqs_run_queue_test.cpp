// What is particular about runs that wait in SQS: messages that are lost, doubled, malformed or of no use,
// and what is done while they are in hand.
#include <condition_variable>
#include <mutex>
#include <stop_token>
#include <utility>

#include <fmt/format.h>
#include <gmock/gmock.h>

#include "base/error.hpp"
#include "contract/queues.hpp"
#include "contract/stores.hpp"
#include "queue/sqs/run_message.hpp"

namespace flotilla {
namespace {

using namespace std::chrono_literals;
using test::noon;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class SqsRunQueueTest : public test::StoreContract {
protected:
    SqsRunQueueTest() { definitions.insert(definition); }

    void wait(const std::string& id, const std::string& on = "default") {
        auto run = test::sample_run(id, definition);
        run.cluster = on;
        run.engine = "ecs";
        run.attempt.queued_at = subject.clock().now();
        runs.insert(run);
    }
    std::vector<RunQueue::Lease> lease() {
        subject.bring_messages();
        return subject.queue().take(cluster, 9, held);
    }
    std::vector<std::string> take() {
        std::vector<std::string> ids;
        for (auto& lease : lease()) {
            ids.push_back(lease.run().id.value);
            runs.advance(lease.run().id, {lease.run().attempt.number, Submitted{"handle"}});
            lease.done();
        }
        return ids;
    }
    using Ids = std::vector<std::string>;
    void pass(std::chrono::seconds time) { subject.clock().time += time; }

    Definition definition = test::sample_definition("a");
    test::SqsQueueUnderTest subject{database};
    test::FakeSqs& sqs = subject.sqs();
    HeldRuns held;
    std::vector<test::FakeSqs::Message>& queue = sqs.queues["ns-default"];
    Cluster cluster{
        .name = "default", .engine = "ecs", .memory = 1000, .cpu = {}, .gpu = 0, .max_running = {}};
    static constexpr auto process_time = test::SqsQueueUnderTest::process_time;
};

TEST_P(SqsRunQueueTest, AMessageIsSentOnceAndDeletedOnceItsRunIsHandedOver) {
    wait("r1");
    subject.bring_messages();
    EXPECT_THAT(sqs.bodies("ns-default"), ElementsAre(R"({"run_id":"r1"})"));
    EXPECT_EQ(take(), Ids{"r1"});
    EXPECT_EQ(take(), Ids{});
    subject.bring_messages();
    EXPECT_THAT(queue, IsEmpty());
    EXPECT_EQ(subject.aws().count("SendMessageBatch"), 1U);
}

TEST_P(SqsRunQueueTest, ALostMessageIsSentAgain) {
    wait("r1");
    subject.messages().carry();
    queue.clear();
    EXPECT_EQ(take(), Ids{});
    pass(4 * process_time);
    EXPECT_EQ(take(), Ids{"r1"});
}

TEST_P(SqsRunQueueTest, ARunThatWaitsForLongHasFewMessages) {
    wait("r1");
    cluster.memory = 0;
    for (int looks = 0; looks < 24 * 6; ++looks) {
        subject.messages().carry();
        pass(600s);
    }
    EXPECT_THAT(queue, SizeIs(::testing::Le(10U)));
}

TEST_P(SqsRunQueueTest, ASecondMessageOfARunChangesNothing) {
    wait("r1");
    sqs.send("ns-default", run_message({"r1"}));
    EXPECT_EQ(take(), Ids{"r1"});
    sqs.send("ns-default", run_message({"r1"}));
    EXPECT_EQ(take(), Ids{});
    subject.bring_messages();
    EXPECT_THAT(queue, IsEmpty());
}

TEST_P(SqsRunQueueTest, AMessageOfARunThatHasEndedIsDeleted) {
    wait("r1");
    subject.bring_messages();
    runs.advance({"r1"}, {1, StopRequested{noon, ""}});
    EXPECT_EQ(take(), Ids{});
    subject.bring_messages();
    EXPECT_THAT(queue, IsEmpty());
}

TEST_P(SqsRunQueueTest, AMessageInTheQueueOfAnotherClusterIsDeleted) {
    auto elsewhere = test::sample_run("x", definition);
    elsewhere.cluster = "another";
    runs.insert(elsewhere);
    sqs.send("ns-default", run_message({"x"}));
    EXPECT_EQ(take(), Ids{});
    subject.bring_messages();
    EXPECT_THAT(queue, IsEmpty());
    EXPECT_THAT(sqs.bodies("ns_parked"), IsEmpty());
}

TEST_P(SqsRunQueueTest, WhatNobodyCanReadAndRunsThatNobodyKnowsAreParkedAndCounted) {
    const std::vector<std::string> poison{"", "no JSON", "[]", R"({"run_id": 7})", R"({"run_id": "nobody"})"};
    for (const std::string& body : poison) {
        sqs.send("ns-default", body);
    }
    wait("r1");
    EXPECT_EQ(take(), Ids{"r1"});
    subject.bring_messages();
    EXPECT_THAT(sqs.bodies("ns_parked"), ::testing::UnorderedElementsAreArray(poison));
    EXPECT_EQ(subject.parked_count(), 5);
}

TEST_P(SqsRunQueueTest, AMessageOfTheOriginalIsUnderstood) {
    EXPECT_EQ(run_in_message(R"({"run_id":"r","definition_id":"d","status":"QUEUED"})"), RunId{"r"});
}

TEST_P(SqsRunQueueTest, MessagesOfRunsThatHaveNoRoomStayHidden) {
    wait("r1");
    cluster.memory = 0;
    for (int i = 0; i < 10; ++i) {
        EXPECT_EQ(take(), Ids{});
        pass(process_time * 2 / 3);
        subject.bring_messages();
        EXPECT_THAT(subject.messages().in_hand(), ElementsAre(RunId{"r1"}));
    }
    EXPECT_EQ(subject.aws().count("ReceiveMessage"), 1U + 2U * 10U) << "it came once, and was looked for";
    cluster.memory = 1000;
    EXPECT_EQ(take(), Ids{"r1"});
}

TEST_P(SqsRunQueueTest, RunsThatAreHeldWithTheirRevisionHaveNoMessagesUntilItIsTriedAgain) {
    for (const char* const run : {"r1", "r2", "r3"}) {
        wait(run);
    }
    subject.bring_messages();
    held.revisions = {{definition.id, ""}};
    for (int looks = 0; looks < 9; ++looks) {
        EXPECT_EQ(take(), Ids{});
        pass(process_time);
    }
    wait("r4");
    EXPECT_EQ(take(), Ids{});
    EXPECT_THAT(queue, IsEmpty());
    EXPECT_EQ(subject.aws().count("SendMessageBatch"), 1U);
    held.doubtful_revisions = std::exchange(held.revisions, {});
    EXPECT_EQ(take(), Ids{});
    EXPECT_EQ(take(), Ids{"r1"});
    EXPECT_THAT(queue, SizeIs(::testing::Le(2U))) << "one at each look";
    held.doubtful_revisions.clear();
    EXPECT_EQ(take(), Ids{"r2"});
    EXPECT_EQ(take(), (Ids{"r3", "r4"}));
}

TEST_P(SqsRunQueueTest, WhatOneServerHeldAnotherOneTriesAtOnce) {
    wait("r1");
    held.revisions = {{definition.id, ""}};
    EXPECT_EQ(take(), Ids{});
    subject.bring_messages();
    EXPECT_THAT(queue, IsEmpty());
    subject.die_and_restart();
    held.revisions.clear();
    EXPECT_EQ(take(), Ids{"r1"});
}

TEST_P(SqsRunQueueTest, OfARunThatTheEngineMayHaveALostMessageIsSentAgainThoughItsRevisionIsHeld) {
    wait("r1");
    for (auto& lease : lease()) {
        lease.offer();
    }
    subject.die_and_restart();
    queue.clear();
    held.revisions = {{definition.id, ""}};
    pass(4 * process_time);
    EXPECT_THAT(lease(), SizeIs(1));
}

TEST_P(SqsRunQueueTest, AMessageThatIsPutAwayAndCannotBeDeletedLosesNoRun) {
    wait("r1");
    held.revisions = {{definition.id, ""}};
    EXPECT_EQ(take(), Ids{});
    subject.aws().refuse("DeleteMessageBatch", "AccessDeniedException");
    EXPECT_THROW(subject.messages().carry(), Error);
    held.revisions.clear();
    pass(process_time);
    EXPECT_EQ(take(), Ids{"r1"});
}

TEST_P(SqsRunQueueTest, WithoutTheActionForItMessagesComeAgainAndThatIsTold) {
    subject.aws().refuse("ChangeMessageVisibilityBatch", "AccessDeniedException");
    wait("r1");
    cluster.memory = 0;
    for (int i = 0; i < 4; ++i) {
        EXPECT_EQ(take(), Ids{});
        pass(process_time / 2);
    }
    EXPECT_EQ(subject.aws().count("ChangeMessageVisibilityBatch"), 1U);
    EXPECT_THAT(subject.optional().losses(),
                ElementsAre(HasSubstr("AWS denies sqs:ChangeMessageVisibility: add the action")));
    cluster.memory = 1000;
    EXPECT_EQ(take(), Ids{"r1"});
}

TEST_P(SqsRunQueueTest, ARunThatIsTriedAgainHasANewMessage) {
    wait("r1");
    EXPECT_EQ(take(), Ids{"r1"});
    const RetryTerms retry{RetryRules{.max_attempts = 5}, noon, 0.0};
    runs.advance({"r1"}, {1, Ended{noon, std::nullopt, ExitClass::image_unavailable, "no answer", retry}});
    runs.advance({"r1"}, {1, Requeued{noon}});
    EXPECT_EQ(take(), Ids{"r1"});
    EXPECT_EQ(runs.find({"r1"})->attempt.number, 2);
}

TEST_P(SqsRunQueueTest, AQueueThatWasRemovedIsMadeAnewWithWhatWaits) {
    wait("r1");
    subject.messages().carry();
    sqs.queues.erase("ns-default");
    EXPECT_THROW(subject.messages().receive(0s, {}), Error);
    EXPECT_EQ(take(), Ids{"r1"});
}

TEST_P(SqsRunQueueTest, WhatCannotBeSentIsSentLater) {
    subject.aws().refuse("SendMessageBatch", "AccessDeniedException");
    wait("r1");
    EXPECT_THROW(subject.messages().carry(), Error);
    test::FakeSqs working(subject.account());
    working.queues["ns-default"];
    subject.messages().carry();
    EXPECT_THAT(working.bodies("ns-default"), SizeIs(1));
}

TEST_P(SqsRunQueueTest, WhatIsBeingSentEndsWithTheServer) {
    subject.messages().carry();
    wait("r1");
    bool is_first = true;
    subject.aws().on("SendMessageBatch", [&](const auto&) {
        return std::exchange(is_first, false)
                   ? HttpResponse{.status = 400, .headers = {}, .body = R"({"__type":"SlowDown"})"}
                   : HttpResponse{.status = 200, .headers = {}, .body = "{}"};
    });
    std::stop_source stop;
    stop.request_stop();
    EXPECT_THROW(subject.messages().carry(stop.get_token()), Error);
}

TEST_P(SqsRunQueueTest, AServerThatEndsGivesBackTheMessagesOfAllClustersAtOnce) {
    Wake wake;
    ClusterMessages& other = subject.sqs_queue().serve("other", wake);
    wait("r1");
    wait("r2", "other");
    subject.bring_messages();
    other.carry();
    other.receive(0s, {});
    ASSERT_THAT(other.in_hand(), SizeIs(1));
    std::mutex mutex;
    std::condition_variable changed;
    int calls = 0;
    bool are_together = true;
    subject.aws().on("ChangeMessageVisibilityBatch", [&](const auto&) {
        std::unique_lock lock(mutex);
        ++calls;
        changed.notify_all();
        are_together &= changed.wait_for(lock, 10s, [&] { return calls == 2; });
        return HttpResponse{.status = 200, .headers = {}, .body = "{}"};
    });
    subject.sqs_queue().close();
    EXPECT_EQ(calls, 2);
    EXPECT_TRUE(are_together);
}

TEST_P(SqsRunQueueTest, AServerThatEndsShowsItsMessagesToOthersAtOnce) {
    wait("r1");
    subject.bring_messages();
    subject.messages().close();
    EXPECT_LE(queue.front().hidden_until, subject.clock().elapsed());
}

TEST_P(SqsRunQueueTest, ARunWhoseServerWasKilledIsHandedOverByAnotherUnderItsName) {
    wait("r1");
    for (auto& lease : lease()) {
        lease.offer();
    }
    subject.die_and_restart();
    auto again = lease();
    ASSERT_THAT(again, SizeIs(1));
    EXPECT_EQ(again.front().run().attempt.number, 1);
    EXPECT_EQ(runs.find({"r1"})->attempt.phase, AttemptPhase::submitting);
}

TEST_P(SqsRunQueueTest, ARunThatWaitsIsSaidToBeInItsQueue) {
    wait("r1");
    EXPECT_EQ(subject.queue().waiting_for(*runs.find({"r1"}), cluster),
              "its turn: the queue ns-default says when");
    cluster.memory = 50;
    EXPECT_THAT(subject.queue().waiting_for(*runs.find({"r1"}), cluster),
                ::testing::EndsWith("; the queue ns-default says when"));
}

TEST_P(SqsRunQueueTest, WhatIsToBeSentIsFoundInAnIndex) {
    EXPECT_THAT(plan_of("SELECT run_id FROM runs WHERE cluster = 'c' AND message_due_at <= 7"
                        " AND engine = 'ecs' AND phase IN ('waiting', 'submitting')"
                        " ORDER BY message_due_at, attempt_queued_at, run_id LIMIT 10"),
                HasSubstr("runs_message_due"));
}

// What the databases do otherwise is tried by the contract of all queues.
INSTANTIATE_TEST_SUITE_P(Every, SqsRunQueueTest, testing::Values(&test::make_database<test::TestSqlite>),
                         test::database_name);

}  // namespace
}  // namespace flotilla
