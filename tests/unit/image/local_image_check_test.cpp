#include "image/local_image_check.hpp"

#include <atomic>
#include <future>
#include <latch>
#include <thread>

#include <gtest/gtest.h>

#include "support/fakes.hpp"
#include "support/temporary_folder.hpp"
#include "unit/image/tar_maker.hpp"

namespace flotilla {
namespace {

using std::chrono::seconds;

/// A registry that answers as the test says; its answers can be held up.
class FakeRegistry final : public ManifestSource {
public:
    ManifestAnswer manifest(const ImageReference&, std::chrono::milliseconds,
                            const std::stop_token& stop) override {
        ++asked;
        if (stop.stop_requested()) {
            return PullFailed{"stopped"};
        }
        held_up.wait(true);
        return answer;
    }
    ManifestAnswer answer = RemoteManifest{};
    std::atomic<int> asked = 0;
    std::atomic<bool> held_up = false;
};

class LocalImageCheckTest : public testing::Test {
protected:
    ImageAnswer check(const std::string& name) { return check_.check(parse_image_reference(name).value()); }

    StoredImage import(const std::string& name, const std::string& content) {
        const auto root = test::TarMaker(folder_.path() / "root.tar").file("bin/sh", content, 0755).finish();
        return store_.import(parse_image_reference(name).value(), root);
    }
    bool is_stored(const std::string& digest) {
        std::filesystem::create_directories(folder_.path() / "runs/r.1");
        const bool found =
            store_.claim(parse_image_reference("x").value(), digest, folder_.path() / "runs/r.1").has_value();
        std::filesystem::remove_all(folder_.path() / "runs/r.1");
        return found;
    }

