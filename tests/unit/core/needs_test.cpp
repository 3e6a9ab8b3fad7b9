#include "core/needs.hpp"

#include <gtest/gtest.h>

namespace flotilla {
namespace {

TEST(NeedsTest, WhatNeedsAsMuchOfAllThatIsLackingDoesNotFitEither) {
    const Oversize size{{.memory = 500, .cpu = 100, .gpu = 2}, {Scarce::memory, Scarce::gpu}};
    EXPECT_TRUE(size.covers({.memory = 500, .gpu = 2}));
    EXPECT_TRUE(size.covers({.memory = 9000, .cpu = 1, .gpu = 3}));
    EXPECT_FALSE(size.covers({.memory = 499, .cpu = 900, .gpu = 2}));
    EXPECT_FALSE(size.covers({.memory = 900, .gpu = 1}));
    EXPECT_FALSE(size.covers({.memory = 900}));
}

TEST(NeedsTest, OfCpuAndPortsLikewise) {
    const Oversize cpu{{.memory = 1, .cpu = 500}, {Scarce::cpu}};
    EXPECT_TRUE(cpu.covers({.memory = 1, .cpu = 500}));
    EXPECT_FALSE(cpu.covers({.memory = 9000, .cpu = 499}));
    EXPECT_FALSE(cpu.covers({.memory = 9000}));
    const Oversize ports{{.memory = 1, .ports = {80, 81}}, {Scarce::ports}};
    EXPECT_TRUE(ports.covers({.memory = 1, .ports = {81, 82, 80}}));
    EXPECT_FALSE(ports.covers({.memory = 1, .ports = {80}}));
}

TEST(NeedsTest, ARunAsksForWhatItNeedsAnyOf) {
    const Needs least{.memory = 1};
    EXPECT_TRUE(asks_for(least, Scarce::memory));
    for (const Scarce other : {Scarce::cpu, Scarce::gpu, Scarce::ports}) {
        EXPECT_FALSE(asks_for(least, other));
    }
    const Needs all{.memory = 1, .cpu = 1, .gpu = 1, .ports = {1}};
    for (const Scarce other : {Scarce::cpu, Scarce::gpu, Scarce::ports}) {
        EXPECT_TRUE(asks_for(all, other));
    }
}

TEST(NeedsTest, ASizeIsToldByWhatIsLacking) {
    const Needs needs{.memory = 512, .cpu = 250, .gpu = 1, .ports = {80, 81}};
    EXPECT_EQ((Oversize{needs, {Scarce::memory}}.text()), "512 MiB of memory");
    EXPECT_EQ((Oversize{needs, {Scarce::cpu, Scarce::gpu}}.text()), "250/1000 of a core and 1 GPU");
    EXPECT_EQ((Oversize{needs, {Scarce::ports}}.text()), "ports 80, 81");
}

}  // namespace
}  // namespace flotilla
