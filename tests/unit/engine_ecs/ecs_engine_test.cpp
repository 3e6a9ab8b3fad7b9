#include "engine/ecs/ecs_engine.hpp"

#include <algorithm>
#include <future>
#include <map>
#include <random>
#include <set>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/guarded.hpp"
#include "support/refusal.hpp"
#include "support/scripted_aws.hpp"

namespace flotilla::test {
namespace {

namespace json = boost::json;
using std::chrono::milliseconds;
using std::chrono::minutes;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Optional;
using ::testing::VariantWith;

class EcsEngineTest : public testing::Test {
protected:
    EcsEngineTest() {
        account_.aws.on("GetQueueUrl", R"({"QueueUrl":"http://q"})");
        allow_event_route(account_.aws);
        account_.aws.on("RunTask", R"({"tasks":[{"taskArn":"arn:task/1"}],"failures":[]})");
        account_.aws.on("StopTask", R"({"task":{}})");
        account_.aws.on("DescribeContainerInstances", R"({"containerInstances":[{"ec2InstanceId":"i-1"}]})");
        account_.aws.on("DescribeInstances", "<R><privateDnsName>host-1</privateDnsName></R>");
    }

    static Task task(const std::string& run = "r") {
        Task made{.name = {{run}, 1},
                  .image = {},
                  .image_digest = {},
                  .command = {},
                  .env = {},
                  .secrets = {},
                  .memory = 100,
                  .cpu = {},
                  .gpu = {},
                  .ports = {},
                  .user = {}};
        made.engine_request = R"({"taskDefinition":"arn:def","overrides":{}})";
        return made;
    }
    static TaskState state(const std::string& status, std::int64_t version,
                           const std::string& arn = "arn:task/1") {
        return {.name = {{"r"}, 1},
                .arn = arn,
                .cluster_arn = "arn:cluster/c",
                .container_instance = "arn:ci",
                .last_status = status,
                .version = version};
    }
    static TaskState stopped(int code, std::int64_t version) {
        TaskState made = state("STOPPED", version);
        made.exit_code = code;
        return made;
    }
    /// Why none can be started of its task definition.
    static std::string reason_of_all(const SubmitOutcome& outcome) {
        const auto& not_yet = std::get<NotYet>(outcome);
        EXPECT_EQ(not_yet.concerns, NotYet::Concerns::revision) << not_yet.reason;
        return not_yet.reason;
    }
    std::vector<EngineNews> news() { return engine_.wait_for_news({}, milliseconds{0}); }
    /// What is known of the attempt.
    std::optional<Observation> known() { return engine_.inspect({{"r"}, 1}); }
    void remember() { engine_.remember({{{{"r"}, 1}, "arn:task/1", 100}}); }

    ScriptedAccount account_;
    OptionalActions optional_;
    AccountClusters clusters_{account_.client, account_.clock, optional_};
    Instances instances_{account_.client, account_.clock, optional_};
    ParkedMessages parked_{account_.client, {.name = "p"}, [] {}};
    TaskEvents events_{
        {account_.client, account_.clock, optional_, parked_, [](const RunId&) { return true; }, [] {}},
        {.name = "q"},
        "rule"};
    std::function<bool()> renew_{[] { return false; }};
    Guarded<std::vector<std::string>> renewed_;  ///< `RUN ARN`
    std::optional<std::string> log_trouble_;
    std::vector<std::string> log_losses_;
    EcsEngine engine_{"c",
                      {},
                      {account_.client, account_.clock, clusters_, instances_, events_, optional_,
                       [this](const RunId& run, const std::string& arn) {
                           renewed_.lock()->push_back(run.value + " " + arn);
                           return renew_();
                       },
                       [this] { return log_trouble_; }, [this] { return log_losses_; }}};
};

TEST_F(EcsEngineTest, ATaskIsRunOnceAndKnownFromThenOn) {
    EXPECT_EQ(std::get<SubmitAccepted>(engine_.submit(task())).handle, "arn:task/1");
    EXPECT_EQ(std::get<SubmitAccepted>(engine_.submit(task())).handle, "arn:task/1");
    EXPECT_EQ(account_.aws.count("RunTask"), 1U);
    EXPECT_THAT(engine_.list(), ElementsAre(AttemptName{{"r"}, 1}));
    EXPECT_THAT(known(), Optional(VariantWith<NotStarted>(testing::_)));
}

TEST_F(EcsEngineTest, LackOfRoomConcernsWhatNeedsAsMuchOfIt) {
    const auto failure = [](const std::string& reasons) {
        json::array failures;
        for (const char* const one : {"MEMORY", "CPU", "GPU", "PORTS"}) {
            if (reasons.find(one) != std::string::npos) {
                failures.push_back({{"arn", "i"}, {"reason", std::string("RESOURCE:") + one}});
            }
        }
        return json::serialize(json::object{{"tasks", json::array{}}, {"failures", failures}});
    };
    Task all = task();
    all.cpu = 500;
    all.gpu = 1;
    all.ports = {80};
    for (const auto& [reasons, lacking] :
         std::map<std::string, std::set<Scarce>>{{"MEMORY", {Scarce::memory}},
                                                 {"CPU", {Scarce::cpu}},
                                                 {"GPU", {Scarce::gpu}},
                                                 {"PORTS", {Scarce::ports}},
                                                 {"MEMORY CPU", {Scarce::memory, Scarce::cpu}},
                                                 {"", {Scarce::memory}}}) {
        account_.aws.on("RunTask", failure(reasons));
        const auto outcome = engine_.submit(all);
        ASSERT_TRUE(std::holds_alternative<NoRoom>(outcome)) << reasons;
        EXPECT_EQ(std::get<NoRoom>(outcome).lacking, lacking) << reasons;
    }
    account_.aws.on("RunTask", failure("MEMORY"));
    EXPECT_THAT(std::get<NoRoom>(engine_.submit(all)).reason, HasSubstr("RESOURCE:MEMORY"));
    account_.aws.on("RunTask", failure("MEMORY GPU"));
    EXPECT_EQ(std::get<NoRoom>(engine_.submit(task())).lacking, std::set{Scarce::memory})
        << "of GPUs it needs none";
    EXPECT_THAT(engine_.list(), IsEmpty());
    EXPECT_THAT(engine_.losses(), IsEmpty());
}

TEST_F(EcsEngineTest, WhatIsAmissWithATaskDefinitionConcernsAllThatAreStartedOfIt) {
    for (const char* reason : {"ATTRIBUTE", "RESOURCE:GPU"}) {
        account_.aws.on("RunTask",
                        fmt::format(R"({{"tasks":[],"failures":[{{"arn":"i","reason":"{}"}}]}})", reason));
        EXPECT_THAT(reason_of_all(engine_.submit(task())), HasSubstr(reason));
    }
}

TEST_F(EcsEngineTest, WhatStopsTheWholeClusterAndThrottlingEndNoAttempt) {
    for (const char* answer : {R"({"tasks":[],"failures":[{"arn":"i","reason":"AGENT"}]})",
                               R"({"tasks":[],"failures":[{"arn":"i","reason":"RESOURCE:ENI"}]})",
                               R"({"failures":[{"reason":"LOCATION"}]})"}) {
        account_.aws.on("RunTask", answer);
        EXPECT_TRUE(std::holds_alternative<TryLater>(engine_.submit(task()))) << answer;
    }
    for (const auto& [code, words] :
         {std::pair{"InvalidParameterException", "No Container Instances were found in your cluster."},
          {"ClientException", "Capacity is unavailable at this time. Please try again later"},
          {"ClientException", "Tasks provisioning capacity limit exceeded."},
          {"ClientException", "You've reached the limit on the number of vCPUs you can run concurrently"},
          {"ThrottlingException", "Rate exceeded"},
          {"InvalidParameterException",
           "Error retrieving subnet information for [subnet-1]: (ErrorCode: RequestLimitExceeded)"}}) {
        account_.aws.refuse("RunTask", code, words);
        EXPECT_TRUE(std::holds_alternative<TryLater>(engine_.submit(task()))) << words;
    }
    EXPECT_THAT(engine_.list(), IsEmpty());
}

TEST_F(EcsEngineTest, WhatAwsRefusesEndsTheAttempt) {
    account_.aws.refuse("RunTask", "InvalidParameterException", "Invalid 'cpu' setting");
    EXPECT_THAT(std::get<Refused>(engine_.submit(task())).reason, HasSubstr("Invalid 'cpu' setting"));
    account_.aws.refuse("RunTask", "AccessDeniedException");
    EXPECT_THAT(std::get<Refused>(engine_.submit(task())).reason, HasSubstr("ecs:RunTask"));
    EXPECT_THAT(engine_.losses(), ElementsAre(HasSubstr("add the action ecs:RunTask")));
    account_.aws.on("RunTask", R"({"tasks":[{"taskArn":"arn:task/1"}],"failures":[]})");
    std::ignore = engine_.submit(task());
    EXPECT_THAT(engine_.losses(), IsEmpty());
}

TEST_F(EcsEngineTest, ATaskDefinitionThatSomebodyElseRemovedIsMadeAnewForItsRun) {
    for (const char* words : {"TaskDefinition is inactive", "TaskDefinition not found.",
                              "TaskDefinition is DELETE_IN_PROGRESS"}) {
        account_.aws.refuse("RunTask", "ClientException", words);
        EXPECT_THAT(std::get<Refused>(engine_.submit(task())).reason, HasSubstr("arn:def"));
    }
    EXPECT_THAT(*renewed_.lock(), testing::Each("r arn:def"));
    renew_ = [] { return true; };
    const auto renewed = std::get<NotYet>(engine_.submit(task()));
    EXPECT_THAT(renewed.reason, HasSubstr("another is registered"));
    EXPECT_EQ(renewed.concerns, NotYet::Concerns::run) << "the others name the new one";
    renew_ = []() -> bool { throw unavailable("AWS denies ecs:RegisterTaskDefinition"); };
    EXPECT_THAT(reason_of_all(engine_.submit(task())), HasSubstr("ecs:RegisterTaskDefinition"));
    renew_ = []() -> bool { throw invalid("Fargate has no GPUs"); };
    EXPECT_THAT(std::get<Refused>(engine_.submit(task())).reason, HasSubstr("Fargate has no GPUs"));
}

TEST_F(EcsEngineTest, ATaskDefinitionThatIsRegisteredAgainForEverHoldsUpNoOther) {
    account_.aws.on("RunTask", [](const json::object& input) {
        const bool is_gone = input.at("taskDefinition") == "arn:def";
        return is_gone ? HttpResponse{.status = 400,
                                      .headers = {},
                                      .body = R"({"__type":"ClientException",)"
                                              R"("message":"TaskDefinition is inactive"})"}
                       : HttpResponse{.status = 200,
                                      .headers = {},
                                      .body = R"({"tasks":[{"taskArn":"arn:task/2"}],"failures":[]})"};
    });
    std::promise<bool> answered;
    renew_ = [answer = answered.get_future().share()] { return answer.get(); };
    for (int i = 0; i < 3; ++i) {
        EXPECT_THAT(reason_of_all(engine_.submit(task())), HasSubstr("is being registered again"));
    }
    Task other = task("other");
    other.engine_request = R"({"taskDefinition":"arn:other","overrides":{}})";
    EXPECT_TRUE(std::holds_alternative<SubmitAccepted>(engine_.submit(other)));
    EXPECT_EQ(renewed_.lock()->size(), 1U) << "one try for all";
    answered.set_value(true);
    EXPECT_THAT(std::get<NotYet>(engine_.submit(task())).reason, HasSubstr("another is registered"));
    EXPECT_EQ(renewed_.lock()->size(), 1U);
}

struct AtEnd {
    std::function<void()> call;
    ~AtEnd() { call(); }
};

TEST_F(EcsEngineTest, AFailureOfWhichNobodyWasToldIsToldOnlyWhereANewTryHasNothingBetter) {
    account_.aws.refuse("RunTask", "ClientException", "TaskDefinition is inactive");
    const auto fail_late = [this] {
        std::promise<void> fails;
        const auto ended = std::make_shared<std::promise<void>>();
        renew_ = [failing = fails.get_future().share(), ended]() -> bool {
            failing.wait();
            thread_local AtEnd at_end_of_thread;  // when what comes of the try is known
            at_end_of_thread.call = [ended] { ended->set_value(); };
            throw unavailable("AWS denies ecs:RegisterTaskDefinition");
        };
        EXPECT_THAT(reason_of_all(engine_.submit(task())), HasSubstr("is being registered again"));
        fails.set_value();
        ended->get_future().wait();
    };
    fail_late();
    renew_ = [] { return true; };
    EXPECT_THAT(std::get<NotYet>(engine_.submit(task())).reason, HasSubstr("another is registered"));
    fail_late();
    std::promise<bool> answered;
    renew_ = [answer = answered.get_future().share()] { return answer.get(); };
    EXPECT_THAT(reason_of_all(engine_.submit(task())), HasSubstr("AWS denies ecs:RegisterTaskDefinition"));
    answered.set_value(true);
}

TEST_F(EcsEngineTest, TriesOfWhichNobodyAskedForTheEndDoNotHoldUpLaterOnes) {
    account_.aws.on("RunTask", [](const json::object&) {
        return HttpResponse{.status = 400,
                            .headers = {},
                            .body = R"({"__type":"ClientException","message":"TaskDefinition is inactive"})"};
    });
    std::promise<bool> answered;
    renew_ = [answer = answered.get_future().share()] { return answer.get(); };
    const auto said_of = [this](const std::string& run) {
        Task one = task(run);
        one.engine_request = R"({"taskDefinition":"arn:)" + run + R"(","overrides":{}})";
        return std::get<NotYet>(engine_.submit(one)).reason;
    };
    for (const char* const run : {"one", "two", "three", "four", "five"}) {
        EXPECT_THAT(said_of(run), HasSubstr("is being registered again"));
    }
    answered.set_value(true);
    EXPECT_THAT(said_of("one"), HasSubstr("another is registered"));
    EXPECT_THAT(said_of("five"), HasSubstr("another is registered"));
    EXPECT_THAT(said_of("six"), HasSubstr("another is registered"));
    EXPECT_THAT(said_of("seven"), HasSubstr("another is registered"));
}

TEST_F(EcsEngineTest, NoTaskStartsWhileNoneCouldWriteItsLog) {
    log_trouble_ = "the log group g does not exist";
    EXPECT_EQ(std::get<TryLater>(engine_.submit(task())).reason, *log_trouble_);
    EXPECT_EQ(engine_.trouble(), log_trouble_);
    log_trouble_.reset();
    log_losses_ = {"logs: somebody removed the log group g"};
    EXPECT_EQ(engine_.losses(), log_losses_);
    EXPECT_TRUE(std::holds_alternative<SubmitAccepted>(engine_.submit(task())));
}

TEST_F(EcsEngineTest, WhereNobodyKnowsWhetherItRunsItIsAskedAgainWithTheSameToken) {
    account_.aws.on("RunTask", [](const json::object&) {
        return HttpResponse{.status = 500, .headers = {}, .body = {}};
    });
    EXPECT_THROW(std::ignore = engine_.submit(task()), Error);
    account_.aws.on("RunTask", R"({"tasks":[{"taskArn":"arn:task/1"}]})");
    EXPECT_TRUE(std::holds_alternative<SubmitAccepted>(engine_.submit(task())));
    std::set<std::string> requests;
    for (const auto& [operation, input] : account_.aws.calls) {
        if (operation == "RunTask") {
            requests.insert(json::serialize(input));
        }
    }
    EXPECT_EQ(requests.size(), 1U);
    EXPECT_THAT(*requests.begin(), HasSubstr(R"("clientToken":"r.1")"));
}

TEST_F(EcsEngineTest, ATaskThatAnEarlierRequestOfTheTokenStartedIsAdopted) {
    account_.aws.refuse("RunTask", "ConflictException", "The provided clientToken is already in use",
                        {{"resourceIds", json::array{"arn:aws:ecs:task/9"}}});
    EXPECT_EQ(std::get<SubmitAccepted>(engine_.submit(task())).handle, "arn:aws:ecs:task/9");
}

TEST_F(EcsEngineTest, EventsTellOfStartAndEndOnce) {
    std::ignore = engine_.submit(task());
    engine_.take(state("PENDING", 1), "m1");
    engine_.take(state("RUNNING", 3), "m2");
    engine_.take(state("RUNNING", 3), "m2");
    engine_.take(state("DEACTIVATING", 4), "m3");
    engine_.take(stopped(7, 5), "m4");
    const auto told = news();
    ASSERT_EQ(told.size(), 2U);
    EXPECT_EQ(std::get<Started>(told[0].observation).instance.id, "i-1");
    EXPECT_EQ(std::get<Started>(told[0].observation).instance.dns_name, "host-1");
    EXPECT_EQ(std::get<Started>(told[0].observation).handle, "arn:task/1");
    EXPECT_EQ(std::get<Ended>(told[1].observation).handle, "arn:task/1");
    EXPECT_EQ(std::get<Ended>(told[1].observation).exit_code, 7);
    EXPECT_EQ(account_.aws.count("DescribeContainerInstances"), 1U);
}

TEST_F(EcsEngineTest, MessagesAreDeletedOnceWhatTheySaidIsStored) {
    account_.aws.on("DeleteMessageBatch", "{}");
    engine_.take(stopped(0, 5), "m1");
    EXPECT_EQ(news().size(), 1U);
    EXPECT_EQ(account_.aws.count("DeleteMessageBatch"), 0U);
    EXPECT_THAT(news(), IsEmpty());
    EXPECT_EQ(account_.aws.count("DeleteMessageBatch"), 1U);
}

TEST_F(EcsEngineTest, WhatIsForgottenStaysSoWhateverComesLate) {
    engine_.take(stopped(0, 5), "m1");
    engine_.forget({{"r"}, 1});
    std::ignore = news();
    engine_.take(state("RUNNING", 3), "m2");
    engine_.take(stopped(0, 5), "m3");
    EXPECT_THAT(news(), IsEmpty());
    EXPECT_THAT(engine_.list(), IsEmpty());
}

/// The life of a task as events tell it, in some order: some are lost, some come twice, but its end comes.
class History {
public:
    History(std::mt19937& random, int number)
        : random_(random), code_(number % 256), has_run_(number % 3 != 0) {
        std::int64_t version = 0;
        for (const char* status : {"PROVISIONING", "PENDING", "RUNNING", "DEACTIVATING", "DEPROVISIONING"}) {
            ++version;
            if ((has_run_ || status != std::string("RUNNING")) && chance(70)) {
                add(status, version, "");
            }
        }
        add("STOPPED", version + 1,
            has_run_ ? fmt::format(R"("exitCode":{})", code_) : R"("reason":"CannotPullContainerError: no")");
        for (const char* nonsense : {"", "{", "[]", R"({"detail":{"startedBy":"flotilla/r/1"}})",
                                     R"({"detail":{"startedBy":"somebody","taskArn":"t"}})"}) {
            if (chance(20)) {
                bodies_.emplace_back(nonsense);
            }
        }
        std::shuffle(bodies_.begin(), bodies_.end(), random_);
    }

