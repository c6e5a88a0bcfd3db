/*
 * ESP by OpenSSL, one packet at a time, with contexts that are made once per SA and reused: the bar for native code.
 * No outer header, no replay window, no lifetimes. Reads one command a line, answers each with one line:
 *
 *   sa SUITE KEY SALT INTEGRITY-KEY    -> ok            the SAs that all later commands use: as many as there may be,
 *                                                       all with these keys
 *   seal INNER                         -> the packet
 *   open PACKET                        -> the inner packet, or "refused"
 *   time-seal COUNT SAS INNER          -> nanoseconds, the packets being of so many SAs in turns
 *   time-open COUNT SAS PACKET         -> nanoseconds
 *
 * Octets are in hexadecimal; "-" is none.
 */
#define OPENSSL_API_COMPAT 0x10100000L
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { HEADER = 8, TRAILER = 2, SALT = 4, GCM_IV = 8, NONCE = SALT + GCM_IV, MOST = 4096, WARM_UP = 50, MOST_SAS = 64 };

typedef struct {
  const char *name, *cipher, *digest;
  int block, iv, icv;
} Suite;

static const Suite SUITES[] = {
    {"3des-cbc/hmac-sha1-96", "DES-EDE3-CBC", "SHA1", 8, 8, 12},
    {"aes-128-cbc/hmac-sha1-96", "AES-128-CBC", "SHA1", 16, 16, 12},
    {"aes-128-cbc/hmac-sha2-256-128", "AES-128-CBC", "SHA256", 16, 16, 16},
    {"aes-128-gcm-16", "AES-128-GCM", NULL, 4, GCM_IV, 16},
    {"chacha20-poly1305", "ChaCha20-Poly1305", NULL, 4, GCM_IV, 16},
    {"null/hmac-sha1-96", NULL, "SHA1", 4, 0, 12},
};

typedef struct {
  const Suite *suite;
  EVP_CIPHER_CTX *encrypt, *decrypt;
  HMAC_CTX *hmac;
  uint8_t salt[SALT];
  uint32_t sequence;
} Sa;

static const uint32_t SPI = 0x12345678;

static void fail(const char *what) {
  fprintf(stderr, "esp: %s\n", what);
  exit(1);
}

static void need(int worked) {
  if (worked != 1) fail("OpenSSL refused a call");
}

static void write_u32(uint8_t *at, uint32_t value) {
  for (int i = 0; i < 4; i++) at[i] = value >> (24 - 8 * i);
}

static int is_aead(const Suite *suite) { return suite->digest == NULL; }

static EVP_CIPHER_CTX *cipher_context(const Suite *suite, const uint8_t *key, int sealing) {
  uint8_t iv[16];
  EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
  need(RAND_bytes(iv, sizeof iv));
  need(EVP_CipherInit_ex(context, EVP_get_cipherbyname(suite->cipher), NULL, NULL, NULL, sealing));
  if (is_aead(suite)) need(EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_IVLEN, NONCE, NULL));
  need(EVP_CipherInit_ex(context, NULL, NULL, key, iv, sealing));
  EVP_CIPHER_CTX_set_padding(context, 0);
  return context;
}

static void free_sa(Sa *sa) {
  EVP_CIPHER_CTX_free(sa->encrypt);
  EVP_CIPHER_CTX_free(sa->decrypt);
  HMAC_CTX_free(sa->hmac);
  memset(sa, 0, sizeof *sa);
}

static void create_sa(Sa *sa, const Suite *suite, const uint8_t *key, const uint8_t *salt, const uint8_t *integrity,
                      int integrity_octets) {
  sa->suite = suite;
  memcpy(sa->salt, salt, SALT);
  if (suite->cipher) {
    sa->encrypt = cipher_context(suite, key, 1);
    sa->decrypt = cipher_context(suite, key, 0);
  }
  if (suite->digest) {
    sa->hmac = HMAC_CTX_new();
    need(HMAC_Init_ex(sa->hmac, integrity, integrity_octets, EVP_get_digestbyname(suite->digest), NULL));
  }
}

static void authenticate(Sa *sa, const uint8_t *octets, int count, uint8_t *digest) {
  unsigned length;
  need(HMAC_Init_ex(sa->hmac, NULL, 0, NULL, NULL));
  need(HMAC_Update(sa->hmac, octets, count));
  need(HMAC_Final(sa->hmac, digest, &length));
}

