#include "contract/postgres_server.hpp"

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <stdexcept>
#include <thread>

#include <fmt/format.h>
#include <libpq-fe.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

namespace flotilla::test {

namespace {

/// A server in a folder of its own.
class PostgresServer {
public:
    PostgresServer() {
        std::string path = "/tmp/flotilla-postgres-XXXXXX";
        folder_ = ::mkdtemp(path.data());
        std::string script = FLOTILLA_POSTGRES_SCRIPT;
        std::string folder = folder_.string();
        char* arguments[] = {script.data(), folder.data(), nullptr};
        if (::posix_spawn(&process_, script.c_str(), nullptr, nullptr, arguments, environ) != 0) {
            throw std::runtime_error("cannot start " + script);
        }
        using namespace std::chrono_literals;
        const auto patience = std::chrono::steady_clock::now() + 60s;
        while (::PQping(url().c_str()) != PQPING_OK) {
            if (std::chrono::steady_clock::now() > patience || ::waitpid(process_, nullptr, WNOHANG) != 0) {
                throw std::runtime_error("PostgreSQL does not start: see " + folder + "/postgres.log");
            }
            std::this_thread::sleep_for(10ms);  // NOLINT: there is nothing to wait on
        }
    }
    PostgresServer(const PostgresServer&) = delete;
    PostgresServer& operator=(const PostgresServer&) = delete;
    ~PostgresServer() {
        ::kill(process_, SIGQUIT);
        ::waitpid(process_, nullptr, 0);
        std::filesystem::remove_all(folder_);
    }
    [[nodiscard]] std::string url() const {
        return fmt::format("postgresql://flotilla@/postgres?host={}", folder_.string());
    }

private:
    std::filesystem::path folder_;
    pid_t process_ = -1;
};

std::string server_url() {
    if (const char* given = std::getenv("FLOTILLA_TEST_POSTGRES")) {
        return given;
    }
    static const PostgresServer server;
    return server.url();
}

void command(const std::string& sql) {
    PGconn* connection = ::PQconnectdb(server_url().c_str());
    PGresult* result = ::PQexec(connection, sql.c_str());
    const bool is_done = ::PQresultStatus(result) == PGRES_COMMAND_OK;
    const std::string mistake = ::PQerrorMessage(connection);
    ::PQclear(result);
    ::PQfinish(connection);
    if (!is_done) {
        throw std::runtime_error(sql + ": " + mistake);
    }
}

}  // namespace

// A schema holds the same as a database, and is made a lot sooner.
TestSchema::TestSchema() {
    static int number = 0;
    const auto schema = fmt::format("test_{}_{}", ::getpid(), ++number);
    command("CREATE SCHEMA " + schema);
    const auto server = server_url();
    url =
        fmt::format("{}{}search_path={}", server, server.find('?') == std::string::npos ? '?' : '&', schema);
}

TestSchema::~TestSchema() {
    command(fmt::format("DROP SCHEMA {} CASCADE", url.substr(url.rfind('=') + 1)));
}

}  // namespace flotilla::test