    [[nodiscard]] bool chance(unsigned percent) { return random_() % 100 < percent; }
    [[nodiscard]] const std::vector<std::string>& bodies() const { return bodies_; }
    [[nodiscard]] bool ends_so(const Observation& last) const {
        const auto* const end = std::get_if<Ended>(&last);
        return end != nullptr &&
               (has_run_ ? end->exit_code == code_ && end->started
                         : end->exit_class == ExitClass::image_unavailable && !end->started);
    }

private:
    void add(const std::string& status, std::int64_t version, const std::string& container) {
        const std::string body = fmt::format(
            R"({{"detail":{{"taskArn":"arn:task/1","startedBy":"flotilla/r/1","lastStatus":"{}","version":{},)"
            R"("clusterArn":"arn:cluster/c","containerInstanceArn":"arn:ci","containers":[{{{}}}]}}}})",
            status, version, container);
        bodies_.insert(bodies_.end(), chance(50) ? 2 : 1, body);
    }

    std::mt19937& random_;
    int code_;
    bool has_run_;
    std::vector<std::string> bodies_;
};

TEST_F(EcsEngineTest, TenThousandShuffledHistoriesEndRight) {
    account_.aws.on("DeleteMessageBatch", "{}");
    std::mt19937 random(8);  // NOLINT(cert-msc32-c,cert-msc51-cpp): the same each time
    for (int number = 0; number < 10'000; ++number) {
        History history(random, number);
        EcsEngine engine{
            "c", {}, {account_.client, account_.clock, clusters_, instances_, events_, optional_}};
        const auto deliver = [&](const std::string& body) {
            if (const auto event = parse_task_event(body); event.kind == ParsedEvent::Kind::task) {
                engine.take(event.state, "m");
            }
        };
        std::vector<EngineNews> told;
        const auto look = [&] {
            auto more = engine.wait_for_news({}, milliseconds{0});
            std::move(more.begin(), more.end(), std::back_inserter(told));
        };
        for (const std::string& body : history.bodies()) {
            if (history.chance(20)) {
                ASSERT_EQ(std::get<SubmitAccepted>(engine.submit(task())).handle, "arn:task/1");
            }
            deliver(body);
            if (history.chance(30)) {
                look();
            }
        }
        look();
        const auto known_now = engine.inspect({{"r"}, 1});
        ASSERT_TRUE(known_now && history.ends_so(*known_now)) << number;
        ASSERT_TRUE(told.size() == 1 || told.size() == 2) << number;  // its start may have been lost
        ASSERT_TRUE(history.ends_so(told.back().observation)) << number;
        ASSERT_TRUE(told.size() == 1 || std::holds_alternative<Started>(told.front().observation)) << number;
        engine.forget({{"r"}, 1});
        std::for_each(history.bodies().begin(), history.bodies().end(), deliver);  // all come once more
        ASSERT_THAT(engine.wait_for_news({}, milliseconds{0}), IsEmpty()) << number;
        ASSERT_THAT(engine.list(), IsEmpty()) << number;
    }
}

TEST_F(EcsEngineTest, ATaskIsAskedToEndOnceAMinute) {
    std::ignore = engine_.submit(task());
    engine_.stop({{"r"}, 1}, std::chrono::seconds{30});
    engine_.stop({{"r"}, 1}, std::chrono::seconds{30});
    EXPECT_EQ(account_.aws.count("StopTask"), 1U);
    account_.clock.time += minutes{1};
    engine_.stop({{"r"}, 1}, std::chrono::seconds{30});
    EXPECT_EQ(account_.aws.count("StopTask"), 2U);
    engine_.take(state("STOPPED", 9), "m");
    engine_.stop({{"r"}, 1}, std::chrono::seconds{30});
    EXPECT_EQ(account_.aws.count("StopTask"), 2U);
    EXPECT_EQ(std::get<Ended>(*known()).exit_class, ExitClass::stopped_by_user);
}

TEST_F(EcsEngineTest, TheNextEngineLooksForWhatItIsToldOf) {
    account_.aws.on("DescribeTasks", R"({"tasks":[{"taskArn":"arn:task/1","startedBy":"flotilla/r/1",
        "lastStatus":"STOPPED","containers":[{"exitCode":4}],"stoppedAt":1541073600.0}],"failures":[]})");
    remember();
    EXPECT_EQ(std::get<Ended>(*known()).exit_code, 4);
    remember();
    EXPECT_EQ(account_.aws.count("DescribeTasks"), 1U);
}

