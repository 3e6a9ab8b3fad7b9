#include <atomic>
#include <functional>
#include <future>
#include <latch>

#include <gtest/gtest.h>

#include "service/object_renewal.hpp"
#include "store/database_clock.hpp"
#include "store/sql_host_store.hpp"
#include "support/control_plane.hpp"
#include "support/refusal.hpp"
#include "worker/host_worker.hpp"
#include "worker/image_worker.hpp"
#include "worker/news_worker.hpp"
#include "worker/reconcile_worker.hpp"
#include "worker/retired_definition_worker.hpp"
#include "worker/retry_worker.hpp"
#include "worker/stop_worker.hpp"
#include "worker/submit_worker.hpp"
#include "worker/timeout_worker.hpp"
#include "worker/worker_thread.hpp"

namespace flotilla {
namespace {

using namespace std::chrono_literals;

/// An engine that keeps an object for each command of a definition.
class KeptObjects final : public Preparation {
public:
    std::string register_definition(const Definition&) override {
        const int number = ++made;
        while_made();
        return "object " + std::to_string(number);
    }
    bool is_registered(const Definition& definition) override { return !definition.arn.empty(); }
    std::string digest_of(const Definition& definition) override { return setting + definition.command; }
    void deregister(const std::string& object) override {
        ++asked_to_let_go;
        if (!keeps_because.empty()) {
            throw unavailable("{}", keeps_because);
        }
        gone.push_back(object);
    }
    std::string request_of(const Definition& definition, const flotilla::Run&) override {
        return definition.arn;
    }
    std::string log_location() override { return "log of " + setting; }
    std::atomic<int> made = 0;
    std::function<void()> while_made = [] {};
    std::string setting;
    std::string keeps_because;  ///< why it lets go of nothing
    int asked_to_let_go = 0;
    std::vector<std::string> gone;
};

struct WorkerTest : testing::Test {
    test::ControlPlane plane;
    const ServedCluster& cluster = *plane.clusters.find("default");
    Wake& retry_wake = plane.retry_wake;
    SubmitWorker submit = plane.submit_worker();
    EngineRecorder recorder{cluster,      plane.queue, plane.runs, plane.clock,
                            plane.random, plane.retry, retry_wake};
    NewsWorker news{plane.engine, recorder};
    ReconcileWorker reconcile{cluster, plane.runs, recorder, 30s};
    StopWorker stop{cluster, plane.runs, plane.clock, 30s, 30s};
    RetryWorker retry{plane.clusters, plane.runs, plane.clock, 30s};
    TimeoutWorker timeout{plane.clusters, plane.runs, plane.clock};

