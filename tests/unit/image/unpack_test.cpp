#include "image/unpack.hpp"

#include <functional>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "base/error.hpp"
#include "base/file.hpp"
#include "image/digest.hpp"
#include "support/temporary_folder.hpp"
#include "unit/image/tar_maker.hpp"

namespace flotilla {
namespace {

namespace fs = std::filesystem;
using test::TarMaker;
using testing::HasSubstr;

bool is_root() {
    return ::geteuid() == 0;
}

struct stat status_of(const fs::path& path) {
    struct stat status {};
    EXPECT_EQ(::lstat(path.c_str(), &status), 0) << path;
    return status;
}

bool is_whiteout(const fs::path& path) {
    const struct stat status = status_of(path);
    return S_ISCHR(status.st_mode) && status.st_rdev == 0;
}

bool is_opaque(const fs::path& path) {
    char value = 0;
    const char* name = is_root() ? "trusted.overlay.opaque" : "user.overlay.opaque";
    return ::lgetxattr(path.c_str(), name, &value, 1) == 1 && value == 'y';
}

class UnpackTest : public testing::Test {
protected:
    UnpackTest() {
        fs::create_directory(tree());
        fs::create_directory(lower());
        fs::create_directory(folder_.path() / "outside");
        write_file(folder_.path() / "outside" / "file", "untouched");
    }

    TarMaker tar(const std::string& name = "archive.tar") { return TarMaker(folder_.path() / name); }
    fs::path tree() { return folder_.path() / "tree"; }
    fs::path lower() { return folder_.path() / "lower"; }
    fs::path outside() { return folder_.path() / "outside"; }

    std::string unpack(const fs::path& archive, ArchiveKind kind = ArchiveKind::layer) {
        TreeWriter writer(tree());
        UnpackBudget budget(limits_);
        auto digest = unpack_archive(archive, kind, writer, budget);
        writer.finish({lower()});
        return digest;
    }

    /// The reason why the archive is refused.
    std::string refusal(const fs::path& archive) {
        try {
            unpack(archive);
            return "it was taken";
        } catch (const Error& error) {
            EXPECT_EQ(error.kind(), ErrorKind::invalid);
            return error.what();
        }
    }

    std::string content(const std::string& path) { return read_file(tree() / path).value_or("(missing)"); }