TEST_F(EcsEngineTest, TasksAreLookedForAfterFiveSilentMinutesAHundredAtOnce) {
    account_.aws.on("DescribeTasks", R"({"tasks":[],"failures":[]})");
    std::vector<TakenAttempt> many;
    for (int number = 0; number < 250; ++number) {
        const std::string run = std::to_string(number);
        account_.aws.on("RunTask", R"({"tasks":[{"taskArn":"arn:task/)" + run + R"("}]})");
        std::ignore = engine_.submit(task(run));
        many.push_back({{{run}, 1}, "arn:task/" + run, 100});
    }
    engine_.remember(many);
    EXPECT_EQ(account_.aws.count("DescribeTasks"), 0U);
    account_.clock.time += minutes{5};
    engine_.remember(many);
    EXPECT_EQ(account_.aws.count("DescribeTasks"), 3U);
}

TEST_F(EcsEngineTest, ATaskThatEcsDoesNotKnowForAMinuteIsGone) {
    account_.aws.on("DescribeTasks", R"({"tasks":[],"failures":[{"arn":"arn:task/1","reason":"MISSING"}]})");
    remember();
    EXPECT_TRUE(known());
    account_.clock.time += minutes{1};
    remember();
    EXPECT_FALSE(known());
}

TEST_F(EcsEngineTest, TasksOfAClusterThatSomebodyDeletedAreGoneAfterAMinuteAndThatIsTold) {
    account_.aws.refuse("DescribeTasks", "ClusterNotFoundException", "Cluster not found.");
    account_.aws.refuse("ListTasks", "ClusterNotFoundException", "Cluster not found.");
    const auto remember_both = [&] {
        engine_.remember({{{{"r"}, 1}, "arn:task/1", 1}, {{{"s"}, 1}, "", 1}});
    };
    remember_both();
    EXPECT_THAT(engine_.losses(), ElementsAre("how 2 of its runs end: ECS has no active cluster c"));
    EXPECT_THAT(engine_.list(), testing::SizeIs(2));
    account_.clock.time += minutes{1};
    remember_both();
    EXPECT_THAT(engine_.list(), IsEmpty());
    EXPECT_EQ(engine_.why_unknown(), "ECS has no active cluster c");
    EXPECT_THAT(engine_.losses(), IsEmpty());
}