/* The payload with its trailer (RFC 4303 2.4 to 2.6); returns its octets. */
static int write_payload(const Suite *suite, const uint8_t *inner, int octets, uint8_t *out) {
  int padding = (suite->block - (octets + TRAILER) % suite->block) % suite->block;
  memcpy(out, inner, octets);
  for (int i = 0; i < padding; i++) out[octets + i] = i + 1;
  out[octets + padding] = padding;
  out[octets + padding + 1] = inner[0] >> 4 == 6 ? 41 : 4;
  return octets + padding + TRAILER;
}

static int payload_octets(const uint8_t *payload, int octets) {
  int padding = payload[octets - TRAILER];
  int inner = octets - TRAILER - padding;
  if (inner < 0) return -1;
  for (int i = 0; i < padding; i++)
    if (payload[inner + i] != i + 1) return -1;
  return inner;
}

static int seal_aead(Sa *sa, const uint8_t *inner, int octets, uint8_t *out) {
  uint8_t nonce[NONCE], payload[MOST];
  int length, count = write_payload(sa->suite, inner, octets, payload);
  write_u32(out + HEADER, 0);
  write_u32(out + HEADER + 4, sa->sequence);
  memcpy(nonce, sa->salt, SALT);
  memcpy(nonce + SALT, out + HEADER, GCM_IV);
  uint8_t *text = out + HEADER + GCM_IV;
  need(EVP_EncryptInit_ex(sa->encrypt, NULL, NULL, NULL, nonce));
  need(EVP_EncryptUpdate(sa->encrypt, NULL, &length, out, HEADER));
  need(EVP_EncryptUpdate(sa->encrypt, text, &length, payload, count));
  need(EVP_EncryptFinal_ex(sa->encrypt, text + count, &length));
  need(EVP_CIPHER_CTX_ctrl(sa->encrypt, EVP_CTRL_AEAD_GET_TAG, sa->suite->icv, text + count));
  return HEADER + GCM_IV + count + sa->suite->icv;
}

/* The context goes on from packet to packet: what the sequence number encrypts to is the packet's IV. */
static int seal_cbc(Sa *sa, const uint8_t *inner, int octets, uint8_t *out) {
  const Suite *suite = sa->suite;
  uint8_t payload[MOST], digest[EVP_MAX_MD_SIZE];
  int length, count;
  if (suite->cipher) {
    memset(payload, 0, suite->iv);
    write_u32(payload, sa->sequence);
    count = write_payload(suite, inner, octets, payload + suite->iv) + suite->iv;
    need(EVP_EncryptUpdate(sa->encrypt, out + HEADER, &length, payload, count));
  } else {
    count = write_payload(suite, inner, octets, out + HEADER);
  }
  authenticate(sa, out, HEADER + count, digest);
  memcpy(out + HEADER + count, digest, suite->icv);
  return HEADER + count + suite->icv;
}

static int seal(Sa *sa, const uint8_t *inner, int octets, uint8_t *out) {
  write_u32(out, SPI);
  write_u32(out + 4, ++sa->sequence);
  return is_aead(sa->suite) ? seal_aead(sa, inner, octets, out) : seal_cbc(sa, inner, octets, out);
}

static int open_aead(Sa *sa, const uint8_t *packet, int octets, uint8_t *out) {
  const Suite *suite = sa->suite;
  uint8_t nonce[NONCE];
  int length, count = octets - HEADER - GCM_IV - suite->icv;
  const uint8_t *text = packet + HEADER + GCM_IV;
  memcpy(nonce, sa->salt, SALT);
  memcpy(nonce + SALT, packet + HEADER, GCM_IV);
  need(EVP_DecryptInit_ex(sa->decrypt, NULL, NULL, NULL, nonce));
  need(EVP_CIPHER_CTX_ctrl(sa->decrypt, EVP_CTRL_AEAD_SET_TAG, suite->icv, (void *)(text + count)));
  need(EVP_DecryptUpdate(sa->decrypt, NULL, &length, packet, HEADER));
  need(EVP_DecryptUpdate(sa->decrypt, out, &length, text, count));
  return EVP_DecryptFinal_ex(sa->decrypt, out + count, &length) == 1 ? payload_octets(out, count) : -1;
}

