#pragma once

#include <string>

namespace flotilla::test {

/// A database that is empty and this test's own, on a PostgreSQL that the test program starts in a folder of
/// its own when it is first asked, and ends with itself (tests/support/postgres). Where
/// FLOTILLA_TEST_POSTGRES holds the URL of a server, it is on that one.
struct TestSchema {
    TestSchema();
    ~TestSchema();
    TestSchema(const TestSchema&) = delete;
    TestSchema& operator=(const TestSchema&) = delete;

    std::string url;
};

}  // namespace flotilla::test