TEST_F(EcsEngineTest, AStopOnAClusterThatSomebodyDeletedFindsTheTaskGone) {
    std::ignore = engine_.submit(task());
    for (const char* operation : {"StopTask", "DescribeTasks"}) {
        account_.aws.refuse(operation, "ClusterNotFoundException", "Cluster not found.");
    }
    engine_.stop({{"r"}, 1}, std::chrono::seconds{30});
    remember();
    EXPECT_EQ(account_.aws.count("DescribeTasks"), 1U) << "it is looked at again before it is given up";
    EXPECT_TRUE(known());
    account_.clock.time += minutes{1};
    remember();
    EXPECT_FALSE(known());
}

TEST_F(EcsEngineTest, ALookForTasksThatFailsIsToldAndHoldsNothingUp) {
    account_.aws.refuse("DescribeTasks", "ServerException", "not now");
    remember();
    account_.clock.time += minutes{10};
    remember();
    EXPECT_TRUE(known());
    EXPECT_THAT(engine_.losses(), ElementsAre(HasSubstr("not now")));
    account_.aws.on("DescribeTasks", R"({"tasks":[],"failures":[]})");
    remember();
    EXPECT_THAT(engine_.losses(), IsEmpty());
}

TEST_F(EcsEngineTest, ATaskThatWasNotAskedForIsNotGone) {
    const auto remember_nameless = [&] { engine_.remember({{{{"r"}, 1}, "", 100}}); };
    remember_nameless();
    account_.clock.time += minutes{10};
    remember_nameless();
    EXPECT_THAT(known(), Optional(VariantWith<NotStarted>(testing::_)));
    EXPECT_EQ(account_.aws.count("DescribeTasks"), 0U);
    EXPECT_THAT(refusal(ErrorKind::unavailable,
                        [&] {
                            engine_.stop({{"r"}, 1}, std::chrono::seconds{0});
                        }),
                HasSubstr("which ECS task"));
    engine_.take(state("RUNNING", 3), "m");
    EXPECT_EQ(std::get<Started>(*known()).handle, "arn:task/1");
    engine_.stop({{"r"}, 1}, std::chrono::seconds{0});
    EXPECT_EQ(account_.aws.count("StopTask"), 1U);
}

