// What PostgreSQL alone does, or does in its own way.
#include <atomic>
#include <thread>

#include <gmock/gmock.h>

#include "base/error.hpp"
#include "contract/stores.hpp"

namespace flotilla {
namespace {

using namespace std::chrono_literals;
using testing::AllOf;
using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;

std::string mistake_of(const std::string& url) {
    try {
        static_cast<void>(parse_postgres_address(url));
    } catch (const Error& error) {
        return error.what();
    }
    return {};
}

TEST(PostgresAddressTest, IsReadAsLibpqAndGoTakeIt) {
    const auto uri = parse_postgres_address("postgres://ann:p%40ss@db.example:5433/flotilla?sslmode=disable");
    EXPECT_EQ(uri.parameters.at("user"), "ann");
    EXPECT_EQ(uri.parameters.at("password"), "p@ss");
    EXPECT_EQ(uri.parameters.at("host"), "db.example");
    EXPECT_EQ(uri.parameters.at("port"), "5433");
    EXPECT_EQ(uri.parameters.at("sslmode"), "disable");
    EXPECT_EQ(uri.text(), "flotilla on db.example");
    const auto words = parse_postgres_address("host=/run/postgresql dbname=flotilla user=ann");
    EXPECT_EQ(words.parameters.at("host"), "/run/postgresql");
    EXPECT_EQ(words.parameters.at("dbname"), "flotilla");
}

TEST(PostgresAddressTest, WhatIsNoKeywordIsASettingOfTheSession) {
    const auto address = parse_postgres_address(
        "postgresql://h/d?binary_parameters=yes&search_path=a%20b&statement_timeout=5s&connect_timeout=2");
    EXPECT_THAT(address.parameters.at("options"),
                HasSubstr(R"(-c search_path=a\ b -c statement_timeout=5s)"));
    EXPECT_THAT(address.parameters.at("options"), Not(HasSubstr("binary")));
    EXPECT_EQ(address.parameters.at("connect_timeout"), "2");
}

TEST(PostgresAddressTest, KeywordsTakeQuotesEscapesAndBlanks) {
    const auto address = parse_postgres_address(
        " host = /run/postgresql\tport=5433\nuser='a b' password=a\\ b=c dbname = 'it\\'s'"
        " options='-c a=b -c c=d' search_path='x, y' statement_timeout=5s");
    EXPECT_EQ(address.parameters.at("host"), "/run/postgresql");
    EXPECT_EQ(address.parameters.at("port"), "5433");
    EXPECT_EQ(address.parameters.at("user"), "a b");
    EXPECT_EQ(address.parameters.at("password"), "a b=c");
    EXPECT_EQ(address.parameters.at("dbname"), "it's");
    EXPECT_THAT(address.parameters.at("options"),
                EndsWith(R"( -c a=b -c c=d -c search_path=x,\ y -c statement_timeout=5s)"));
}

TEST(PostgresAddressTest, AUriMayLeaveEqualsBlanksAndQuestionMarksAsTheyAre) {
    const auto address = parse_postgres_address("postgres://x:a?b=c&d@h/d?options=-c search_path=other");
    EXPECT_EQ(address.parameters.at("password"), "a?b=c&d");
    EXPECT_THAT(address.parameters.at("options"), EndsWith(" -c search_path=other"));
    EXPECT_FALSE(parse_postgres_address("postgresql://").parameters.contains("host"));
}

TEST(PostgresAddressTest, AMistakeIsSaidAndNothingOfTheText) {
    for (const auto* url : {"postgresql://ann:hun/ter@host/d", "postgresql://ann:hun%ter@host/d",
                            "postgresql://ann:hun@ter@host/d", "postgresql://ann:12/ter@host/d",
                            "postgresql://ann@host/d?password=hun&ter", "postgresql://ann@host/d?hun-ter=1",
                            "host=h password=hun ter dbname=d", "host=h password=hun ter=1-2 3",
                            "password='hunter dbname=d", "dbname=d port=hunter"}) {
        EXPECT_THAT(mistake_of(url),
                    AllOf(HasSubstr("%2F"), HasSubstr("password='PASSWORD'"), Not(HasSubstr("hun")),
                          Not(HasSubstr("ter@")), Not(HasSubstr("12"))))
            << url;
    }
}

/// Two servers' connections to one database.
class PostgresTest : public testing::Test {
protected:
    PostgresTest() { migrate(first); }

