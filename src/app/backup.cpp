#include "app/backup.hpp"

#include <algorithm>
#include <array>
#include <span>

#include <boost/json.hpp>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/backup_file.hpp"
#include "app/data_folder.hpp"
#include "app/database.hpp"
#include "base/clock.hpp"
#include "base/error.hpp"
#include "base/log.hpp"
#include "base/time_text.hpp"
#include "base/utf8.hpp"
#include "core/indexed_text.hpp"
#include "logs/file/log_path.hpp"
#include "store/migrations.hpp"
#include "store/table_rows.hpp"

namespace flotilla {

namespace {

namespace fs = std::filesystem;
namespace json = boost::json;

// A backup is, in this order: `about`; for each table one or more entries `tables/<table>/<number>`, of lines
// that are JSON lists, the first of them the names of the columns; entries `logs/...` as below `data_dir`.
constexpr int format = 2;  // 1: no log was compressed
constexpr std::string_view about_name = "about";
constexpr std::string_view tables_prefix = "tables/";
constexpr std::string_view logs_prefix = "logs/";
constexpr std::size_t part_size = std::size_t{4} << 20;
/// Rows that are there as soon as a server was.
constexpr std::array<std::string_view, 2> made_by_servers{"hosts", "server_keys"};

json::value to_json(const SqlValue& value) {
    return std::visit([](const auto& held) { return json::value(held); }, value);
}

SqlValue from_json(const json::value& value) {
    if (value.is_null()) {
        return nullptr;
    }
    return value.is_int64() ? SqlValue(value.as_int64()) : SqlValue(as_utf8(value.as_string()));
}

json::value parse(std::string_view text) {
    json::parse_options options;
    options.allow_invalid_utf8 = true;  // SQLite keeps whatever bytes a job wrote
    return json::parse(json::string_view(text.data(), text.size()), {}, options);
}

/// Writes the rows of one table in parts.
class TableWriter {
public:
    TableWriter(BackupWriter& file, std::string_view table, const std::vector<TableColumn>& columns)
        : file_(file), table_(table) {
        json::array names;
        for (const TableColumn& column : columns) {
            names.emplace_back(column.name);
        }
        head_ = json::serialize(names) + "\n";
        lines_ = head_;
    }

    void add(const std::vector<SqlValue>& row) {
        json::array values;
        for (const SqlValue& value : row) {
            values.push_back(to_json(value));
        }
        lines_ += json::serialize(values);
        lines_ += '\n';
        ++rows_;
        if (lines_.size() >= part_size) {
            write();
        }
    }
    void write() {
        file_.add(fmt::format("{}{}/{:06}", tables_prefix, table_, ++parts_), lines_);
        lines_ = head_;
    }
    [[nodiscard]] std::int64_t rows() const { return rows_; }

private:
    BackupWriter& file_;
    std::string table_;
    std::string head_;
    std::string lines_;
    std::int64_t rows_ = 0;
    int parts_ = 0;
};

UniqueFd open_log(const fs::path& path) {
    return UniqueFd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
}

void add_logs(BackupWriter& file, const fs::path& data_dir, BackupContents& contents) {
    std::error_code error;
    for (fs::recursive_directory_iterator entry(data_dir / "logs", error), end; !error && entry != end;
         entry.increment(error)) {
        fs::path path = entry->path();
        if (!is_log_path(path)) {
            continue;
        }
        UniqueFd log = open_log(path);
        if (!log) {  // it may have been compressed meanwhile
            path = compressed_log_path(path);
            log = open_log(path);
        }
        struct stat found {};
        if (!log || ::fstat(log.get(), &found) != 0 || !S_ISREG(found.st_mode)) {
            continue;  // it was removed meanwhile
        }
        file.add_file(path.lexically_relative(data_dir).string(), log.get(),
                      static_cast<std::uint64_t>(found.st_size));
        ++contents.logs;
        contents.log_bytes += found.st_size;
    }
}

/// What a backup says of itself.
struct About {
    std::int64_t schema = 0;
    std::string host_id;
};

About read_about(BackupReader& reader, const fs::path& file, BackupContents& contents) {
    if (reader.next() != about_name) {
        throw invalid("{} is no backup of flotilla", file.string());
    }
    const auto value = parse(reader.content());
    if (value.at("format").as_int64() > format) {
        throw invalid("{} was made by flotilla {}: restore it with that version or a newer one",
                      file.string(), json::value_to<std::string>(value.at("version")));
    }
    contents.made_at = json::value_to<std::string>(value.at("made_at"));
    contents.version = json::value_to<std::string>(value.at("version"));
    return {value.at("schema").as_int64(), json::value_to<std::string>(value.at("host_id"))};
}

/// Puts rows of a backup into a database.
class TableReader {
public:
    TableReader(SqlSession& session, const About& about, std::string host_id)
        : session_(session), from_(about.host_id), to_(std::move(host_id)) {}

