#pragma once

#include "base/error.hpp"
#include "store/token_store.hpp"

namespace flotilla::test {

/// Passes everything on to another store, counts the reads, and fails when told to.
class CountingTokenStore final : public TokenStore {
public:
    explicit CountingTokenStore(TokenStore& store) : store_(store) {}

    void insert(const AccessToken& token) override { store_.insert(token); }
    std::optional<AccessToken> find_valid(const std::string& hash) override {
        ++reads;
        if (unreachable) {
            throw unavailable("the database is away");
        }
        return store_.find_valid(hash);
    }
    std::vector<AccessToken> list() override { return store_.list(); }
    bool revoke(const std::string& name, TimePoint at) override { return store_.revoke(name, at); }
    void note_use(const std::string& hash, TimePoint at) override {
        if (read_only) {
            throw unavailable("the disk is full");
        }
        store_.note_use(hash, at);
    }
    std::string run_token_key(const std::string& fresh) override { return store_.run_token_key(fresh); }

    int reads = 0;
    bool unreachable = false;
    bool read_only = false;

private:
    TokenStore& store_;
};

}  // namespace flotilla::test