    const test::TestSchema schema;
    PostgresDatabase first{parse_postgres_address(schema.url)};
    PostgresDatabase second{parse_postgres_address(schema.url)};
};

TEST_F(PostgresTest, AServerIsWokenByAnother) {
    Wake wake;
    const Listening listening(second, "submit default", wake);
    static_cast<void>(wake.take());
    // Until the other listens, what is announced is not heard: it is woken when it begins to.
    const auto patience = std::chrono::steady_clock::now() + 30s;
    bool is_woken = false;
    while (!is_woken && std::chrono::steady_clock::now() < patience) {
        first.announce("submit default");
        const auto begin = std::chrono::steady_clock::now();
        wake.wait({}, 100ms);
        is_woken = std::chrono::steady_clock::now() - begin < 90ms;
    }
    EXPECT_TRUE(is_woken);
}

TEST_F(PostgresTest, TwoTransactionsThatWaitForEachOtherBothSucceed) {
    first.write([](SqlSession& session) {
        session.execute("CREATE TABLE numbers (number BIGINT PRIMARY KEY, count BIGINT NOT NULL)", {});
        session.execute("INSERT INTO numbers VALUES (1, 0), (2, 0)", {});
    });
    const auto add = [](SqlSession& session, std::int64_t number) {
        session.execute("UPDATE numbers SET count = count + 1 WHERE number = $1", {number});
    };
    std::atomic<int> begun = 0;
    const auto cross = [&](PostgresDatabase& database, std::int64_t one, std::int64_t other) {
        database.write([&](SqlSession& session) {
            add(session, one);
            ++begun;
            while (begun < 2) {
                std::this_thread::yield();
            }
            add(session, other);
        });
    };
    {
        const std::jthread thread([&] { cross(first, 1, 2); });
        cross(second, 2, 1);
    }
    std::int64_t sum = 0;
    first.read([&](SqlSession& session) {
        session.query("SELECT count FROM numbers", {}, [&](const SqlRow& row) { sum += row.integer(0); });
    });
    EXPECT_EQ(sum, 4);
}

TEST_F(PostgresTest, AConnectionThatBrokeIsReplacedAndNothingFails) {
    const auto kill_others = [&] {
        second.write([](SqlSession& session) {
            session.query(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()"
                " AND backend_type = 'client backend'",
                {}, [](const SqlRow&) {});
        });
    };
    SqlDefinitionStore definitions(first);
    definitions.insert(test::sample_definition("a"));
    EXPECT_TRUE(definitions.find_by_alias("a"));
    kill_others();
    EXPECT_TRUE(definitions.find_by_alias("a"));
    kill_others();
    EXPECT_NO_THROW(definitions.insert(test::sample_definition("b")));
}

TEST_F(PostgresTest, ManyServersMigrateAtOnceAndItIsDoneOnce) {
    const test::TestSchema empty;
    {
        std::vector<std::jthread> servers;
        for (int i = 0; i < 5; ++i) {
            servers.emplace_back([&] {
                PostgresDatabase database{parse_postgres_address(empty.url)};
                EXPECT_NO_THROW(migrate(database));
            });
        }
    }
    PostgresDatabase database{parse_postgres_address(empty.url)};
    EXPECT_TRUE(missing_migrations(database).empty());
}

TEST_F(PostgresTest, ANulInATextIsStoredAsTheReplacementCharacter) {
    first.write([](SqlSession& session) {
        session.execute("INSERT INTO server_keys (purpose, secret_key) VALUES ('x', $1)",
                        {std::string("a\0b", 3)});
    });
    std::string text;
    first.read([&](SqlSession& session) {
        session.query("SELECT secret_key FROM server_keys", {},
                      [&](const SqlRow& row) { text = row.text(0); });
    });
    EXPECT_EQ(text,
              "a\xEF\xBF\xBD"
              "b");
}

}  // namespace
}  // namespace flotilla