    static AttemptName name(const flotilla::Run& run) { return {run.id, 1}; }
    /// A run of a new definition.
    flotilla::Run executed(const DefinitionFields& fields) {
        return plane.run_service.execute(plane.definition_service.create(fields, {}),
                                         {.cluster = {}, .env = {}, .owner = "ann"});
    }
    flotilla::Run submitted(const std::string& alias = "job") {
        auto run = plane.execute(alias);
        submit.step({});
        return run;
    }
    flotilla::Run started() {
        auto run = submitted();
        tell(run, Started{plane.clock.time, {"host", "host"}});
        return run;
    }
    void tell(const flotilla::Run& run, Observation observation) {
        plane.engine.known[name(run)] = observation;
        plane.engine.news.push_back({name(run), std::move(observation)});
        news.step({});
    }
    static Ended exited(int code) {
        return {
            test::noon + 1s, code, code == 0 ? ExitClass::completed : ExitClass::job_failed, "it ended", {}};
    }
    static Ended broken() { return {test::noon, {}, ExitClass::start_failed, "disk full", {}}; }
};

TEST_F(WorkerTest, AWaitingRunIsHandedToTheEngineWithAllItsVariables) {
    auto fields = plane.fields("job");
    fields.env = Env{{"A", "definition"}, {"B", "definition"}};
    const auto run = plane.run_service.execute(plane.definition_service.create(fields, {}),
                                               {.cluster = {}, .env = {{"A", "run"}}, .owner = "ann"});
    EXPECT_TRUE(submit.step({}));
    EXPECT_EQ(plane.stored(run).status, RunStatus::pending);
    EXPECT_EQ(plane.stored(run).attempt.handle, "handle");
    ASSERT_EQ(plane.engine.submitted.size(), 1U);
    const auto& task = plane.engine.submitted[0];
    EXPECT_EQ(task.name.text(), run.id.value + ".1");
    EXPECT_EQ(*find_env(task.env, "A"), "run");
    EXPECT_EQ(*find_env(task.env, "B"), "definition");
    EXPECT_FALSE(submit.step({}));
}

TEST_F(WorkerTest, ARunTheEngineHasNoRoomForStaysQueuedAndIsOfferedAgainLater) {
    plane.engine.outcome = TryLater{"no capacity"};
    const auto run = submitted();
    EXPECT_EQ(plane.stored(run).status, RunStatus::queued);
    plane.engine.outcome = SubmitAccepted{"handle"};
    EXPECT_FALSE(submit.step({}));
    EXPECT_LT(submit.rest(), 5s);
    plane.clock.time += submit.rest();
    EXPECT_TRUE(submit.step({}));
    EXPECT_EQ(plane.stored(run).status, RunStatus::pending);
}

TEST_F(WorkerTest, AnEngineThatDoesNotAnswerIsAskedSlowerEachTime) {
    plane.engine.unreachable = true;
    const auto run = submitted();
    const auto first = submit.rest();
    plane.clock.time += first;
    submit.step({});
    EXPECT_GT(submit.rest(), first);
    EXPECT_EQ(plane.stored(run).status, RunStatus::queued);
}

TEST_F(WorkerTest, ARunThatTheEngineTookWithoutAnAnswerKeepsItsPlaceAndItsContainer) {
    plane.engine.loses_answers = true;
    const auto run = submitted();
    EXPECT_EQ(plane.stored(run).status, RunStatus::queued);
    EXPECT_EQ(plane.stored(run).attempt.phase, AttemptPhase::submitting);
    reconcile.step({});
    EXPECT_TRUE(plane.engine.stopped.empty());
    plane.engine.loses_answers = false;
    plane.clock.time += submit.rest();
    submit.step({});
    EXPECT_EQ(plane.stored(run).status, RunStatus::pending);
}

TEST_F(WorkerTest, TheEndOfARunIsNotForgottenWhileSomebodyMayStillHandItOver) {
    const auto run = plane.execute("job");
    plane.engine.known[name(run)] = exited(7);  // the server before this one handed it over and died
    {
        const auto leases = plane.queue.take(cluster.cluster, 1, {});
        tell(run, exited(7));
        reconcile.step({});
        EXPECT_EQ(plane.stored(run).shown_exit_code(), 7);
        EXPECT_TRUE(plane.engine.forgotten.empty());
    }
    reconcile.step({});
    EXPECT_EQ(plane.engine.forgotten, std::vector<std::string>{name(run).text()});
}

TEST_F(WorkerTest, ARunThatEndsWhileItIsHandedOverIsForgottenByWhoHandsItOver) {
    const auto run = plane.execute("job");
    plane.engine.on_submit = [&] { tell(run, exited(0)); };
    submit.step({});
    EXPECT_EQ(plane.stored(run).shown_exit_code(), 0);
    EXPECT_EQ(plane.engine.forgotten, std::vector<std::string>{name(run).text()});
}

TEST_F(WorkerTest, RunsThatAServerBeforeHandedOverAreNotGivenBackByOneThatEnds) {
    const auto run = plane.execute("job");
    plane.queue.take(cluster.cluster, 1, {}).front().done();  // the server dies here, the engine has it
    std::stop_source ending;
    ending.request_stop();
    submit.step(ending.get_token());
    EXPECT_EQ(plane.stored(run).attempt.phase, AttemptPhase::submitting);
}

TEST_F(WorkerTest, ARefusedRunStopsWithTheReason) {
    plane.engine.outcome = Refused{ExitClass::rejected, "no such user"};
    const auto run = submitted();
    EXPECT_EQ(plane.stored(run).status, RunStatus::stopped);
    EXPECT_EQ(plane.stored(run).attempt.exit_reason, "no such user");
}

TEST_F(WorkerTest, ARefusalThatMayPassWakesWhoTriesAgain) {
    plane.engine.outcome = Refused{ExitClass::start_failed, "disk full"};
    submitted();
    EXPECT_TRUE(retry_wake.take());
}

TEST_F(WorkerTest, NewsIsRecordedAndTheEngineMayForgetWhatEnded) {
    const auto run = started();
    EXPECT_EQ(plane.stored(run).status, RunStatus::running);
    EXPECT_EQ(plane.stored(run).attempt.instance.dns_name, "host");
    tell(run, exited(7));
    EXPECT_EQ(plane.stored(run).shown_exit_code(), 7);
    EXPECT_EQ(plane.engine.forgotten, std::vector<std::string>{name(run).text()});
}

TEST_F(WorkerTest, AnEndThatCannotBeStoredKeepsNoOtherFromItAndIsTriedAgain) {
    const auto refused = started();
    const auto plain = submitted("other");
    plane.database.write([](SqlSession& session) {
        session.execute(
            "CREATE TRIGGER refused BEFORE UPDATE ON runs WHEN NEW.exit_reason = 'it ended' BEGIN"
            " SELECT RAISE(ABORT, 'refused'); END",
            {});
    });
    plane.engine.known[name(refused)] = exited(1);
    plane.engine.news.push_back({name(refused), exited(1)});
    auto ended = exited(0);
    ended.reason = "as well";
    tell(plain, ended);
    EXPECT_EQ(plane.stored(refused).status, RunStatus::running);
    EXPECT_EQ(plane.stored(plain).shown_exit_code(), 0);
    EXPECT_EQ(plane.engine.forgotten, std::vector<std::string>{name(plain).text()});
    plane.database.write([](SqlSession& session) { session.execute("DROP TRIGGER refused", {}); });
    reconcile.step({});
    EXPECT_EQ(plane.stored(refused).shown_exit_code(), 1);
}

TEST_F(WorkerTest, APlatformFailureIsTriedAgainAfterItsBackOffUntilTheAttemptsAreUsedUp) {
    plane.engine.outcome = Refused{ExitClass::start_failed, "disk full"};
    const auto run = submitted();
    for (int attempt = 1; attempt < plane.retry.max_attempts; ++attempt) {
        EXPECT_EQ(plane.stored(run).status, RunStatus::needs_retry);
        EXPECT_FALSE(retry.step({}));
        plane.clock.time += retry.rest();
        retry.step({});
        EXPECT_EQ(plane.stored(run).status, RunStatus::queued);
        EXPECT_EQ(plane.stored(run).attempt.number, attempt + 1);
        submit.step({});
    }
    EXPECT_EQ(plane.stored(run).status, RunStatus::stopped);
    EXPECT_EQ(plane.stored(run).earlier_attempts.size(), 4U);
    EXPECT_EQ(plane.engine.submitted.size(), 5U);
}

TEST_F(WorkerTest, AStopReachesTheEngineAndTheEndIsRecorded) {
    const auto run = started();
    plane.run_service.stop(run.id, "ann");
    stop.step({});
    EXPECT_EQ(plane.engine.stopped, std::vector<std::string>{name(run).text()});
    tell(run, Ended{test::noon + 1s, 143, ExitClass::stopped_by_user, "stopped", {}});
    EXPECT_EQ(plane.stored(run).status, RunStatus::stopped);
    EXPECT_EQ(plane.stored(run).attempt.exit_class, ExitClass::stopped_by_user);
}

TEST_F(WorkerTest, AContainerThatCannotBeAskedToEndIsAskedAgainAndTold) {
    const auto first = started();
    const auto second = submitted("other");
    plane.engine.refuses_to_stop = true;
    plane.run_service.stop(first.id, "ann");
    stop.step({});
    EXPECT_EQ(stop.rest(), 1s);
    EXPECT_EQ(plane.waiting_service.reason(plane.stored(first)),
              "its end, for which its engine cannot be asked: the engine stops nothing");
    EXPECT_EQ(plane.waiting_service.reason_of_no_end(plane.stored(second)), "");
    plane.engine.refuses_to_stop = false;
    stop.step({});
    EXPECT_EQ(plane.engine.stopped, std::vector<std::string>{name(first).text()});
    EXPECT_EQ(stop.rest(), 30s);
    EXPECT_EQ(plane.waiting_service.reason(plane.stored(first)), "");
}

TEST_F(WorkerTest, AJobThatReportedItsEndMayUseTheGracePeriod) {
    const auto run = started();
    plane.run_service.report(run.id, {"STOPPED", 0});
    stop.step({});
    EXPECT_TRUE(plane.engine.stopped.empty());
    EXPECT_EQ(stop.rest(), 30s);
    plane.clock.time += 30s;
    stop.step({});
    EXPECT_EQ(plane.engine.stopped.size(), 1U);
}

TEST_F(WorkerTest, AJobThatAskedForAnotherAttemptIsStoppedAtOnce) {
    const auto run = started();
    plane.run_service.report(run.id, {"NEEDS_RETRY", {}});
    stop.step({});
    EXPECT_EQ(plane.engine.stopped.size(), 1U);
    plane.clock.time += 1h;
    EXPECT_FALSE(retry.step({}));
    EXPECT_EQ(plane.stored(run).status, RunStatus::needs_retry);
    tell(run, exited(143));
    retry.step({});
    EXPECT_EQ(plane.stored(run).status, RunStatus::queued);
    EXPECT_EQ(plane.stored(run).attempt.number, 2);
}

TEST_F(WorkerTest, AStopBetweenTheIntentAndTheEngineEndsTheRunWithoutAStart) {
    const auto run = plane.execute("job");
    plane.queue.take(cluster.cluster, 1, {}).front().done();  // the server dies here, the intent stored
    plane.run_service.stop(run.id, "");
    SqlRunQueue queue{plane.database, plane.clock, 600s};
    SubmitWorker restarted{cluster, queue, plane.runs, plane.clock, plane.random, {}, retry_wake};
    restarted.step({});
    EXPECT_EQ(plane.stored(run).status, RunStatus::stopped);
    EXPECT_TRUE(plane.engine.submitted.empty());
}

TEST_F(WorkerTest, ReconcilingFindsTheEndThatNoNewsTold) {
    const auto run = started();
    plane.engine.known[name(run)] = exited(0);
    reconcile.step({});
    EXPECT_EQ(plane.stored(run).shown_exit_code(), 0);
}

TEST_F(WorkerTest, ReconcilingEndsARunThatTheEngineDoesNotKnow) {
    const auto run = started();
    plane.engine.known.clear();
    reconcile.step({});
    EXPECT_EQ(plane.stored(run).status, RunStatus::stopped);
    EXPECT_EQ(plane.stored(run).attempt.exit_class, ExitClass::host_lost);
    EXPECT_EQ(plane.stored(run).shown_exit_code(), std::nullopt);
}

TEST_F(WorkerTest, ARunThatTheEngineDoesNotKnowAnyMoreMayHaveStartedAndIsNotTriedAgain) {
    const auto run = submitted();
    plane.engine.known.clear();
    plane.engine.reported_loss = "its cluster is gone";
    reconcile.step({});
    EXPECT_EQ(plane.stored(run).status, RunStatus::stopped);
    EXPECT_EQ(plane.stored(run).attempt.exit_class, ExitClass::host_lost);
    EXPECT_EQ(plane.stored(run).attempt.exit_reason, "its cluster is gone; its outcome is unknown");
}

TEST_F(WorkerTest, AContainerThatNoRunNeedsAndThatCannotBeStoppedKeepsNoOtherFromIt) {
    plane.engine.refuses_to_stop = true;
    plane.engine.known[{{"nobody"}, 1}] = NotStarted{};
    plane.engine.known[{{"nobody"}, 2}] = NotStarted{};
    reconcile.step({});
    EXPECT_EQ(plane.engine.asked_to_stop, (std::vector<std::string>{"nobody.1", "nobody.2"}));
}

TEST_F(WorkerTest, WhereAHostMayBeGivenUpItIsStoredFirstThatTheEngineIsAsked) {
    SubmitWorker one_of_several = plane.submit_worker({.retry = {}, .has_peers = true});
    const auto run = plane.execute("job");
    bool was_stored = false;
    plane.engine.on_submit = [&] { was_stored = plane.stored(run).attempt.submitted_at.has_value(); };
    one_of_several.step({});
    EXPECT_TRUE(was_stored);
}

TEST_F(WorkerTest, AnEndThatCameBeforeAnotherServerCouldAskTheEngineIsForgotten) {
    plane.engine.loses_answers = true;
    submitted("first");
    plane.clock.time += submit.rest();
    const auto second = submitted("second");
    plane.engine.loses_answers = false;
    SubmitWorker one_of_several = plane.submit_worker({.retry = {}, .has_peers = true});
    plane.engine.on_submit = [&] {
        plane.engine.on_submit = {};
        tell(second, exited(0));
    };
    one_of_several.step({});
    EXPECT_EQ(plane.stored(second).status, RunStatus::stopped);
    EXPECT_EQ(plane.engine.forgotten, std::vector<std::string>{name(second).text()});
}

TEST_F(WorkerTest, ARunThatTheEngineHadNoRoomForWasNotHandedOver) {
    SubmitWorker one_of_several = plane.submit_worker({.retry = {}, .has_peers = true});
    const auto run = plane.execute("job");
    plane.engine.outcome = TryLater{"no capacity"};
    one_of_several.step({});
    EXPECT_FALSE(plane.stored(run).attempt.submitted_at);
}

TEST_F(WorkerTest, ReconcilingLeavesARunThatIsBeingSubmittedAlone) {
    const auto run = plane.execute("job");
    const auto leases = plane.queue.take(cluster.cluster, 1, {});
    reconcile.step({});
    EXPECT_EQ(plane.stored(run).status, RunStatus::queued);
    EXPECT_EQ(plane.stored(run).attempt.phase, AttemptPhase::submitting);
}

TEST_F(WorkerTest, ReconcilingRemovesWhatNoRunNeeds) {
    plane.engine.known[{{"unknown"}, 1}] = Started{plane.clock.time, {}};
    plane.engine.known[{{"unknown"}, 2}] = exited(0);
    reconcile.step({});
    EXPECT_EQ(plane.engine.stopped, std::vector<std::string>{"unknown.1"});
    EXPECT_EQ(plane.engine.forgotten, std::vector<std::string>{"unknown.2"});
}

TEST_F(WorkerTest, TheEngineIsToldTheDigestAndTheSecretsOfARun) {
    plane.images.answer = ImagePresent{"sha256:1"};
    plane.secrets.known = {"A", "B"};
    auto fields = plane.fields("job");
    fields.secrets = std::vector<std::string>{"A", "B"};
    plane.definition_service.create(fields, {});
    submitted("job");
    const Task& task = plane.engine.submitted.at(0);
    EXPECT_EQ(task.image_digest, "sha256:1");
    EXPECT_EQ(task.secrets, (std::vector<std::string>{"A", "B"}));
}

TEST_F(WorkerTest, OnlyTheImagesOfUnfinishedRunsAreKept) {
    plane.images.answer = ImagePresent{"sha256:1"};
    plane.execute("a");
    plane.images.answer = ImagePresent{"sha256:2"};
    plane.run_service.stop(plane.execute("a").id, "");
    ImageWorker(plane.images, plane.runs).step({});
    EXPECT_EQ(plane.images.kept, std::set<std::string>{"sha256:1"});
}

TEST_F(WorkerTest, AWokenWorkerLooksAtOnceAndSurvivesItsFailures) {
    struct Failing final : Worker {
        bool step(const std::stop_token&) override {
            ++steps;
            steps.notify_all();
            throw std::runtime_error("a failure of the test's own");
        }
        std::chrono::microseconds rest() override { return 1h; }
        std::atomic<int> steps = 0;
    } failing;
    Wake wake;
    const WorkerThread thread("failing", failing, wake);
    failing.steps.wait(0);
    wake.notify();
    failing.steps.wait(1);
    EXPECT_GE(failing.steps, 2);
}

TEST_F(WorkerTest, ARunThatTakesTooLongIsStoppedAtItsEngine) {
    auto fields = plane.fields("slow");
    fields.limits.timeout_seconds = 5;
    const auto run = executed(fields);
    submit.step({});
    tell(run, Started{plane.clock.time, {"host", "host"}});
    timeout.step({});
    EXPECT_EQ(timeout.rest(), 1s) << "the longest that it rests";
    plane.clock.time += 4500ms;
    EXPECT_EQ(timeout.rest(), 500ms);
    plane.clock.time += 500ms;
    EXPECT_FALSE(timeout.step({}));
    stop.step({});
    EXPECT_EQ(plane.engine.stopped, (std::vector<std::string>{name(run).text()}));
    tell(run, Ended{plane.clock.time, 143, ExitClass::stopped_by_user, "stopped", {}});
    EXPECT_EQ(plane.stored(run).attempt.exit_class, ExitClass::timed_out);
}

TEST_F(WorkerTest, AClockThatIsSetGivesARunNeitherLessTimeNorMore) {
    auto fields = plane.fields("steady");
    fields.limits.timeout_seconds = 5;
    const auto run = executed(fields);
    submit.step({});
    tell(run, Started{plane.clock.time, {"host", "host"}});
    for (const auto by : {1h, -2h}) {
        plane.clock.time += 2s;
        plane.clock.set(by);
        timeout.step({});
        EXPECT_FALSE(plane.stored(run).is_unwanted());
    }
    plane.clock.time += 1s;
    timeout.step({});
    EXPECT_TRUE(plane.stored(run).is_unwanted());
}

TEST_F(WorkerTest, AClockThatIsSetBackHoldsUpNoSubmission) {
    plane.engine.outcome = TryLater{"no capacity"};
    submitted();
    plane.engine.outcome = SubmitAccepted{"handle"};
    const auto rest = submit.rest();
    plane.clock.set(-1h);
    plane.clock.time += rest;
    submit.step({});
    EXPECT_EQ(plane.engine.submitted.size(), 2U);
}

TEST_F(WorkerTest, ARunThatWaitsTooLongEndsWithoutItsEngine) {
    auto fields = plane.fields("late");
    fields.limits.queue_timeout_seconds = 5;
    const auto run = executed(fields);
    plane.clock.time += 5s;
    timeout.step({});
    EXPECT_EQ(plane.stored(run).status, RunStatus::stopped);
    EXPECT_EQ(plane.stored(run).attempt.exit_class, ExitClass::queue_timed_out);
    submit.step({});
    EXPECT_TRUE(plane.engine.submitted.empty());
}

TEST_F(WorkerTest, AnObjectOfADefinitionGoesOnceNoUnfinishedRunNamesIt) {
    KeptObjects objects;
    ServedCluster prepared = cluster;
    prepared.preparation = &objects;
    const Clusters clusters{{prepared}};
    DefinitionService definitions{plane.definitions, plane.clock, plane.ids, {&objects, true}};
    RunService runs{
        plane.runs,
        definitions,
        clusters,
        plane.clock,
        plane.ids,
        plane.random,
        {.default_cluster = "default", .server_mode = "test", .owner_variable = "OWNER", .retry = {}}};
    RetiredDefinitionWorker retired{plane.definitions, objects, plane.retirement_pause};
    const auto look = [&](int times) {
        for (int i = 0; i < times; ++i) {
            retired.step({});
        }
        return objects.gone;
    };
    const auto definition = definitions.create(plane.fields("job"), {});
    const auto run = runs.execute(definition, {.cluster = {}, .env = {}, .owner = "ann"});
    DefinitionFields change;
    change.command = "another";
    EXPECT_EQ(definitions.update(definition.id, change, {}, {}).arn, "object 2");
    EXPECT_TRUE(look(3).empty());
    plane.runs.advance(run.id, {1, Submitting{}});
    plane.runs.advance(run.id, {1, Started{plane.clock.time, {}}});
    EXPECT_TRUE(look(3).empty());
    plane.runs.advance(run.id, {1, exited(0)});
    EXPECT_TRUE(look(1).empty()) << "a run may just be being made of it";
    EXPECT_EQ(look(1), std::vector<std::string>{"object 1"});
    definitions.remove(definition.id);
    EXPECT_EQ(look(3), (std::vector<std::string>{"object 1", "object 2"}));
    EXPECT_TRUE(plane.definitions.retired().empty());
}

/// Definitions and runs of an engine that keeps objects.
struct KeptObjectsTest : WorkerTest {
    KeptObjectsTest() {
        prepared.preparation = &objects;
        clusters.emplace(std::vector{prepared});
        runs.emplace(
            plane.runs, definitions, *clusters, plane.clock, plane.ids, plane.random,
            RunServiceOptions{
                .default_cluster = "default", .server_mode = "test", .owner_variable = "OWNER", .retry = {}});
    }
    flotilla::Run execute(const Definition& definition) {
        return runs->execute(*plane.definitions.find(definition.id),
                             {.cluster = {}, .env = {}, .owner = "ann"});
    }

