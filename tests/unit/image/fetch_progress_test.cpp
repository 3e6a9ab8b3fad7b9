#include "image/fetch_progress.hpp"

#include <filesystem>
#include <string>

#include <gtest/gtest.h>

#include "base/file.hpp"
#include "support/temporary_folder.hpp"

namespace flotilla {
namespace {

TEST(Fetches, TellHowMuchHasCome) {
    constexpr std::int64_t megabyte = 1'000'000;
    test::TemporaryFolder folder;
    Fetches fetches;
    EXPECT_FALSE(fetches.progress("image"));
    {
        auto listed = fetches.list("image", folder.path(), 8 * megabyte);
        EXPECT_EQ(to_text(fetches.progress("image").value()), "0 of 8 MB");
        std::filesystem::create_directories(folder.path() / "blobs");
        write_file(folder.path() / "blobs" / "come", std::string(3 * megabyte, 'x'));
        write_file(folder.path() / "blobs" / "known", "");  // a blob that is not fetched takes no room
        std::filesystem::resize_file(folder.path() / "blobs" / "known", 100 * megabyte);
        EXPECT_EQ(to_text(fetches.progress("image").value()), "3 of 8 MB");
        EXPECT_FALSE(fetches.progress("other"));
        listed.note_fetched();
        EXPECT_EQ(to_text(fetches.progress("image").value()), "unpacking");
    }
    EXPECT_FALSE(fetches.progress("image"));
}

}  // namespace
}  // namespace flotilla