TEST_F(EcsEngineTest, ATaskOfWhichNobodyKeptTheNameIsFoundByItsAttempt) {
    const auto remember_nameless = [&] { engine_.remember({{{{"r"}, 1}, "", 100}}); };
    account_.aws.on("ListTasks", [](const json::object& input) {
        EXPECT_EQ(json::serialize(input), R"({"cluster":"c","startedBy":"flotilla/r/1"})");
        return HttpResponse{.status = 200, .headers = {}, .body = R"({"taskArns":["arn:task/7"]})"};
    });
    account_.aws.on("DescribeTasks", R"({"tasks":[{"taskArn":"arn:task/7","startedBy":"flotilla/r/1",
        "lastStatus":"RUNNING"}]})");
    remember_nameless();
    EXPECT_EQ(std::get<Started>(*known()).handle, "arn:task/7");
    EXPECT_EQ(account_.aws.count("ListTasks"), 1U);
}

TEST_F(EcsEngineTest, AnAttemptOfWhichEcsHasNoTaskForAMinuteIsGone) {
    const auto remember_nameless = [&] { engine_.remember({{{{"r"}, 1}, "", 100}}); };
    account_.aws.on("ListTasks", R"({"taskArns":[]})");
    remember_nameless();
    EXPECT_TRUE(known());
    account_.clock.time += minutes{1};
    remember_nameless();
    EXPECT_FALSE(known());
    account_.aws.refuse("ListTasks", "AccessDeniedException");
    remember_nameless();
    account_.clock.time += minutes{1};
    remember_nameless();
    EXPECT_TRUE(known()) << "nobody may look";
    EXPECT_THAT(engine_.losses(), ElementsAre(HasSubstr("ecs:ListTasks")));
}

