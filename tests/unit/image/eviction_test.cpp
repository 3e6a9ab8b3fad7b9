#include "image/eviction.hpp"

#include <gmock/gmock.h>

namespace flotilla {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

ImageUse image(const std::string& digest, int used_at, const std::vector<std::string>& layers) {
    ImageUse use{
        .digest = digest, .used_at = TimePoint(std::chrono::seconds(used_at)), .layers = {}, .may_go = true};
    for (const std::string& layer : layers) {
        use.layers.push_back({.folder = layer, .blob = "", .size = 10});
    }
    return use;
}

TEST(Eviction, TakesTheImagesThatWereNotUsedForLongest) {
    const std::vector<ImageUse> images{image("new", 3, {"c"}), image("old", 1, {"a"}),
                                       image("middle", 2, {"b"})};
    EXPECT_THAT(images_to_evict(images, 30), IsEmpty());
    EXPECT_THAT(images_to_evict(images, 29), ElementsAre("old"));
    EXPECT_THAT(images_to_evict(images, 10), ElementsAre("old", "middle"));
}

TEST(Eviction, CountsASharedLayerOnce) {
    const std::vector<ImageUse> images{image("one", 1, {"base", "a"}), image("two", 2, {"base", "b"})};
    EXPECT_THAT(images_to_evict(images, 30), IsEmpty());
    EXPECT_THAT(images_to_evict(images, 20), ElementsAre("one"));
    EXPECT_THAT(images_to_evict(images, 19), ElementsAre("one", "two"));
}

TEST(Eviction, LeavesWhatARunNeedsOrWhatIsNowhereElse) {
    std::vector<ImageUse> images{image("needed", 1, {"a"}), image("spare", 2, {"b"})};
    images[0].may_go = false;
    EXPECT_THAT(images_to_evict(images, 0), ElementsAre("spare"));
}

}  // namespace
}  // namespace flotilla
