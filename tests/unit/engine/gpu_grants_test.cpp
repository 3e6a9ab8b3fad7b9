#include "engine/gpu_grants.hpp"

#include <gtest/gtest.h>

namespace flotilla {
namespace {

using Gpus = std::vector<int>;

const AttemptName first{{"a"}, 1};
const AttemptName second{{"b"}, 1};

TEST(GpuGrants, AGpuBelongsToOneAttemptUntilItIsReleased) {
    GpuGrants grants;
    grants.add(2);
    grants.add(1);
    EXPECT_EQ(grants.grant(first, 2), (Gpus{0, 1}));
    EXPECT_EQ(grants.grant(first, 2), (Gpus{0, 1})) << "it keeps what it has";
    EXPECT_EQ(grants.grant(second, 2), std::nullopt);
    EXPECT_EQ(grants.grant(second, 1), Gpus{2});
    grants.release(first);
    grants.release(second);
    EXPECT_EQ(grants.grant(second, 3), (Gpus{0, 1, 2}));
}

TEST(GpuGrants, WhatIsHeldFromBeforeIsNotFree) {
    GpuGrants grants;
    grants.add(2);
    grants.hold(first, {0});
    EXPECT_EQ(grants.grant(second, 2), std::nullopt);
    EXPECT_EQ(grants.grant(second, 1), Gpus{1});
}

}  // namespace
}  // namespace flotilla