    KeptObjects objects;
    ServedCluster prepared = cluster;
    std::optional<Clusters> clusters;
    DefinitionService definitions{plane.definitions, plane.clock, plane.ids, {&objects, true}};
    std::optional<RunService> runs;
    ObjectRenewal renewal{plane.definitions, plane.runs, objects, plane.clock};
};

TEST_F(KeptObjectsTest, ThatTheEngineDoesNotLetGoOfAreAskedForSeldomAndTold) {
    RetiredDefinitionWorker retired{plane.definitions, objects, plane.retirement_pause};
    ReadinessService readiness{plane.database, *clusters, {plane.queue, plane.queue}, plane.retirement_pause};
    for (const char* alias : {"a", "b"}) {
        definitions.remove(definitions.create(plane.fields(alias), {}).id);
    }
    objects.keeps_because = "it is denied";
    for (int look = 0; look < 3; ++look) {
        retired.step({});
        EXPECT_EQ(objects.asked_to_let_go, look) << "once a look";
    }
    EXPECT_EQ(retired.rest(), 5min);
    EXPECT_EQ(readiness.readiness().losses.at("default").at(0),
              "the removal of what definitions were before: it is denied");
    objects.keeps_because.clear();
    retired.step({});
    EXPECT_EQ(objects.gone, (std::vector<std::string>{"object 1", "object 2"}));
    EXPECT_TRUE(readiness.readiness().losses.empty());
}

TEST_F(KeptObjectsTest, AreMadeAnewOnceWhereTheConfigurationChanged) {
    const auto definition = definitions.create(plane.fields("job"), {});
    const auto before = execute(definition);
    EXPECT_EQ(before.definition_arn, "object 1");
    objects.setting = "another log group";
    EXPECT_EQ(execute(definition).definition_arn, "object 2");
    EXPECT_EQ(execute(definition).definition_arn, "object 2");
    EXPECT_EQ(plane.stored(before).definition_arn, "object 1") << "a run keeps its own";
    EXPECT_EQ(plane.stored(before).log_location, "log of ") << "and where it writes";
    EXPECT_EQ(execute(definition).log_location, "log of another log group");
    objects.setting = "a third one";
    DefinitionFields change;
    change.description = "what it does";
    EXPECT_EQ(definitions.update(definition.id, change, {}, {}).arn, "object 3");
    EXPECT_EQ(objects.made, 3);
}

TEST_F(KeptObjectsTest, OfSeveralDefinitionsAreMadeAtTheSameTimeAndOneForAllWhoAskForIt) {
    const auto one = definitions.create(plane.fields("one"), {});
    const auto other = definitions.create(plane.fields("other"), {});
    objects.setting = "another log group";
    std::latch both(2);
    objects.while_made = [&] { both.arrive_and_wait(); };
    std::vector<std::future<std::string>> arns;
    for (const auto& definition : {one, other, one, other}) {
        arns.push_back(std::async(std::launch::async, [&, id = definition.id] {
            return definitions.registered(*plane.definitions.find(id)).arn;
        }));
    }
    EXPECT_EQ(arns[0].get(), arns[2].get());
    EXPECT_EQ(arns[1].get(), arns[3].get());
    EXPECT_EQ(objects.made, 4);
}

TEST_F(KeptObjectsTest, AreWaitedForByNoMoreThanLeaveThreadsToOthers) {
    constexpr int most = 24;
    std::vector<Definition> all;
    for (int i = 0; i <= most; ++i) {
        all.push_back(definitions.create(plane.fields("job-" + std::to_string(i)), {}));
    }
    objects.setting = "another log group";
    std::latch waiting(most);
    std::promise<void> answered;
    objects.while_made = [&, answer = answered.get_future().share()] {
        waiting.count_down();
        answer.wait();
    };
    std::vector<std::future<Definition>> registered;
    for (int i = 0; i < most; ++i) {
        registered.push_back(
            std::async(std::launch::async, [&, i] { return definitions.registered(all[i]); }));
    }
    waiting.wait();
    const auto one_more = [&] { std::ignore = definitions.registered(all.back()); };
    EXPECT_NE(test::refusal(ErrorKind::unavailable, one_more), "");
    EXPECT_NE(
        test::refusal(ErrorKind::unavailable, [&] { definitions.create(plane.fields("a new one"), {}); }),
        "");
    answered.set_value();
    for (auto& definition : registered) {
        definition.wait();
    }
    one_more();
}

TEST_F(KeptObjectsTest, WhoseDefinitionIsRemovedWhileTheyAreMadeAreLetGoOf) {
    const auto definition = definitions.create(plane.fields("job"), {});
    objects.setting = "another log group";
    objects.while_made = [&] { definitions.remove(definition.id); };
    EXPECT_EQ(test::refusal(ErrorKind::not_found, [&] { execute(definition); }),
              "Definition with ID " + definition.id.value + " not found");
    EXPECT_EQ(plane.definitions.retired(), (std::vector<std::string>{"object 1", "object 2"}));
}

TEST_F(KeptObjectsTest, ThatSomebodyElseRemovedAreMadeAnewForAllRunsThatNameThem) {
    const auto definition = definitions.create(plane.fields("job"), {});
    const auto first = execute(definition);
    const auto second = execute(definition);
    EXPECT_TRUE(renewal.renew(first.id, "object 1"));
    EXPECT_TRUE(renewal.renew(second.id, "object 1"));
    EXPECT_EQ(objects.made, 2);
    EXPECT_EQ(plane.definitions.find(definition.id)->arn, "object 2");
    for (const auto& run : {first, second}) {
        EXPECT_EQ(plane.stored(run).definition_arn, "object 2");
        EXPECT_EQ(plane.stored(run).engine_request, "object 2");
    }
    EXPECT_EQ(execute(definition).definition_arn, "object 2");
    EXPECT_TRUE(plane.definitions.retired().empty()) << "nobody has to let go of it";
}

TEST_F(KeptObjectsTest, ThatAreMadeAnewForEverHoldUpNoOtherAndAreTriedOnceForAllTheirRuns) {
    const auto stuck = definitions.create(plane.fields("stuck"), {});
    const auto other = definitions.create(plane.fields("other"), {});
    const std::vector waiting{execute(stuck), execute(stuck)};
    const auto free = execute(other);
    std::promise<void> asked;
    std::promise<void> answered;
    objects.while_made = [&, answer = answered.get_future().share(), is_first = true]() mutable {
        if (std::exchange(is_first, false)) {
            asked.set_value();
            answer.wait();
        }
    };
    std::vector<std::future<bool>> renewals;
    for (const auto& run : waiting) {
        renewals.push_back(std::async(std::launch::async, [&] { return renewal.renew(run.id, "object 1"); }));
    }
    asked.get_future().wait();
    EXPECT_TRUE(renewal.renew(free.id, "object 2"));
    answered.set_value();
    for (auto& one : renewals) {
        EXPECT_TRUE(one.get());
    }
    EXPECT_EQ(objects.made, 4);
}

TEST_F(KeptObjectsTest, AreNotMadeAnewAgainAndAgainNorWhereTheDefinitionHasAnother) {
    const auto definition = definitions.create(plane.fields("job"), {});
    const auto run = execute(definition);
    EXPECT_TRUE(renewal.renew(run.id, "object 1"));
    EXPECT_FALSE(renewal.renew(run.id, "object 2"));
    plane.clock.time += 10min;
    EXPECT_TRUE(renewal.renew(run.id, "object 2"));
    DefinitionFields change;
    change.command = "another";
    EXPECT_EQ(definitions.update(definition.id, change, {}, {}).arn, "object 4");
    plane.clock.time += 10min;
    EXPECT_FALSE(renewal.renew(run.id, "object 3"));
    EXPECT_FALSE(renewal.renew({"nobody"}, "object 3"));
    EXPECT_EQ(objects.made, 4);
}

/// Two hosts, of which the first gives up the other one once that has been silent for its 100 seconds.
struct HostWorkerTest : testing::Test {
    HostWorkerTest() {
        hosts.enter("own", "own:3000", "p1", 100s);
        hosts.enter("other", "other:3000", "p2", 100s);
    }
    bool is_given_up() { return hosts.find("other")->is_lost; }
    /// As the other host, or the database's clock, which is set forward.
    void make_silent_for(std::chrono::microseconds time) {
        plane.database.write([&](SqlSession& session) {
            session.execute("UPDATE hosts SET seen_at = seen_at - $1", {std::int64_t{time.count()}});
        });
    }

