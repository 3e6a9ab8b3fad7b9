#include "app/tokens.hpp"

#include <system_error>

#include "app/data_folder.hpp"
#include "app/database.hpp"
#include "app/host_config.hpp"
#include "base/crypto.hpp"
#include "base/error.hpp"
#include "base/log.hpp"

namespace flotilla {

DatabaseTokens::Opened DatabaseTokens::open(const std::filesystem::path& folder, MissingDatabase missing) {
    const Config config = load_host_config(folder);
    configure_log(LogFormat::plain, LogLevel::warning);  // a command says itself what it did
    const auto file = sqlite_file(config);
    if (!file) {
        return {opened_database(config), std::nullopt};
    }
    std::error_code error;
    const bool is_there = std::filesystem::exists(*file, error);
    if (!is_there && missing == MissingDatabase::refused) {
        throw not_found(
            "there is no database {}: give the server's own --config, or start it once, which makes one",
            file->string());
    }
    if (!is_there) {
        make_data_folder(config.data_dir);
    }
    return {opened_database(config), is_there ? std::nullopt : file};
}

DatabaseTokens::DatabaseTokens(const std::filesystem::path& folder, MissingDatabase missing)
    : opened_(open(folder, missing)), store_(*opened_.database), service_(store_, clock_) {}

std::string DatabaseTokens::create(const std::string& name) {
    return service_.create(name, unguessable_bytes(access_token_bytes));
}

}  // namespace flotilla