TEST_F(EcsEngineTest, WithoutTheRightToLookTheRestGoesOn) {
    account_.aws.refuse("DescribeTasks", "AccessDeniedException");
    remember();
    account_.clock.time += minutes{10};
    remember();
    EXPECT_EQ(account_.aws.count("DescribeTasks"), 1U);
    EXPECT_THAT(engine_.losses(), ElementsAre(HasSubstr("ecs:DescribeTasks")));
    EXPECT_THAT(known(), Optional(VariantWith<NotStarted>(testing::_)));
}

TEST_F(EcsEngineTest, ARunOfAnotherEngineIsRefused) {
    Task other = task();
    other.engine_request = "";
    EXPECT_TRUE(std::holds_alternative<Refused>(engine_.submit(other)));
}

TEST_F(EcsEngineTest, AClusterWithoutInstancesIsToldAndIsNoTrouble) {
    account_.aws.on("DescribeClusters",
                    R"({"clusters":[{"status":"ACTIVE","registeredContainerInstancesCount":0}]})");
    EXPECT_EQ(engine_.trouble(), std::nullopt);
    EXPECT_THAT(engine_.losses(), ElementsAre(HasSubstr("no container instances")));
    account_.aws.on("DescribeClusters",
                    R"({"clusters":[{"status":"ACTIVE","registeredContainerInstancesCount":2}]})");
    account_.clock.time += minutes{1};
    EXPECT_EQ(engine_.trouble(), std::nullopt);
    EXPECT_THAT(engine_.losses(), IsEmpty());
}

