#include <charconv>

#include "store/migrations.hpp"

// The scripts of the folder migrations/, which the binary carries; CMakeLists.txt lists them.
#define MIGRATION(name)                                \
    extern "C" const char flotilla_migration_##name[]; \
    extern "C" const char flotilla_migration_##name##_end[];
#include "store/migrations.inc"
#undef MIGRATION

namespace flotilla {

namespace {

/// Its name begins with its number, in four digits.
Migration migration(std::string_view name, const char* begin, const char* end) {
    int number = 0;
    std::from_chars(name.data(), name.data() + name.size(), number);
    return {number, name, {begin, end}};
}

}  // namespace

const std::vector<Migration>& migrations() {
    static const std::vector<Migration> list{
#define MIGRATION(name) migration(#name, flotilla_migration_##name, flotilla_migration_##name##_end),
#include "store/migrations.inc"
#undef MIGRATION
    };
    return list;
}

}  // namespace flotilla