    [[nodiscard]] std::int64_t fitted() const { return fitted_; }

    /// The rows of one part.
    std::int64_t insert(std::string_view table, std::string_view lines) {
        const auto columns = json::value_to<std::vector<std::string>>(parse(next_line(lines)));
        const auto sql = insert_sql(table, columns);
        const auto host = std::ranges::find_if(
            columns, [](const std::string& name) { return name == "host" || name == "host_id"; });
        const auto host_place = static_cast<std::size_t>(host - columns.begin());
        std::int64_t rows = 0;
        while (!lines.empty()) {
            std::vector<SqlValue> values;
            const json::value row = parse(next_line(lines));
            for (const json::value& value : row.as_array()) {
                values.push_back(from_json(value));
            }
            ++rows;
            fit(columns, values);
            if (host_place < values.size() && values[host_place] == SqlValue(from_)) {
                if (table == "hosts") {
                    continue;  // this one says itself that it is there
                }
                values[host_place] = to_;
            }
            session_.execute(sql, values);
        }
        return rows;
    }

private:
    /// SQLite holds texts of any length in its indexes, and held them before there was a bound.
    void fit(const std::vector<std::string>& columns, std::vector<SqlValue>& values) {
        static constexpr std::array<std::string_view, 5> indexed{"alias", "group_name", "cluster", "owner",
                                                                 "tag"};
        if (session_.dialect().kind() == SqlKind::sqlite) {
            return;
        }
        for (std::size_t i = 0; i < values.size(); ++i) {
            auto* text = std::get_if<std::string>(&values[i]);
            if (text != nullptr && text->size() > longest_indexed_text &&
                std::ranges::find(indexed, columns[i]) != indexed.end()) {
                *text = fitted_indexed_text(*text);
                ++fitted_;
            }
        }
    }

    static std::string_view next_line(std::string_view& lines) {
        const auto end = std::min(lines.find('\n'), lines.size());
        const auto line = lines.substr(0, end);
        lines.remove_prefix(std::min(end + 1, lines.size()));
        return line;
    }

