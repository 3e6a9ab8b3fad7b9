#include "image/image_store.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.hpp"
#include "base/file.hpp"
#include "support/temporary_folder.hpp"
#include "unit/image/layout_maker.hpp"
#include "unit/image/tar_maker.hpp"

namespace flotilla {
namespace {

namespace fs = std::filesystem;
using test::TarMaker;
using testing::HasSubstr;

ImageReference name_of(const std::string& text) {
    return parse_image_reference(text).value();
}

std::size_t entries_in(const fs::path& folder) {
    return static_cast<std::size_t>(std::distance(fs::directory_iterator(folder), fs::directory_iterator()));
}

class ImageStoreTest : public testing::Test {
protected:
    ImageStoreTest() {
        base_ = TarMaker(here("base.tar")).folder("bin").file("bin/sh", "shell", 0755).finish();
        second_ = TarMaker(here("second.tar.gz")).file("second", "2").finish();
        third_ = TarMaker(here("third.tar")).file("third", "3").finish();
    }

    fs::path here(const std::string& name) { return folder_.path() / name; }
    fs::path images() { return here("data/images"); }
    fs::path runs() { return here("data/runs"); }

    std::string layout(const std::string& name, const std::vector<fs::path>& layers,
                       const test::LayoutOptions& options = {}) {
        return test::make_oci_layout(here(name), layers, options);
    }
    /// Imports an OCI layout of these layers under a name.
    StoredImage import(const std::string& name, const std::vector<fs::path>& layers) {
        layout(name, layers);
        return store_.import(name_of(name), here(name));
    }
    std::string refusal(const fs::path& path, const std::string& name = "x") {
        try {
            store_.import(name_of(name), path);
            return "it was taken";
        } catch (const Error& error) {
            EXPECT_EQ(error.kind(), ErrorKind::invalid);
            return error.what();
        }
    }
    fs::path root_folder() {
        fs::create_directories(here("root/usr/bin"));
        fs::create_directory_symlink("usr/bin", here("root/bin"));
        write_file(here("root/usr/bin/sh"), "shell");
        fs::permissions(here("root/usr/bin/sh"), fs::perms::owner_all);
        fs::create_hard_link(here("root/usr/bin/sh"), here("root/usr/bin/bash"));
        return here("root");
    }
    fs::path live_run(const std::string& run) {
        fs::create_directories(runs() / run);
        return runs() / run;
    }

