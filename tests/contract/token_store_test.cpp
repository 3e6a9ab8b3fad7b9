#include "base/error.hpp"
#include "contract/stores.hpp"
#include "store/sql_token_store.hpp"

namespace flotilla {
namespace {

using test::noon;

class TokenStoreContract : public test::StoreContract {
protected:
    static AccessToken token(const std::string& name, const std::string& hash) {
        return {.name = name, .hash = hash, .created_at = noon, .last_used_at = {}, .revoked_at = {}};
    }
    SqlTokenStore tokens{database};
};

TEST_P(TokenStoreContract, ATokenIsFoundByItsHash) {
    tokens.insert(token("ada", "hash-1"));
    tokens.insert(token("bob", "hash-2"));
    EXPECT_EQ(tokens.find_valid("hash-1"), token("ada", "hash-1"));
    EXPECT_EQ(tokens.find_valid("hash-2"), token("bob", "hash-2"));
    for (const char* other : {"hash-3", "", "ada", "HASH-1", "hash-%"}) {
        EXPECT_EQ(tokens.find_valid(other), std::nullopt) << other;
    }
}

TEST_P(TokenStoreContract, ANameHasOneTokenAtATime) {
    tokens.insert(token("ada", "hash-1"));
    try {
        tokens.insert(token("ada", "hash-2"));
        FAIL();
    } catch (const Error& error) {
        EXPECT_EQ(error.kind(), ErrorKind::conflict);
    }
    EXPECT_EQ(tokens.find_valid("hash-2"), std::nullopt);
    tokens.insert(token("Ada", "hash-3"));
    EXPECT_TRUE(tokens.revoke("ada", noon));
    tokens.insert(token("ada", "hash-2"));
    EXPECT_TRUE(tokens.find_valid("hash-2"));
    EXPECT_EQ(tokens.find_valid("hash-1"), std::nullopt);
}

TEST_P(TokenStoreContract, ARevokedTokenStaysInTheListAlone) {
    tokens.insert(token("bob", "hash-2"));
    tokens.insert(token("ada", "hash-1"));
    const auto later = noon + std::chrono::seconds{5};
    EXPECT_TRUE(tokens.revoke("ada", later));
    EXPECT_FALSE(tokens.revoke("ada", later));
    EXPECT_FALSE(tokens.revoke("eve", later));
    EXPECT_EQ(tokens.find_valid("hash-1"), std::nullopt);
    auto revoked = token("ada", "hash-1");
    revoked.revoked_at = later;
    EXPECT_EQ(tokens.list(), (std::vector{revoked, token("bob", "hash-2")}));
}

TEST_P(TokenStoreContract, ItsLastUseIsKept) {
    tokens.insert(token("ada", "hash-1"));
    tokens.insert(token("bob", "hash-2"));
    const auto later = noon + std::chrono::minutes{5};
    tokens.note_use("hash-1", later);
    EXPECT_EQ(tokens.find_valid("hash-1")->last_used_at, later);
    EXPECT_EQ(tokens.find_valid("hash-2")->last_used_at, std::nullopt);
}

TEST_P(TokenStoreContract, TheFirstKeyOfferedIsTheKeyOfAll) {
    EXPECT_EQ(tokens.run_token_key("one"), "one");
    EXPECT_EQ(tokens.run_token_key("two"), "one");
    EXPECT_EQ(SqlTokenStore(database).run_token_key("three"), "one");
}

INSTANTIATE_TEST_SUITE_P(Every, TokenStoreContract, test::every_database, test::database_name);

}  // namespace
}  // namespace flotilla
