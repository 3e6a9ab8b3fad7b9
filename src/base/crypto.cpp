#include "base/crypto.hpp"

#include <array>
#include <cerrno>
#include <new>
#include <stdexcept>
#include <system_error>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <sys/random.h>

#include "base/hex.hpp"

namespace flotilla {

namespace {

using DigestBytes = std::array<unsigned char, EVP_MAX_MD_SIZE>;

/// Fetched once: looking it up takes a lock of all threads and longer than a short digest itself, see
/// ossl-guide-libcrypto-introduction(7), "Performance".
const EVP_MD* sha256() {
    static const EVP_MD* const algorithm = EVP_MD_fetch(nullptr, "SHA256", nullptr);
    if (algorithm == nullptr) {
        throw std::runtime_error("OpenSSL offers no SHA-256");
    }
    return algorithm;
}

std::string hex_of(const DigestBytes& bytes, unsigned int size) {
    return hex_text({reinterpret_cast<const char*>(bytes.data()), size});
}

}  // namespace

Sha256::Sha256() : context_(EVP_MD_CTX_new()) {
    if (context_ == nullptr) {
        throw std::bad_alloc();
    }
    if (EVP_DigestInit_ex(context_, sha256(), nullptr) != 1) {
        EVP_MD_CTX_free(context_);
        throw std::runtime_error("OpenSSL cannot compute SHA-256");
    }
}

Sha256::~Sha256() {
    EVP_MD_CTX_free(context_);
}

void Sha256::add(std::string_view bytes) {
    EVP_DigestUpdate(context_, bytes.data(), bytes.size());
}

std::string Sha256::digest() {
    DigestBytes bytes{};
    unsigned int size = 0;
    EVP_DigestFinal_ex(context_, bytes.data(), &size);
    return "sha256:" + hex_of(bytes, size);
}

std::string sha256_of(std::string_view bytes) {
    Sha256 sha;
    sha.add(bytes);
    return sha.digest();
}

std::string hmac_sha256(std::string_view key, std::string_view bytes) {
    DigestBytes code{};
    unsigned int size = 0;
    if (HMAC(sha256(), key.data(), static_cast<int>(key.size()),
             reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(), code.data(),
             &size) == nullptr) {
        throw std::runtime_error("OpenSSL cannot compute HMAC-SHA-256");
    }
    return hex_of(code, size);
}

bool equal_in_constant_time(std::string_view left, std::string_view right) {
    return left.size() == right.size() && CRYPTO_memcmp(left.data(), right.data(), left.size()) == 0;
}

std::string unguessable_bytes(std::size_t size) {
    std::string bytes(size, '\0');
    if (::getrandom(bytes.data(), bytes.size(), 0) != static_cast<ssize_t>(bytes.size())) {
        throw std::system_error(errno, std::generic_category(), "getrandom");
    }
    return bytes;
}

}  // namespace flotilla
