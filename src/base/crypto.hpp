#pragma once

#include <string>
#include <string_view>

struct evp_md_ctx_st;

namespace flotilla {

/// Computes a SHA-256 digest (FIPS 180-4) piece by piece.
class Sha256 {
public:
    Sha256();
    Sha256(const Sha256&) = delete;
    Sha256& operator=(const Sha256&) = delete;
    ~Sha256();
    void add(std::string_view bytes);
    /// `sha256:` and 64 hexadecimal digits. Call it once, at the end.
    [[nodiscard]] std::string digest();

private:
    evp_md_ctx_st* context_;
};

/// The digest of `bytes`: `sha256:...`.
[[nodiscard]] std::string sha256_of(std::string_view bytes);

/// HMAC-SHA-256 (RFC 2104) of `bytes`: 64 hexadecimal digits.
[[nodiscard]] std::string hmac_sha256(std::string_view key, std::string_view bytes);

/// Whether two texts are equal; how long that takes does not depend on where they differ.
[[nodiscard]] bool equal_in_constant_time(std::string_view left, std::string_view right);

/// `size` bytes that nobody can guess, from the kernel. Throws std::system_error.
[[nodiscard]] std::string unguessable_bytes(std::size_t size);

}  // namespace flotilla