TEST_F(EcsEngineTest, ARunWaitsForAClusterThatIsNotThere) {
    account_.aws.on("DescribeClusters", R"({"clusters":[],"failures":[{"reason":"MISSING"}]})");
    EXPECT_THAT(engine_.trouble(), Optional(HasSubstr("no active cluster c")));
    for (const auto& [code, words] :
         {std::pair{"ClusterNotFoundException", "Cluster not found."},
          std::pair{"InvalidParameterException", "The referenced cluster was inactive."}}) {
        account_.aws.refuse("RunTask", code, words);
        EXPECT_THAT(std::get<TryLater>(engine_.submit(task())).reason, HasSubstr("no active cluster c"));
    }
}

TEST_F(EcsEngineTest, NoTaskStartsWhileNobodyWouldTellWhatBecomesOfIt) {
    account_.aws.refuse("PutRule", "InternalException");
    EXPECT_THAT(std::get<TryLater>(engine_.submit(task())).reason, HasSubstr("InternalException"));
    EXPECT_EQ(account_.aws.count("RunTask"), 0U);
    EXPECT_THAT(engine_.trouble(), Optional(HasSubstr("InternalException")));
    allow_event_route(account_.aws);
    account_.clock.time += std::chrono::seconds{2};
    EXPECT_TRUE(std::holds_alternative<SubmitAccepted>(engine_.submit(task())));
}

}  // namespace
}  // namespace flotilla::test