    UnpackLimits limits_;
    test::TemporaryFolder folder_;
};

TEST_F(UnpackTest, FilesKeepContentModeTimeAndOwner) {
    unpack(tar().folder("d", 0750, 1234).file("d/program", "text", 04755, 1234).finish());
    EXPECT_EQ(content("d/program"), "text");
    for (const char* path : {"d", "d/program"}) {
        const struct stat status = status_of(tree() / path);
        EXPECT_EQ(status.st_mtim.tv_sec, 1000000000) << path;
        EXPECT_EQ(status.st_uid, is_root() ? 1234 : ::geteuid()) << path;
    }
    EXPECT_EQ(status_of(tree() / "d").st_mode & 07777U, 0750U);
    EXPECT_EQ(status_of(tree() / "d/program").st_mode & 07777U, 04755U);
}

TEST_F(UnpackTest, TheDigestIsThatOfTheUncompressedArchive) {
    const auto plain = tar().file("a", std::string(100000, 'x')).finish();
    const std::string digest = sha256_of(*read_file(plain));
    EXPECT_EQ(unpack(plain), digest);
    EXPECT_EQ(unpack(tar("archive.tar.gz").file("a", std::string(100000, 'x')).finish()), digest);
    EXPECT_EQ(unpack(tar("archive.tar.zst").file("a", std::string(100000, 'x')).finish()), digest);
}

TEST_F(UnpackTest, ALaterEntryReplacesAnEarlierOne) {
    unpack(tar()
               .file("a", "1")
               .file("a", "2")
               .link("b", "a")
               .file("b", "3")
               .folder("c")
               .file("c/x", "")
               .file("c", "4")
               .finish());
    EXPECT_EQ(content("a"), "2");
    EXPECT_EQ(content("b"), "3");
    EXPECT_EQ(content("c"), "4");
}

TEST_F(UnpackTest, HardLinksAreOneFile) {
    unpack(tar().file("a", "text").hard_link("d/b", "a").hard_link("./a", "a").finish());
    EXPECT_EQ(status_of(tree() / "a").st_ino, status_of(tree() / "d/b").st_ino);
    EXPECT_EQ(content("a"), "text");
}

TEST_F(UnpackTest, NamesKeepTheirBytes) {
    unpack(tar().file("gr\xC3\xBC\xC3\x9F", "utf-8").file("gr\xFC\xDF", "latin-1").finish());
    EXPECT_EQ(content("gr\xC3\xBC\xC3\x9F"), "utf-8");
    EXPECT_EQ(content("gr\xFC\xDF"), "latin-1");
}

TEST_F(UnpackTest, AFifoIsMadeAndADeviceIsLeftOut) {
    unpack(tar().fifo("pipe").folder("dev").device("dev/null").finish());
    EXPECT_TRUE(fs::is_fifo(tree() / "pipe"));
    EXPECT_TRUE(fs::is_empty(tree() / "dev"));
}

TEST_F(UnpackTest, ExtendedAttributesComeAlongButNotThoseOfTheOverlay) {
    unpack(tar()
               .attributed_file("a", "user.colour", "red")
               .attributed_file("b", "user.overlay.redirect", "/")
               .attributed_file("c", "trusted.overlay.redirect", "/")
               .finish());
    char value[4] = {};
    EXPECT_EQ(::lgetxattr((tree() / "a").c_str(), "user.colour", value, 3), 3);
    EXPECT_STREQ(value, "red");
    EXPECT_EQ(::llistxattr((tree() / "b").c_str(), nullptr, 0), 0);
    EXPECT_EQ(::llistxattr((tree() / "c").c_str(), nullptr, 0), 0);
}

TEST_F(UnpackTest, PathsThatClimbOutAreRefused) {
    EXPECT_THAT(refusal(tar().file("../outside/file", "evil").finish()), HasSubstr("climbs out"));
    EXPECT_THAT(refusal(tar().file("a/../../outside/file", "evil").finish()), HasSubstr("climbs out"));
    EXPECT_THAT(refusal(tar().hard_link("a", "../outside/file").finish()), HasSubstr("climbs out"));
    EXPECT_THAT(refusal(tar().file("a/.wh...", "").finish()), HasSubstr("names no file"));
    EXPECT_THAT(refusal(tar().file(".wh.", "").finish()), HasSubstr("names no file"));
    EXPECT_EQ(*read_file(outside() / "file"), "untouched");
}

TEST_F(UnpackTest, AnAbsolutePathStaysInside) {
    unpack(tar().file((outside() / "file").string(), "kept inside").finish());
    EXPECT_EQ(content(outside().string().substr(1) + "/file"), "kept inside");
    EXPECT_EQ(*read_file(outside() / "file"), "untouched");
}

TEST_F(UnpackTest, ALinkOnTheWayNeverLeadsOut) {
    for (const fs::path& target : {outside(), fs::path("../outside")}) {
        EXPECT_THAT(refusal(tar().link("a", target.string()).file("a/file", "evil").finish()),
                    HasSubstr("on the way"));
        EXPECT_THAT(refusal(tar().link("a", target.string()).file("a/.wh.file", "").finish()),
                    HasSubstr("on the way"));
        EXPECT_THAT(refusal(tar().link("a", target.string()).hard_link("b", "a/file").finish()),
                    HasSubstr("no file of the same tree"));
        EXPECT_THAT(refusal(tar().link("a", target.string()).link("b", "a").file("b/file", "evil").finish()),
                    HasSubstr("on the way"));
    }
    EXPECT_EQ(*read_file(outside() / "file"), "untouched");
}

TEST_F(UnpackTest, AFileNeverIsWrittenThroughALink) {
    unpack(tar().link("a", (outside() / "file").string()).file("a", "inside").finish());
    EXPECT_EQ(content("a"), "inside");
    unpack(tar().link("b", (outside() / "file").string()).hard_link("c", "b").file("c", "inside").finish());
    EXPECT_EQ(content("c"), "inside");
    EXPECT_EQ(*read_file(outside() / "file"), "untouched");
}

TEST_F(UnpackTest, ALinkToAFolderOfTheTreeIsFollowedAsInTheTree) {
    unpack(tar()
               .folder("usr/lib")
               .link("lib", "usr/lib")
               .link("absolute", "/usr/lib")
               .file("lib/a", "1")
               .file("absolute/b", "2")
               .finish());
    EXPECT_EQ(content("usr/lib/a"), "1");
    EXPECT_EQ(content("usr/lib/b"), "2");
}

TEST_F(UnpackTest, DamagedArchivesAreRefused) {
    const auto whole = tar("whole.tar.gz").file("a", std::string(300000, 'x')).file("b", "").finish();
    const std::string bytes = *read_file(whole);
    write_file(folder_.path() / "cut.tar.gz", bytes.substr(0, bytes.size() / 2));
    write_file(folder_.path() / "text", "This is no archive at all.");
    EXPECT_THAT(refusal(folder_.path() / "cut.tar.gz"), HasSubstr("damaged"));
    EXPECT_THAT(refusal(folder_.path() / "text"), HasSubstr("no tar archive"));
    EXPECT_THROW(unpack(folder_.path() / "missing"), std::system_error);
}

TEST_F(UnpackTest, ASmallArchiveThatHoldsMuchIsRefused) {
    limits_ = {.bytes = 1 << 20, .files = 3};
    const auto large = tar("large.tar.gz").file("zeros", std::string(4 << 20, '\0')).finish();
    EXPECT_LT(fs::file_size(large), 10'000U);
    EXPECT_EQ(refusal(large), "it unpacks to more than 1 MiB (images.max_size)");
    const auto tail = tar("tail.tar").file("a", "").finish();
    fs::resize_file(tail, 4 << 20);  // zeros behind the end, which its digest is taken of too
    EXPECT_EQ(refusal(tail), "it unpacks to more than 1 MiB (images.max_size)");
    EXPECT_EQ(refusal(tar("many.tar").file("1", "").file("2", "").file("3", "").file("4", "").finish()),
              "it holds more than 3 files");
}

TEST_F(UnpackTest, PathsThatNoSystemTakesAreRefused) {
    std::string deep;
    while (deep.size() < 5'000) {
        deep += "d/";
    }
    EXPECT_THAT(refusal(tar("deep.tar").file(deep + "x", "").finish()), HasSubstr("longer than 4095"));
    EXPECT_THAT(refusal(tar("name.tar").file(std::string(300, 'n'), "").finish()),
                HasSubstr("a name is longer than 255 characters: nnn"));
}

TEST_F(UnpackTest, StoppingEndsTheWork) {
    const auto archive = tar().file("a", "").finish();
    std::stop_source source;
    source.request_stop();
    TreeWriter writer(tree());
    UnpackBudget budget(limits_);
    EXPECT_THROW(unpack_archive(archive, ArchiveKind::layer, writer, budget, source.get_token()), Error);
    EXPECT_FALSE(fs::exists(tree() / "a"));
}

TEST_F(UnpackTest, FoldersWithoutAnEntryTakeTheirAttributesFromBelow) {
    fs::create_directories(lower() / "var/tmp");
    ASSERT_EQ(::chmod((lower() / "var/tmp").c_str(), 01777), 0);
    unpack(tar().file("var/tmp/a", "").file("new/b", "").finish());
    EXPECT_EQ(status_of(tree() / "var/tmp").st_mode & 07777U, 01777U);
    EXPECT_EQ(status_of(tree() / "new").st_mode & 07777U, 0755U);
}

TEST_F(UnpackTest, AWhiteoutHidesAFileOfTheLayersBelow) {
    unpack(tar().file("etc/.wh.passwd", "").file(".wh.gone", "").file(".wh..wh.plnk", "").finish());
    EXPECT_TRUE(is_whiteout(tree() / "etc/passwd"));
    EXPECT_TRUE(is_whiteout(tree() / "gone"));
    EXPECT_FALSE(fs::exists(tree() / ".wh..wh.plnk"));
    EXPECT_FALSE(fs::exists(tree() / ".wh.gone"));
}

TEST_F(UnpackTest, AWhiteoutDoesNotHideWhatItsOwnLayerHas) {
    unpack(tar().file("a", "1").file(".wh.a", "").file(".wh.b", "").file("b", "2").finish());
    EXPECT_EQ(content("a"), "1");
    EXPECT_EQ(content("b"), "2");
}

TEST_F(UnpackTest, AFolderThatReplacesOneOfTheLayersBelowIsOpaque) {
    unpack(tar()
               .file(".wh.a", "")
               .folder("a")
               .folder("b")
               .file(".wh.b", "")
               .file(".wh.c", "")
               .file("c/x", "")
               .file("d/.wh..wh..opq", "")
               .folder("e")
               .finish());
    for (const char* path : {"a", "b", "c", "d"}) {
        EXPECT_TRUE(is_opaque(tree() / path)) << path;
    }
    EXPECT_FALSE(is_opaque(tree() / "e"));
}

TEST_F(UnpackTest, AnOpaqueRootHidesEveryNameBelow) {
    fs::create_directory(lower() / "usr");
    write_file(lower() / "file", "");
    unpack(tar().file(".wh..wh..opq", "").folder("usr").finish());
    EXPECT_TRUE(is_whiteout(tree() / "file"));
    EXPECT_TRUE(is_opaque(tree() / "usr"));
}

TEST_F(UnpackTest, APlainArchiveHasNoWhiteouts) {
    unpack(tar().file(".wh.a", "text").finish(), ArchiveKind::plain);
    EXPECT_EQ(content(".wh.a"), "text");
}

}  // namespace
}  // namespace flotilla