    test::TemporaryFolder folder_;
    ImageStore store_{folder_.path() / "images", folder_.path() / "runs", {}};
    FakeRegistry registry_;
    test::FakeClock clock_;
    RegistryCheck registry_check_{registry_, clock_};
    LocalImageCheck check_{store_, registry_check_, clock_, std::int64_t{1} << 30};
};

TEST_F(LocalImageCheckTest, AnImageInTheStoreIsThereWithoutAnybodyBeingAsked) {
    const StoredImage image = import("x", "content");
    registry_.answer = PullDenied{"no"};
    EXPECT_EQ(std::get<ImagePresent>(check("x")).digest, image.digest);
    EXPECT_EQ(registry_.asked, 0);
}

TEST_F(LocalImageCheckTest, TheDigestIsThatOfWhatTheRegistryHas) {
    registry_.answer = RemoteManifest{.content = "{}", .endpoint = {}};
    for (int i = 0; i < 2; ++i) {  // asked and remembered
        EXPECT_EQ(std::get<ImagePresent>(check("x")).digest,
                  "sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a");
    }
    EXPECT_EQ(registry_.asked, 1);
}

TEST_F(LocalImageCheckTest, AnImageThatWasAnsweredIsKeptWhenItsNameMoves) {
    const std::string old = import("x", "old").digest;
    EXPECT_EQ(std::get<ImagePresent>(check("x")).digest, old);
    const std::string fresh = import("x", "new").digest;
    EXPECT_EQ(std::get<ImagePresent>(check("x")).digest, fresh);
    EXPECT_TRUE(is_stored(old));
}

TEST_F(LocalImageCheckTest, AnImageIsLetGoOfOnceNobodyNeedsItAndNoneAskedForAWhile) {
    const std::string old = import("x", "old").digest;
    check("x");
    import("x", "new");
    check_.keep_only({}, {});  // the run may be about to be stored
    EXPECT_TRUE(is_stored(old));
    clock_.time += std::chrono::minutes(10);
    check_.keep_only({old}, {});  // a run waits
    EXPECT_TRUE(is_stored(old));
    check_.keep_only({}, {});
    EXPECT_FALSE(is_stored(old));
    EXPECT_TRUE(store_.find(parse_image_reference("x").value()));
}

TEST_F(LocalImageCheckTest, AnImageThatIsAskedForAgainIsKeptAgain) {
    const std::string digest = import("x", "content").digest;
    check("x");
    clock_.time += std::chrono::minutes(10);
    check_.keep_only({}, {});
    EXPECT_TRUE(store_.pins().empty());
    check("x");
    EXPECT_EQ(store_.pins(), std::set<std::string>{digest});
}

TEST_F(LocalImageCheckTest, WhatAnEarlierServerKeptIsLetGoOfByTheNext) {
    const std::string old = import("x", "old").digest;
    check("x");
    import("x", "new");
    LocalImageCheck next(store_, registry_check_, clock_, std::int64_t{1} << 30);
    next.keep_only({old}, {});
    EXPECT_TRUE(is_stored(old));
    next.keep_only({}, {});
    EXPECT_FALSE(is_stored(old));
}

TEST_F(LocalImageCheckTest, TheRegistrysAnswerIsPassedOn) {
    EXPECT_TRUE(std::holds_alternative<ImagePresent>(check("a")));
    registry_.answer = PullDenied{"no such image"};
    EXPECT_EQ(std::get<ImageAbsent>(check("b")).reason, "no such image");
    registry_.answer = PullFailed{"no answer"};
    EXPECT_EQ(std::get<ImageUnknown>(check("c")).reason, "no answer");
}

TEST_F(LocalImageCheckTest, AnAnswerIsRememberedForAWhile) {
    check("x");
    clock_.time += seconds(59);
    check("x");
    EXPECT_EQ(registry_.asked, 1);
    clock_.time += seconds(1);
    check("x");
    EXPECT_EQ(registry_.asked, 2);
}

TEST_F(LocalImageCheckTest, ThatAnImageIsMissingIsRememberedForLess) {
    registry_.answer = PullDenied{"no"};
    check("x");
    clock_.time += seconds(9);
    check("x");
    EXPECT_EQ(registry_.asked, 1);
    clock_.time += seconds(1);
    registry_.answer = RemoteManifest{};
    EXPECT_TRUE(std::holds_alternative<ImagePresent>(check("x")));
}

TEST_F(LocalImageCheckTest, ARegistryThatFailedIsSoonAskedAgain) {
    registry_.answer = PullFailed{"no answer"};
    check("x");
    clock_.time += seconds(2);
    check("x");
    EXPECT_EQ(registry_.asked, 2);
}

TEST_F(LocalImageCheckTest, ADeadRegistryHoldsOnlySoManyThreads) {
    registry_.held_up = true;
    constexpr int crowd = 64;
    std::atomic<int> turned_away = 0;
    std::latch rest(crowd - 8);
    std::vector<std::jthread> threads;
    for (int i = 0; i < crowd; ++i) {
        threads.emplace_back([&, i] {
            if (std::holds_alternative<ImageUnknown>(check("image" + std::to_string(i)))) {
                ++turned_away;
                rest.count_down();
            }
        });
    }
    rest.wait();  // all but those who wait for the registry have their answer
    EXPECT_EQ(turned_away, crowd - 8);
    registry_.held_up = false;
    registry_.held_up.notify_all();
    threads.clear();
    EXPECT_EQ(registry_.asked, 8);
    EXPECT_EQ(turned_away, crowd - 8);
}

TEST_F(LocalImageCheckTest, AfterACancelNobodyWaitsForARegistry) {
    registry_check_.cancel();
    EXPECT_EQ(std::get<ImageUnknown>(check("a")).reason, "stopped");
}

TEST_F(LocalImageCheckTest, ManyWhoAskForOneImageShareTheAnswer) {
    registry_.held_up = true;
    std::vector<std::future<ImageAnswer>> answers;
    for (int i = 0; i < 10; ++i) {
        answers.push_back(std::async(std::launch::async, [&] { return check("x"); }));
    }
    registry_.held_up = false;
    registry_.held_up.notify_all();
    for (auto& answer : answers) {
        EXPECT_TRUE(std::holds_alternative<ImagePresent>(answer.get()));
    }
    EXPECT_EQ(registry_.asked, 1);
}

TEST_F(LocalImageCheckTest, TheImagesOfTheStoreHaveNames) {
    EXPECT_TRUE(check_.names().empty());
    import("debian:12", "a");
    import("quay.io/x/y:1", "b");
    EXPECT_EQ(check_.names(), (std::vector<std::string>{"debian:12", "quay.io/x/y:1"}));
}

}  // namespace
}  // namespace flotilla
