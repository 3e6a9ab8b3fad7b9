#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "queue/sql/sql_run_queue.hpp"
#include "queue/sqs/sqs_run_queue.hpp"
#include "support/fake_sqs.hpp"

namespace flotilla::test {

/// A queue for runs of the cluster `default`, with what it needs.
class QueueUnderTest {
public:
    QueueUnderTest() = default;
    QueueUnderTest(const QueueUnderTest&) = delete;
    QueueUnderTest& operator=(const QueueUnderTest&) = delete;
    virtual ~QueueUnderTest() = default;

    virtual RunQueue& queue() = 0;
    [[nodiscard]] FakeClock& clock() { return account_.clock; }
    /// What happens by itself between two looks.
    virtual void bring_messages() {}
    /// The server is killed, and another begins in its place.
    virtual void die_and_restart() = 0;
    /// Whether it says how many are before a run.
    [[nodiscard]] virtual bool knows_places() const { return true; }

protected:
    static constexpr std::chrono::seconds longest_pass{600};
    ScriptedAccount account_;
};

class StoreQueueUnderTest final : public QueueUnderTest {
public:
    explicit StoreQueueUnderTest(SqlDatabase& database) : database_(database) { die_and_restart(); }
    RunQueue& queue() override { return *queue_; }
    void die_and_restart() override {
        queue_ = std::make_unique<SqlRunQueue>(database_, clock(), longest_pass);
    }

private:
    SqlDatabase& database_;
    std::unique_ptr<SqlRunQueue> queue_;
};

class SqsQueueUnderTest final : public QueueUnderTest {
public:
    explicit SqsQueueUnderTest(SqlDatabase& database) : database_(database) { begin(); }
    RunQueue& queue() override { return *queues_.back(); }
    void bring_messages() override {
        messages_->carry();
        std::size_t before = 0;
        do {
            before = messages_->in_hand().size();
            messages_->receive(std::chrono::seconds{0}, {});
        } while (messages_->in_hand().size() > before);
    }
    void die_and_restart() override {
        begin();
        clock().time += process_time;  // until then nobody else is shown what the other had
    }
    [[nodiscard]] bool knows_places() const override { return false; }

    [[nodiscard]] SqsRunQueue& sqs_queue() { return *queues_.back(); }
    [[nodiscard]] FakeSqs& sqs() { return sqs_; }
    [[nodiscard]] ScriptedAccount& account() { return account_; }
    [[nodiscard]] ScriptedAws& aws() { return account_.aws; }
    [[nodiscard]] OptionalActions& optional() { return optional_; }
    [[nodiscard]] int parked_count() const { return parked_count_; }
    [[nodiscard]] ClusterMessages& messages() { return *messages_; }

    static constexpr std::chrono::seconds process_time{45};

private:
    void begin() {
        queues_.push_back(std::make_unique<SqsRunQueue>(
            SqsRunQueue::Parts{database_, clock(), account_.client, optional_, parked_}, longest_pass, "",
            SqsQueueOptions{.name_space = "ns", .process_time = process_time}));
        messages_ = &queues_.back()->serve("default", wake_);
    }

    SqlDatabase& database_;
    FakeSqs sqs_{account_};
    OptionalActions optional_;
    std::atomic<int> parked_count_ = 0;
    ParkedMessages parked_{account_.client, {.name = "ns_parked"}, [this] { ++parked_count_; }};
    Wake wake_;
    std::vector<std::unique_ptr<SqsRunQueue>> queues_;  ///< the last one lives, the others were killed
    ClusterMessages* messages_ = nullptr;
};

template <typename Queue>
std::unique_ptr<QueueUnderTest> make_queue(SqlDatabase& database) {
    return std::make_unique<Queue>(database);
}

using MakeQueue = std::unique_ptr<QueueUnderTest> (*)(SqlDatabase&);

inline const auto every_queue =
    testing::Values(&make_queue<StoreQueueUnderTest>, &make_queue<SqsQueueUnderTest>);
inline std::string name_of(MakeQueue make) {
    return make == &make_queue<StoreQueueUnderTest> ? "store" : "sqs";
}

}  // namespace flotilla::test