/* The IV is decrypted with the rest, as a block of the chain, and dropped. */
static int open_cbc(Sa *sa, const uint8_t *packet, int octets, uint8_t *out) {
  const Suite *suite = sa->suite;
  uint8_t digest[EVP_MAX_MD_SIZE], text[MOST];
  int length, count = octets - HEADER - suite->icv;
  authenticate(sa, packet, HEADER + count, digest);
  if (CRYPTO_memcmp(digest, packet + HEADER + count, suite->icv) != 0) return -1;
  if (suite->cipher) {
    need(EVP_DecryptUpdate(sa->decrypt, text, &length, packet + HEADER, count));
    memcpy(out, text + suite->iv, count - suite->iv);
  } else {
    memcpy(out, packet + HEADER, count);
  }
  return payload_octets(out, count - suite->iv);
}

static int open_packet(Sa *sa, const uint8_t *packet, int octets, uint8_t *out) {
  return is_aead(sa->suite) ? open_aead(sa, packet, octets, out) : open_cbc(sa, packet, octets, out);
}

typedef int Transform(Sa *, const uint8_t *, int, uint8_t *);

static double nanoseconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * 1e9 + now.tv_nsec;
}

static void time_packets(Sa *sas, int some, Transform *transform, int count, const uint8_t *packet, int octets) {
  uint8_t out[MOST];
  int refused = 0;
  for (int i = 0; i < WARM_UP; i++) transform(&sas[i % some], packet, octets, out);
  double start = nanoseconds();
  for (int i = 0, sa = 0; i < count; i++) {
    refused |= transform(&sas[sa], packet, octets, out) < 0;
    if (++sa == some) sa = 0;
  }
  double spent = nanoseconds() - start;
  if (refused) fail("a packet was refused");
  printf("%.0f\n", spent);
}

static int from_hex(const char *text, uint8_t *out) {
  int octets = strcmp(text, "-") == 0 ? 0 : strlen(text) / 2;
  unsigned octet;
  if (octets > MOST / 2) fail("too many octets");
  for (int i = 0; i < octets; i++) {
    if (sscanf(text + 2 * i, "%2x", &octet) != 1) fail("not hexadecimal");
    out[i] = octet;
  }
  return octets;
}

static void print_hex(const uint8_t *octets, int count) {
  if (count < 0) printf("refused");
  for (int i = 0; i < count; i++) printf("%02x", octets[i]);
  putchar('\n');
}

static const Suite *suite_named(const char *name) {
  for (size_t i = 0; i < sizeof SUITES / sizeof *SUITES; i++)
    if (strcmp(SUITES[i].name, name) == 0) return &SUITES[i];
  fail("unknown suite");
  return NULL;
}

static char *word(void) {
  char *next = strtok(NULL, " \n");
  if (next == NULL) fail("an argument is missing");
  return next;
}

static void obey(Sa *sa, const char *command) {
  uint8_t in[MOST], out[MOST];
  if (strcmp(command, "sa") == 0) {
    uint8_t key[MOST], salt[MOST] = {0}, integrity[MOST];
    const Suite *suite = suite_named(word());
    from_hex(word(), key);
    from_hex(word(), salt);
    int integrity_octets = from_hex(word(), integrity);
    for (int i = 0; i < MOST_SAS; i++) {
      free_sa(&sa[i]);
      create_sa(&sa[i], suite, key, salt, integrity, integrity_octets);
    }
    puts("ok");
  } else if (sa->suite == NULL) {
    fail("there is no SA");
  } else if (strcmp(command, "seal") == 0) {
    print_hex(out, seal(sa, in, from_hex(word(), in), out));
  } else if (strcmp(command, "open") == 0) {
    print_hex(out, open_packet(sa, in, from_hex(word(), in), out));
  } else if (strcmp(command, "time-seal") == 0 || strcmp(command, "time-open") == 0) {
    Transform *transform = strcmp(command, "time-seal") == 0 ? seal : open_packet;
    int count = atoi(word());
    int some = atoi(word());
    if (some < 1 || some > MOST_SAS) fail("too many SAs");
    time_packets(sa, some, transform, count, in, from_hex(word(), in));
  } else {
    fail("unknown command");
  }
}

int main(void) {
  static char line[4 * MOST];
  static Sa sas[MOST_SAS];
  while (fgets(line, sizeof line, stdin) != NULL) {
    const char *command = strtok(line, " \n");
    if (command == NULL) continue;
    obey(sas, command);
    fflush(stdout);
  }
  for (int i = 0; i < MOST_SAS; i++) free_sa(&sas[i]);
  return 0;
}
