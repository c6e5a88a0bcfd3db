/* An SA and its contexts, which are made once and reused for every packet. */
#ifndef SA_H
#define SA_H

#define OPENSSL_API_COMPAT 0x10100000L
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdint.h>

enum { HEADER = 8, TRAILER = 2, MOST_SALT = 4, AES_BLOCK = 16, MOST = 4096 };

typedef enum { NO_CIPHER, CBC, CTR, GCM, GMAC, CCM } Mode;
typedef enum { NO_MAC, HMAC_SHA1, HMAC_SHA256, XCBC, CMAC } Mac;

typedef struct {
  const char *name;
  Mode mode;
  const char *cipher;
  Mac mac;
  int block, salt, iv, icv;
} Suite;

typedef struct {
  const Suite *suite;
  EVP_CIPHER_CTX *encrypt, *decrypt;
  HMAC_CTX *hmac;
  /* AES-XCBC and AES-CMAC: CBC of the whole message, whose last block is mixed with the key for whole or padded ones. */
  EVP_CIPHER_CTX *chain;
  uint8_t whole[AES_BLOCK], padded[AES_BLOCK];
  uint8_t salt[MOST_SALT];
  uint32_t sequence;
} Sa;

void fail(const char *what);
void need(int worked);

/* Ends the program where there is none of that name. */
const Suite *suite_named(const char *name);
int is_aead(const Suite *suite);
void create_sa(Sa *sa, const Suite *suite, const uint8_t *key, const uint8_t *salt, const uint8_t *integrity,
               int integrity_octets);
void free_sa(Sa *sa);

/* The SA's HMAC, AES-XCBC or AES-CMAC, not truncated. */
void authenticate(Sa *sa, const uint8_t *octets, int count, uint8_t *digest);

#endif