    test::TemporaryFolder folder_;
    fs::path base_;
    fs::path second_;
    fs::path third_;
    ImageStore store_{images(), runs(), {}};
};

TEST_F(ImageStoreTest, AnOciLayoutIsImportedWithItsConfigAndLayersInOrder) {
    const std::string digest = layout("x", {base_, second_});
    const StoredImage image = store_.import(name_of("x"), here("x"));
    EXPECT_EQ(image.digest, digest);
    EXPECT_EQ(image.config.env, (Env{{"COLOUR", "red"}}));
    EXPECT_EQ(image.config.working_dir, "/work");
    EXPECT_EQ(image.config.user, "1000");
    ASSERT_EQ(image.layers.size(), 2U);
    EXPECT_EQ(*read_file(image.layers[0] / "bin/sh"), "shell");
    EXPECT_EQ(*read_file(image.layers[1] / "second"), "2");
    EXPECT_EQ(store_.find(name_of("docker.io/library/x:latest"))->layers, image.layers);
    EXPECT_EQ(entries_in(images() / "work"), 0U);
}

TEST_F(ImageStoreTest, AnArchiveOfAnOciLayoutIsTheSameImage) {
    const std::string digest = layout("x", {base_, second_});
    test::pack(here("x"), here("x.tar.gz"));
    EXPECT_EQ(store_.import(name_of("y"), here("x.tar.gz")).digest, digest);
}

TEST_F(ImageStoreTest, SavedImagesAreImportedAsFolderAndAsArchive) {
    test::make_saved_images(here("saved"), {base_, second_}, {"team/app:1", "team/app:2"});
    test::pack(here("saved"), here("saved.tar"));
    for (const char* path : {"saved", "saved.tar"}) {
        const StoredImage image = store_.import(name_of("team/app:2"), here(path));
        EXPECT_EQ(image.layers.size(), 2U) << path;
        EXPECT_EQ(image.config.user, "1000") << path;
    }
    EXPECT_THAT(refusal(here("saved"), "team/app:3"), HasSubstr("team/app:1, team/app:2"));
    EXPECT_EQ(store_.list().front().origin, ImageOrigin::imported);
}

TEST_F(ImageStoreTest, ARootFolderIsCopiedAsItIs) {
    const fs::path root = root_folder();
    write_file(root / ".wh.kept", "an ordinary file");
    ASSERT_EQ(::chmod((root / "usr").c_str(), 0751), 0);
    const StoredImage image = store_.import(name_of("made"), root);
    ASSERT_EQ(image.layers.size(), 1U);
    const fs::path copy = image.layers.front();
    EXPECT_EQ(fs::read_symlink(copy / "bin"), "usr/bin");
    EXPECT_EQ(*read_file(copy / ".wh.kept"), "an ordinary file");
    EXPECT_TRUE(fs::equivalent(copy / "usr/bin/sh", copy / "usr/bin/bash"));
    EXPECT_FALSE(fs::equivalent(copy / "usr/bin/sh", root / "usr/bin/sh"));
    EXPECT_EQ(fs::status(copy / "usr").permissions(), fs::perms(0751));
    EXPECT_EQ(fs::last_write_time(copy / "usr"), fs::last_write_time(root / "usr"));
    EXPECT_EQ(store_.list().front().origin, ImageOrigin::made_here);
}

TEST_F(ImageStoreTest, ARootFolderImportedTwiceIsOneImageUntilItChanges) {
    const fs::path root = root_folder();
    const std::string digest = store_.import(name_of("a"), root).digest;
    EXPECT_EQ(store_.import(name_of("b"), root).digest, digest);
    EXPECT_EQ(entries_in(images() / "layers"), 1U);
    write_file(root / "more", "");
    EXPECT_NE(store_.import(name_of("b"), root).digest, digest);
}

TEST_F(ImageStoreTest, AStoreInsideTheImportedRootIsLeftOut) {
    root_folder();
    ImageStore inner(here("root/images"), runs(), {});
    const StoredImage image = inner.import(name_of("x"), here("root"));
    EXPECT_TRUE(fs::exists(image.layers.front() / "usr/bin/sh"));
    EXPECT_FALSE(fs::exists(image.layers.front() / "images"));
}

TEST_F(ImageStoreTest, ARootArchiveIsAnImageWithOneLayer) {
    const StoredImage image = store_.import(name_of("x"), base_);
    ASSERT_EQ(image.layers.size(), 1U);
    EXPECT_EQ(*read_file(image.layers.front() / "bin/sh"), "shell");
}

TEST_F(ImageStoreTest, WhatIsNoImageIsRefusedAndLeavesNothing) {
    fs::create_directories(here("empty/bin"));
    write_file(here("text"), "This is no archive.");
    EXPECT_THAT(refusal(here("missing")), HasSubstr("does not exist"));
    EXPECT_THAT(refusal(here("empty")), HasSubstr("is no image"));
    EXPECT_THAT(refusal(here("text")), HasSubstr("no tar archive"));
    EXPECT_THAT(refusal(third_), HasSubstr("is no image"));
    EXPECT_EQ(entries_in(images() / "layers"), 0U);
    EXPECT_EQ(entries_in(images() / "work"), 0U);
    EXPECT_TRUE(store_.list().empty());
}

TEST_F(ImageStoreTest, ALayoutThatDoesNotHoldWhatItSaysIsRefused) {
    layout("wrong", {base_}, {.wrong_diff_ids = true});
    EXPECT_THAT(refusal(here("wrong")), HasSubstr("another content"));
    layout("arm", {base_}, {.platform_architecture = "arm64"});
    EXPECT_THAT(refusal(here("arm")), HasSubstr("it has linux/arm64"));
    const std::string digest = layout("changed", {base_});
    write_file(here("changed/blobs/sha256") / digest.substr(7), "{}");
    EXPECT_THAT(refusal(here("changed")), HasSubstr("another content than its name"));
    layout("lacking", {base_});
    fs::remove_all(here("lacking/blobs"));
    EXPECT_THAT(refusal(here("lacking")), HasSubstr("is missing"));
    layout("none", {});
    EXPECT_THAT(refusal(here("none")), HasSubstr("no layers"));
    EXPECT_EQ(entries_in(images() / "layers"), 0U);
}

TEST_F(ImageStoreTest, ALinkInALayoutDoesNotLeadOutOfIt) {
    const std::string digest = layout("x", {base_});
    const fs::path blob = here("x/blobs/sha256") / digest.substr(7);
    fs::rename(blob, here("outside"));
    fs::create_symlink(here("outside"), blob);
    EXPECT_THAT(refusal(here("x")), HasSubstr("is missing"));
}

TEST_F(ImageStoreTest, ImagesShareTheLayersThatTheyBeginWith) {
    const StoredImage one = import("one", {base_, second_});
    const StoredImage two = import("two", {base_, third_});
    EXPECT_EQ(one.layers[0], two.layers[0]);
    EXPECT_EQ(entries_in(images() / "layers"), 3U);
}

TEST_F(ImageStoreTest, RemovingAnImageKeepsWhatOthersUse) {
    import("one", {base_, second_});
    const StoredImage two = import("two", {base_, third_});
    store_.remove(name_of("one"));
    EXPECT_FALSE(store_.find(name_of("one")));
    EXPECT_EQ(store_.find(name_of("two"))->layers, two.layers);
    EXPECT_EQ(entries_in(images() / "layers"), 2U);
    store_.remove(name_of("two"));
    EXPECT_EQ(entries_in(images() / "layers"), 0U);
    EXPECT_EQ(entries_in(images() / "records"), 0U);
    EXPECT_EQ(entries_in(images() / "work"), 0U);
}

TEST_F(ImageStoreTest, AnImageWithAnotherNameLosesOnlyItsName) {
    layout("x", {base_});
    store_.import(name_of("one"), here("x"));
    store_.import(name_of("two"), here("x"));
    store_.remove(name_of("one"));
    EXPECT_TRUE(store_.find(name_of("two")));
}

TEST_F(ImageStoreTest, AnUnknownNameCannotBeRemoved) {
    try {
        store_.remove(name_of("x"));
        FAIL() << "it was removed";
    } catch (const Error& error) {
        EXPECT_EQ(error.kind(), ErrorKind::not_found);
        EXPECT_STREQ(error.what(), "image x:latest is not on this host");
    }
}

TEST_F(ImageStoreTest, AnImageThatALiveRunUsesCannotBeRemoved) {
    import("x", {base_});
    const fs::path run = live_run("r1.1");
    ASSERT_TRUE(store_.claim(name_of("x"), "", run));
    try {
        store_.remove(name_of("x"));
        FAIL() << "it was removed";
    } catch (const Error& error) {
        EXPECT_EQ(error.kind(), ErrorKind::conflict);
        EXPECT_STREQ(error.what(), "image x:latest is in use by run r1.1; stop it first");
    }
    EXPECT_TRUE(store_.find(name_of("x")));
    fs::remove(run / "layers");
    store_.remove(name_of("x"));
    EXPECT_EQ(entries_in(images() / "layers"), 0U);
}

TEST_F(ImageStoreTest, ANameThatMovesLeavesTheOldLayersToTheRunsThatUseThem) {
    const StoredImage old = import("x", {second_});
    const fs::path run = live_run("r1.1");
    ASSERT_TRUE(store_.claim(name_of("x"), "", run));
    fs::remove_all(here("x"));
    import("x", {base_});
    EXPECT_TRUE(fs::exists(old.layers.front() / "second"));
    fs::remove_all(run);
    const ImageStore opened_again(images(), runs(), {});
    EXPECT_FALSE(fs::exists(old.layers.front()));
    EXPECT_TRUE(opened_again.find(name_of("x")));
}

TEST_F(ImageStoreTest, APinnedImageStaysWhenItsNameMovesAndIsClaimedByItsDigest) {
    const StoredImage old = import("x", {second_});
    store_.pin(old.digest);
    fs::remove_all(here("x"));
    const StoredImage fresh = import("x", {base_});
    ImageStore opened_again(images(), runs(), {});
    const fs::path run = live_run("r1.1");
    EXPECT_EQ(opened_again.claim(name_of("x"), old.digest, run)->layers, old.layers);
    EXPECT_EQ(opened_again.claim(name_of("x"), "", live_run("r2.1"))->digest, fresh.digest);
    EXPECT_EQ(opened_again.pins(), std::set<std::string>{old.digest});

    opened_again.unpin({old.digest});
    opened_again.remove_unused();
    EXPECT_FALSE(opened_again.claim(name_of("x"), old.digest, live_run("r3.1")));
    EXPECT_TRUE(fs::exists(old.layers.front() / "second")) << "the first run still uses it";
    fs::remove_all(run);
    opened_again.remove_unused();
    EXPECT_FALSE(fs::exists(old.layers.front()));
}

TEST_F(ImageStoreTest, APinnedImageOutlivesTheRemovalOfItsName) {
    const StoredImage image = import("x", {base_});
    store_.pin(image.digest);
    store_.remove(name_of("x"));
    EXPECT_FALSE(store_.find(name_of("x")));
    EXPECT_TRUE(store_.claim(name_of("x"), image.digest, live_run("r1.1")));
    EXPECT_TRUE(store_.list().empty());
}

TEST_F(ImageStoreTest, AnImageThatCanNoLongerBeHadIsSaidToBeAnotherNow) {
    import("127.0.0.1:1/team/x:1", {base_});
    const auto outcome =
        store_.pull_exactly(name_of("127.0.0.1:1/team/x:1"), "sha256:" + std::string(64, 'a'));
    ASSERT_TRUE(std::holds_alternative<PullDenied>(outcome));
    EXPECT_EQ(std::get<PullDenied>(outcome).reason,
              "image 127.0.0.1:1/team/x:1 means another image now than when the run was made "
              "(sha256:aaaaaaaaaaaa), and that one can no longer be had: run it again");
}

TEST_F(ImageStoreTest, ARegistryThatIsAwayMayHaveTheImageLater) {
    const auto outcome =
        store_.pull_exactly(name_of("127.0.0.1:1/team/x:1"), "sha256:" + std::string(64, 'a'));
    EXPECT_TRUE(std::holds_alternative<PullFailed>(outcome));
}

TEST_F(ImageStoreTest, AnImageThatIsNotThereCannotBeClaimed) {
    const fs::path run = live_run("r1.1");
    EXPECT_FALSE(store_.claim(name_of("x"), "", run));
    EXPECT_FALSE(fs::exists(run / "layers"));
}

TEST_F(ImageStoreTest, WhatACrashLeftIsClearedAwayAndImagesStay) {
    const StoredImage image = import("x", {base_});
    fs::create_directories(images() / "work/crashed/half");
    write_file(images() / "work/crashed/layers", "orphan\n");
    fs::create_directory(images() / "layers/orphan");
    write_file(images() / "records/0123.json", "{");
    const ImageStore opened_again(images(), runs(), {});
    EXPECT_EQ(entries_in(images() / "work"), 0U);
    EXPECT_EQ(entries_in(images() / "layers"), 1U);
    EXPECT_EQ(entries_in(images() / "records"), 1U);
    EXPECT_EQ(opened_again.find(name_of("x"))->layers, image.layers);
}

TEST_F(ImageStoreTest, WorkThatSomebodyDoesIsLeftAlone) {
    const fs::path work = images() / "work/busy";
    fs::create_directory(work);
    fs::create_directory(images() / "layers/coming");
    write_file(work / "layers", "coming\n");
    const UniqueFd held(::open(work.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    ASSERT_EQ(::flock(held.get(), LOCK_EX), 0);
    const ImageStore opened_again(images(), runs(), {});
    EXPECT_TRUE(fs::exists(work));
    EXPECT_TRUE(fs::exists(images() / "layers/coming"));
}

TEST_F(ImageStoreTest, AnImageThatLostALayerIsNotThere) {
    const StoredImage image = import("x", {base_});
    fs::remove_all(image.layers.front());
    EXPECT_FALSE(store_.find(name_of("x")));
    EXPECT_TRUE(store_.import(name_of("x"), here("x")).layers == image.layers);
    EXPECT_TRUE(store_.find(name_of("x")));
}

TEST_F(ImageStoreTest, TheListSaysNameDigestAndSize) {
    const StoredImage image = import("x", {base_});
    import("quay.io/team/a:1", {base_, second_});
    const auto list = store_.list();
    ASSERT_EQ(list.size(), 2U);
    EXPECT_EQ(list[0].name.familiar(), "x:latest");
    EXPECT_EQ(list[0].digest, image.digest);
    EXPECT_GT(list[0].size, 0);
    EXPECT_EQ(list[1].name.familiar(), "quay.io/team/a:1");
    EXPECT_GT(list[1].size, list[0].size);
}

TEST_F(ImageStoreTest, ALayerThatIsThereIsNotMeasuredAgain) {
    constexpr std::int64_t more = 1 << 20;
    const StoredImage image = import("one", {base_});
    const std::int64_t size = store_.list().front().size;
    write_file(image.layers.front() / "more", std::string(more, 'x'));
    import("two", {base_, second_});
    EXPECT_LT(store_.list().back().size, size + more);
}

}  // namespace
}  // namespace flotilla
