#include "base/crypto.hpp"

#include <gtest/gtest.h>

namespace flotilla {
namespace {

// The examples of FIPS 180-4, see https://csrc.nist.gov/projects/cryptographic-standards-and-guidelines
TEST(Crypto, Sha256IsThatOfTheStandard) {
    EXPECT_EQ(sha256_of("abc"), "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    Sha256 sha;
    sha.add("a");
    sha.add("bc");
    EXPECT_EQ(sha.digest(), sha256_of("abc"));
}

// RFC 4231, section 4.3.
TEST(Crypto, HmacIsThatOfTheStandard) {
    EXPECT_EQ(hmac_sha256("Jefe", "what do ya want for nothing?"),
              "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
}

TEST(Crypto, TextsAreEqualOrNot) {
    EXPECT_TRUE(equal_in_constant_time("", ""));
    EXPECT_TRUE(equal_in_constant_time("abc", "abc"));
    EXPECT_FALSE(equal_in_constant_time("abc", "abd"));
    EXPECT_FALSE(equal_in_constant_time("abc", "abcd"));
}

TEST(Crypto, UnguessableBytesDifferEachTime) {
    EXPECT_EQ(unguessable_bytes(32).size(), 32U);
    EXPECT_NE(unguessable_bytes(32), unguessable_bytes(32));
}

}  // namespace
}  // namespace flotilla