    SqlSession& session_;
    std::string from_;
    std::string to_;
    std::int64_t fitted_ = 0;
};

/// Throws unless nobody has put anything there.
void require_empty(SqlSession& session) {
    for (const std::string_view table : data_tables()) {
        if (std::ranges::find(made_by_servers, table) == made_by_servers.end() && !is_empty(session, table)) {
            throw invalid("the database is not empty, it has {}: restore into an empty one", table);
        }
    }
}

void restore_tables(SqlDatabase& database, const fs::path& file, const About& about,
                    const std::string& host_id, BackupContents& contents) {
    database.write([&](SqlSession& session) {
        contents.rows.clear();
        require_empty(session);
        for (const std::string_view table : made_by_servers) {
            session.execute(fmt::format("DELETE FROM {}", table), {});
        }
        TableReader tables(session, about, host_id);
        BackupReader reader(file);
        for (auto name = reader.next(); name; name = reader.next()) {
            if (name->starts_with(tables_prefix)) {
                const auto table =
                    name->substr(tables_prefix.size(), name->rfind('/') - tables_prefix.size());
                contents.rows[table] += tables.insert(table, reader.content());
            } else if (*name != about_name) {
                break;  // the tables are over
            }
        }
        contents.fitted = tables.fitted();
    });
}

bool is_log(const fs::path& name) {
    const auto depth = std::distance(name.begin(), name.end());
    return depth == 3 && is_log_path(name) && std::ranges::find(name, "..") == name.end();
}

void restore_log(BackupReader& reader, const fs::path& path, BackupContents& contents) {
    fs::create_directories(path.parent_path());
    const auto unfinished = path.string() + ".unfinished";
    const UniqueFd log(::open(unfinished.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
    if (!log) {
        throw_errno(fmt::format("cannot write {}", unfinished));
    }
    reader.content([&](std::string_view bytes) {
        contents.log_bytes += static_cast<std::int64_t>(bytes.size());
        write_all(log.get(), bytes, unfinished);
    });
    fs::rename(unfinished, path);
    ++contents.logs;
}

void restore_logs(const fs::path& file, const fs::path& data_dir, BackupContents& contents) {
    BackupReader reader(file);
    for (auto name = reader.next(); name; name = reader.next()) {
        if (name->starts_with(logs_prefix) && is_log(*name) && !fs::exists(data_dir / *name)) {
            restore_log(reader, data_dir / *name, contents);
        }
    }
}

/// Brings an empty database to the schema of the backup.
void prepare(SqlDatabase& database, const About& about, const fs::path& file) {
    if (about.schema > migrations().back().number) {
        throw invalid("{} has schema version {}, this program knows only {}: use a newer version of it",
                      file.string(), about.schema, migrations().back().number);
    }
    if (const auto version = schema_version(database); version > about.schema) {
        database.read(require_empty);
        throw invalid("the database has schema version {} already, the backup {}: restore into a new one",
                      version, about.schema);
    }
    const auto& known = migrations();
    migrate(database, std::span(known).first(static_cast<std::size_t>(about.schema)));
}

}  // namespace

BackupContents back_up(const Config& config, const fs::path& file, BackupLogs logs) {
    const auto database = existing_database(config);
    if (const auto version = schema_version(*database); version != migrations().back().number) {
        const bool is_newer = version > migrations().back().number;
        throw invalid(
            "the database has schema version {}, this program {}: {}", version, migrations().back().number,
            is_newer ? "back it up with the version that made it so" : "run `flotilla migrate` first");
    }
    BackupContents contents;
    contents.made_at = to_rfc3339(SystemClock().now());
    contents.version = FLOTILLA_VERSION;
    BackupWriter writer(file);
    writer.add(std::string(about_name),
               json::serialize(json::object{{"format", format},
                                            {"version", contents.version},
                                            {"schema", migrations().back().number},
                                            {"made_at", contents.made_at},
                                            {"host_id", host_id_in(config.data_dir)}}));
    database->read([&](SqlSession& session) {
        for (const std::string_view table : data_tables()) {
            const auto columns = columns_of(session, table);
            TableWriter rows(writer, table, columns);
            read_rows(session, table, columns, [&](const std::vector<SqlValue>& row) { rows.add(row); });
            rows.write();
            contents.rows.emplace(table, rows.rows());
        }
    });
    if (logs == BackupLogs::with) {
        add_logs(writer, config.data_dir, contents);
    }
    writer.finish();
    return contents;
}

BackupContents restore(const Config& config, const fs::path& file) {
    configure_log(LogFormat::plain, LogLevel::warning);  // a command says itself what it did
    BackupReader::verify(file);
    const DataFolder folder(config.data_dir);  // no server may have it
    BackupContents contents;
    BackupReader reader(file);
    const About about = read_about(reader, file, contents);
    const auto database = unprepared_database(config);
    prepare(*database, about, file);
    database->read(require_empty);
    restore_logs(file, config.data_dir, contents);
    restore_tables(*database, file, about, folder.host_id(), contents);
    migrate(*database);
    if (const auto statement = database->dialect().after_filling(); !statement.empty()) {
        database->write([&](SqlSession& session) { session.execute(statement, {}); });
    }
    return contents;
}

}  // namespace flotilla
