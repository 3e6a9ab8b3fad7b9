#pragma once

#include <string>
#include <string_view>

struct evp_md_ctx_st;

namespace flotilla {

/// Computes a SHA-256 digest piece by piece.
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

/// Whether `text` is `sha256:` and 64 hexadecimal digits, so that it may become part of a file name.
[[nodiscard]] bool is_sha256_digest(std::string_view text);

/// The hexadecimal digits of a digest.
[[nodiscard]] std::string digest_hex(std::string_view digest);

}  // namespace flotilla
