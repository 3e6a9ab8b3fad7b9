// flotilla_claims DATABASE_URL CLUSTER ROUNDS: takes 16 runs from the queue in a database, on a cluster that
// has room for as many, and gives them back, as often as that. Prints what it took to take them in
// milliseconds, p50 and p99.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include "queue/sql/sql_run_queue.hpp"
#include "store/postgres/postgres_database.hpp"
#include "store/sqlite/sqlite_database.hpp"

using namespace flotilla;

namespace {

constexpr std::size_t at_once = 16;

std::unique_ptr<SqlDatabase> open(const std::string& url) {
    const std::string sqlite = "sqlite:";
    if (url.starts_with(sqlite)) {
        return std::make_unique<SqliteDatabase>(url.substr(sqlite.size()));
    }
    return std::make_unique<PostgresDatabase>(parse_postgres_address(url));
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 4) {
        std::fprintf(stderr, "flotilla_claims DATABASE_URL CLUSTER ROUNDS\n");
        return 2;
    }
    const auto database = open(argv[1]);
    const Cluster cluster{
        .name = argv[2], .engine = "local", .memory = 16 * at_once, .cpu = {}, .max_running = {}};
    SystemClock clock;
    SqlRunQueue queue(*database, clock, std::chrono::seconds{600});
    std::vector<double> times;
    for (int round = std::atoi(argv[3]); round > 0; --round) {
        const auto begin = std::chrono::steady_clock::now();
        auto leases = queue.take(cluster, at_once, {});
        times.push_back(
            std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begin).count());
        if (leases.size() != at_once) {
            std::fprintf(stderr, "only %zu runs were there\n", leases.size());
            return 1;
        }
    }
    std::sort(times.begin(), times.end());
    std::printf("%.2f %.2f\n", times[times.size() / 2], times[times.size() * 99 / 100]);
    return 0;
}
