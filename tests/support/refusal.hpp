#pragma once

#include <string>

#include <gtest/gtest.h>

#include "base/error.hpp"

namespace flotilla::test {

/// The message of the `Error` that `work` throws; expects that it is of that kind.
template <typename Work>
std::string refusal(ErrorKind kind, Work work) {
    try {
        work();
        return "nothing was thrown";
    } catch (const Error& error) {
        EXPECT_EQ(error.kind(), kind) << error.what();
        return error.what();
    }
}

}  // namespace flotilla::test
