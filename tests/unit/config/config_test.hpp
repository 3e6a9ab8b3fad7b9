#pragma once

#include <filesystem>
#include <fstream>
#include <random>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "config/load.hpp"

namespace flotilla {

/// Loads configurations from a folder of its own, on a host that is always the same.
class ConfigTest : public testing::Test {
protected:
    ConfigTest() {
        std::filesystem::create_directories(folder_);
        options.host = HostFacts{.is_root = true,
                                 .home = "/home/ada",
                                 .name = "host-1",
                                 .memory = 8192,
                                 .has_docker = false,
                                 .has_aws = false};
    }
    ~ConfigTest() override { std::filesystem::remove_all(folder_); }

    [[nodiscard]] std::string file() const { return (folder_ / "config.yml").string(); }

    LoadedConfig load(const std::string& text, const Environment& environment = {}) {
        std::ofstream{file()} << text;
        return load_config(folder_, environment, options);
    }

    /// Loads what has to be free of mistakes.
    Config load_well(const std::string& text, const Environment& environment = {}) {
        const LoadedConfig loaded = load(text, environment);
        EXPECT_THAT(loaded.errors, testing::IsEmpty());
        EXPECT_THAT(loaded.not_built, testing::IsEmpty());
        EXPECT_THAT(loaded.warnings, testing::IsEmpty());
        return loaded.config;
    }

    /// The place of a line of the file, as messages say it.
    [[nodiscard]] std::string at(int line) const { return " (" + file() + ":" + std::to_string(line) + ")"; }

    LoadOptions options;

private:
    std::filesystem::path folder_ = std::filesystem::path{testing::TempDir()} /
                                    ("flotilla-config-" + std::to_string(std::random_device{}()));
};

}  // namespace flotilla
