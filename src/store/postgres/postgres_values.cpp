#include "store/postgres/postgres_values.hpp"

#include <charconv>
#include <cstddef>

#include <endian.h>

#include "base/overloaded.hpp"

namespace flotilla {

namespace {

// Object ids of types (src/include/catalog/pg_type.dat of PostgreSQL).
constexpr Oid any_type = 0;
constexpr Oid int8_type = 20;
constexpr Oid text_type = 25;

}  // namespace

PostgresParameters::PostgresParameters(const std::vector<SqlValue>& values) {
    numbers_.reserve(values.size());
    for (const SqlValue& value : values) {
        std::visit(Overloaded{
                       [&](std::nullptr_t) { add(nullptr, 0); },
                       [&](std::int64_t number) {
                           numbers_.push_back(::htobe64(static_cast<std::uint64_t>(number)));
                           add(reinterpret_cast<const char*>(&numbers_.back()), sizeof(std::uint64_t));
                       },
                       [&](const std::string& text) { add_text(text); },
                   },
                   value);
    }
    formats_.assign(values.size(), 1);
}

void PostgresParameters::add(const char* pointer, std::size_t length) {
    pointers_.push_back(pointer);
    lengths_.push_back(static_cast<int>(length));
}

/// PostgreSQL's texts hold no NUL; the last line of a log, which a run's reason quotes, may.
void PostgresParameters::add_text(const std::string& text) {
    if (text.find('\0') == std::string::npos) {
        add(text.data(), text.size());
        return;
    }
    std::string& clean = cleaned_.emplace_back();
    for (const char c : text) {
        clean += c == '\0' ? std::string("\xEF\xBF\xBD") : std::string(1, c);
    }
    add(clean.data(), clean.size());
}

std::vector<Oid> postgres_types(const std::vector<SqlValue>& values) {
    std::vector<Oid> types;
    types.reserve(values.size());
    for (const SqlValue& value : values) {
        types.push_back(std::visit(
            Overloaded{[](std::nullptr_t) { return any_type; }, [](std::int64_t) { return int8_type; },
                       [](const std::string&) { return text_type; }},
            value));
    }
    return types;
}

bool PostgresRow::is_null(int column) const {
    return ::PQgetisnull(&result_, row_, column) != 0;
}

std::int64_t PostgresRow::integer(int column) const {
    std::int64_t value = 0;
    const char* const begin = ::PQgetvalue(&result_, row_, column);
    std::from_chars(begin, begin + ::PQgetlength(&result_, row_, column), value);
    return value;
}

std::string PostgresRow::text(int column) const {
    return {::PQgetvalue(&result_, row_, column),
            static_cast<std::size_t>(::PQgetlength(&result_, row_, column))};
}

}  // namespace flotilla