    test::ControlPlane plane;
    SqlHostStore hosts{plane.database};
    DatabaseClock clock{plane.database, plane.clock};
    Fence fence;
    HostWorker worker{hosts, clock, plane.random, fence, {"own", "p1", 100s, {}}};
};

TEST_F(HostWorkerTest, GivesUpAHostThatStaysSilent) {
    make_silent_for(99s);
    worker.step({});
    plane.clock.time += 60s;
    worker.step({});
    EXPECT_FALSE(is_given_up()) << "it may be silent for longer";
    make_silent_for(2s);
    worker.step({});
    EXPECT_FALSE(is_given_up()) << "it may be about to say that it is there";
    plane.clock.time += 15s;
    worker.step({});
    EXPECT_TRUE(is_given_up());
}

TEST_F(HostWorkerTest, AStepOfTheDatabasesClockGivesNobodyUp) {
    make_silent_for(1h);
    worker.step({});
    hosts.beat("other", "p2");
    plane.clock.time += 15s;
    worker.step({});
    EXPECT_FALSE(is_given_up());
}

TEST_F(HostWorkerTest, EachSilenceIsWatchedAnew) {
    make_silent_for(1h);
    worker.step({});
    hosts.beat("other", "p2");
    make_silent_for(1h);
    plane.clock.time += 15s;
    worker.step({});
    EXPECT_FALSE(is_given_up());
    plane.clock.time += 15s;
    worker.step({});
    EXPECT_TRUE(is_given_up());
}

}  // namespace
}  // namespace flotilla
