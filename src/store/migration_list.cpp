#include "store/migrations.hpp"

/// A script of the folder migrations/, which the binary carries.
#define FLOTILLA_MIGRATION(number)                       \
    extern "C" const char flotilla_migration_##number[]; \
    extern "C" const char flotilla_migration_##number##_end[];
FLOTILLA_MIGRATION(0001)
FLOTILLA_MIGRATION(0002)
FLOTILLA_MIGRATION(0003)
FLOTILLA_MIGRATION(0004)
FLOTILLA_MIGRATION(0005)
FLOTILLA_MIGRATION(0006)
FLOTILLA_MIGRATION(0007)
FLOTILLA_MIGRATION(0008)
FLOTILLA_MIGRATION(0009)
FLOTILLA_MIGRATION(0010)
FLOTILLA_MIGRATION(0011)
FLOTILLA_MIGRATION(0012)
FLOTILLA_MIGRATION(0013)
FLOTILLA_MIGRATION(0014)
FLOTILLA_MIGRATION(0015)
FLOTILLA_MIGRATION(0016)
FLOTILLA_MIGRATION(0017)
FLOTILLA_MIGRATION(0018)
FLOTILLA_MIGRATION(0019)
FLOTILLA_MIGRATION(0020)
FLOTILLA_MIGRATION(0021)
FLOTILLA_MIGRATION(0022)
#undef FLOTILLA_MIGRATION

namespace flotilla {

const std::vector<Migration>& migrations() {
    static const std::vector<Migration> list{
        {1, "0001_initial", {flotilla_migration_0001, flotilla_migration_0001_end}},
        {2, "0002_described_runs", {flotilla_migration_0002, flotilla_migration_0002_end}},
        {3, "0003_tokens", {flotilla_migration_0003, flotilla_migration_0003_end}},
        {4, "0004_limits_and_keys", {flotilla_migration_0004, flotilla_migration_0004_end}},
        {5, "0005_gpu", {flotilla_migration_0005, flotilla_migration_0005_end}},
        {6, "0006_queue_sizes", {flotilla_migration_0006, flotilla_migration_0006_end}},
        {7, "0007_runs_of_unknown_definitions", {flotilla_migration_0007, flotilla_migration_0007_end}},
        {8, "0008_hosts", {flotilla_migration_0008, flotilla_migration_0008_end}},
        {9, "0009_lists", {flotilla_migration_0009, flotilla_migration_0009_end}},
        {10, "0010_resource_use", {flotilla_migration_0010, flotilla_migration_0010_end}},
        {11, "0011_lists_down", {flotilla_migration_0011, flotilla_migration_0011_end}},
        {12, "0012_removed_runs", {flotilla_migration_0012, flotilla_migration_0012_end}},
        {13, "0013_run_env", {flotilla_migration_0013, flotilla_migration_0013_end}},
        {14, "0014_engine_objects", {flotilla_migration_0014, flotilla_migration_0014_end}},
        {15, "0015_run_counts", {flotilla_migration_0015, flotilla_migration_0015_end}},
        {16, "0016_waiting_owners", {flotilla_migration_0016, flotilla_migration_0016_end}},
        {17, "0017_unfinished_runs", {flotilla_migration_0017, flotilla_migration_0017_end}},
        {18, "0018_message_due", {flotilla_migration_0018, flotilla_migration_0018_end}},
        {19, "0019_lists_of_some", {flotilla_migration_0019, flotilla_migration_0019_end}},
        {20, "0020_leases_of_hosts", {flotilla_migration_0020, flotilla_migration_0020_end}},
        {21, "0021_object_digests", {flotilla_migration_0021, flotilla_migration_0021_end}},
        {22, "0022_log_locations", {flotilla_migration_0022, flotilla_migration_0022_end}},
    };
    return list;
}

}  // namespace flotilla
