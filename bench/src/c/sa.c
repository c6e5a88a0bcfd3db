#include "sa.h"
#include <openssl/rand.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const Suite SUITES[] = {
    {"3des-cbc/hmac-sha1-96", CBC, "DES-EDE3-CBC", HMAC_SHA1, 8, 0, 8, 12},
    {"aes-128-cbc/hmac-sha1-96", CBC, "AES-128-CBC", HMAC_SHA1, 16, 0, 16, 12},
    {"aes-128-cbc/hmac-sha2-256-128", CBC, "AES-128-CBC", HMAC_SHA256, 16, 0, 16, 16},
    {"aes-128-gcm-16", GCM, "AES-128-GCM", NO_MAC, 4, 4, 8, 16},
    {"chacha20-poly1305", GCM, "ChaCha20-Poly1305", NO_MAC, 4, 4, 8, 16},
    {"null/hmac-sha1-96", NO_CIPHER, NULL, HMAC_SHA1, 4, 0, 0, 12},
    {"aes-128-ctr/hmac-sha1-96", CTR, "AES-128-CTR", HMAC_SHA1, 4, 4, 8, 12},
    {"aes-128-gcm-8", GCM, "AES-128-GCM", NO_MAC, 4, 4, 8, 8},
    {"aes-128-ccm-16", CCM, "AES-128-CCM", NO_MAC, 4, 3, 8, 16},
    {"aes-128-gmac", GMAC, "AES-128-GCM", NO_MAC, 4, 4, 8, 16},
    {"aes-128-cbc/aes-xcbc-96", CBC, "AES-128-CBC", XCBC, 16, 0, 16, 12},
    {"aes-128-cbc/aes-cmac-96", CBC, "AES-128-CBC", CMAC, 16, 0, 16, 12},
};

static const uint8_t ZEROS[AES_BLOCK];

void fail(const char *what) {
  fprintf(stderr, "esp: %s\n", what);
  exit(1);
}

void need(int worked) {
  if (worked != 1) fail("OpenSSL refused a call");
}

const Suite *suite_named(const char *name) {
  for (size_t i = 0; i < sizeof SUITES / sizeof *SUITES; i++)
    if (strcmp(SUITES[i].name, name) == 0) return &SUITES[i];
  fail("unknown suite");
  return NULL;
}

int is_aead(const Suite *suite) { return suite->mac == NO_MAC; }

static EVP_CIPHER_CTX *cipher_context(const Suite *suite, const uint8_t *key, int sealing) {
  uint8_t iv[16];
  EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
  need(RAND_bytes(iv, sizeof iv));
  need(EVP_CipherInit_ex(context, EVP_get_cipherbyname(suite->cipher), NULL, NULL, NULL, sealing));
  if (is_aead(suite)) need(EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_IVLEN, suite->salt + suite->iv, NULL));
  if (suite->mode == CCM) need(EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, suite->icv, NULL));
  need(EVP_CipherInit_ex(context, NULL, NULL, key, iv, sealing));
  EVP_CIPHER_CTX_set_padding(context, 0);
  return context;
}

static void encrypt_block(const uint8_t *key, const uint8_t *block, uint8_t *out) {
  int length;
  EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
  need(EVP_EncryptInit_ex(context, EVP_aes_128_ecb(), NULL, key, NULL));
  need(EVP_EncryptUpdate(context, out, &length, block, AES_BLOCK));
  EVP_CIPHER_CTX_free(context);
}

/* Times x in GF(2^128) (RFC 4493 2.3). */
static void twice(const uint8_t *block, uint8_t *out) {
  int high = block[0] >> 7;
  for (int i = 0; i < AES_BLOCK; i++) out[i] = block[i] << 1 | (i + 1 < AES_BLOCK ? block[i + 1] >> 7 : 0);
  if (high) out[AES_BLOCK - 1] ^= 0x87;
}

/* RFC 3566 4, RFC 4493 2.3. */
static void create_chain(Sa *sa, const uint8_t *key) {
  uint8_t first[AES_BLOCK];
  sa->chain = EVP_CIPHER_CTX_new();
  if (sa->suite->mac == XCBC) {
    uint8_t ones[AES_BLOCK], twos[AES_BLOCK], threes[AES_BLOCK];
    memset(ones, 1, AES_BLOCK);
    memset(twos, 2, AES_BLOCK);
    memset(threes, 3, AES_BLOCK);
    encrypt_block(key, ones, first);
    encrypt_block(key, twos, sa->whole);
    encrypt_block(key, threes, sa->padded);
    key = first;
  } else {
    encrypt_block(key, ZEROS, first);
    twice(first, sa->whole);
    twice(sa->whole, sa->padded);
  }
  need(EVP_EncryptInit_ex(sa->chain, EVP_aes_128_cbc(), NULL, key, ZEROS));
  EVP_CIPHER_CTX_set_padding(sa->chain, 0);
}

void create_sa(Sa *sa, const Suite *suite, const uint8_t *key, const uint8_t *salt, const uint8_t *integrity,
               int integrity_octets) {
  sa->suite = suite;
  memcpy(sa->salt, salt, suite->salt);
  if (suite->cipher) {
    sa->encrypt = cipher_context(suite, key, 1);
    sa->decrypt = cipher_context(suite, key, 0);
  }
  if (suite->mac == HMAC_SHA1 || suite->mac == HMAC_SHA256) {
    const EVP_MD *hash = suite->mac == HMAC_SHA1 ? EVP_sha1() : EVP_sha256();
    sa->hmac = HMAC_CTX_new();
    need(HMAC_Init_ex(sa->hmac, integrity, integrity_octets, hash, NULL));
  } else if (!is_aead(suite)) {
    create_chain(sa, integrity);
  }
}

void free_sa(Sa *sa) {
  EVP_CIPHER_CTX_free(sa->encrypt);
  EVP_CIPHER_CTX_free(sa->decrypt);
  EVP_CIPHER_CTX_free(sa->chain);
  HMAC_CTX_free(sa->hmac);
  memset(sa, 0, sizeof *sa);
}

static void hmac(Sa *sa, const uint8_t *octets, int count, uint8_t *digest) {
  unsigned length;
  need(HMAC_Init_ex(sa->hmac, NULL, 0, NULL, NULL));
  need(HMAC_Update(sa->hmac, octets, count));
  need(HMAC_Final(sa->hmac, digest, &length));
}

static void aes_mac(Sa *sa, const uint8_t *octets, int count, uint8_t *digest) {
  uint8_t last[AES_BLOCK] = {0}, blocks[MOST];
  int length, before = (count - 1) / AES_BLOCK * AES_BLOCK, rest = count - before;
  const uint8_t *mixed = rest == AES_BLOCK ? sa->whole : sa->padded;
  memcpy(last, octets + before, rest);
  if (rest < AES_BLOCK) last[rest] = 0x80;
  for (int i = 0; i < AES_BLOCK; i++) last[i] ^= mixed[i];
  need(EVP_EncryptInit_ex(sa->chain, NULL, NULL, NULL, ZEROS));
  need(EVP_EncryptUpdate(sa->chain, blocks, &length, octets, before));
  need(EVP_EncryptUpdate(sa->chain, digest, &length, last, AES_BLOCK));
}

void authenticate(Sa *sa, const uint8_t *octets, int count, uint8_t *digest) {
  if (sa->hmac) hmac(sa, octets, count, digest);
  else aes_mac(sa, octets, count, digest);
}
