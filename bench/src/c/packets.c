#include "packets.h"
#include <openssl/crypto.h>
#include <string.h>

static const uint32_t SPI = 0x12345678;

static void write_u32(uint8_t *at, uint32_t value) {
  for (int i = 0; i < 4; i++) at[i] = value >> (24 - 8 * i);
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

/* The sequence number is the packet's IV; nonce or first counter block are made of it (RFC 3686 4, RFC 4106 4). */
static void write_iv(Sa *sa, uint8_t *packet) {
  memset(packet + HEADER, 0, 4);
  write_u32(packet + HEADER + 4, sa->sequence);
}

static void write_nonce(Sa *sa, const uint8_t *packet, uint8_t nonce[AES_BLOCK]) {
  const Suite *suite = sa->suite;
  memset(nonce, 0, AES_BLOCK);
  memcpy(nonce, sa->salt, suite->salt);
  memcpy(nonce + suite->salt, packet + HEADER, suite->iv);
  nonce[AES_BLOCK - 1] = 1;
}

static int seal_aead(Sa *sa, const uint8_t *inner, int octets, uint8_t *out) {
  const Suite *suite = sa->suite;
  uint8_t nonce[AES_BLOCK], payload[MOST];
  uint8_t *text = out + HEADER + suite->iv;
  int length, count;
  write_iv(sa, out);
  write_nonce(sa, out, nonce);
  need(EVP_EncryptInit_ex(sa->encrypt, NULL, NULL, NULL, nonce));
  if (suite->mode == GMAC) {
    count = write_payload(suite, inner, octets, text);
    need(EVP_EncryptUpdate(sa->encrypt, NULL, &length, out, HEADER + suite->iv + count));
  } else {
    count = write_payload(suite, inner, octets, payload);
    if (suite->mode == CCM) need(EVP_EncryptUpdate(sa->encrypt, NULL, &length, NULL, count));
    need(EVP_EncryptUpdate(sa->encrypt, NULL, &length, out, HEADER));
    need(EVP_EncryptUpdate(sa->encrypt, text, &length, payload, count));
  }
  need(EVP_EncryptFinal_ex(sa->encrypt, text + count, &length));
  need(EVP_CIPHER_CTX_ctrl(sa->encrypt, EVP_CTRL_AEAD_GET_TAG, suite->icv, text + count));
  return HEADER + suite->iv + count + suite->icv;
}

/* The text behind the IV, and the IV itself where it is what the sequence number encrypts to: then the context goes on from
   packet to packet. Returns the octets behind the header. */
static int encrypt(Sa *sa, const uint8_t *inner, int octets, uint8_t *out) {
  const Suite *suite = sa->suite;
  uint8_t payload[MOST], nonce[AES_BLOCK];
  int length, count;
  switch (suite->mode) {
    case CBC:
      memset(payload, 0, suite->iv);
      write_u32(payload, sa->sequence);
      count = write_payload(suite, inner, octets, payload + suite->iv) + suite->iv;
      need(EVP_EncryptUpdate(sa->encrypt, out + HEADER, &length, payload, count));
      return count;
    case CTR:
      write_iv(sa, out);
      write_nonce(sa, out, nonce);
      count = write_payload(suite, inner, octets, payload);
      need(EVP_EncryptInit_ex(sa->encrypt, NULL, NULL, NULL, nonce));
      need(EVP_EncryptUpdate(sa->encrypt, out + HEADER + suite->iv, &length, payload, count));
      return suite->iv + count;
    default:
      return write_payload(suite, inner, octets, out + HEADER);
  }
}

static int seal_with_mac(Sa *sa, const uint8_t *inner, int octets, uint8_t *out) {
  uint8_t digest[EVP_MAX_MD_SIZE];
  int end = HEADER + encrypt(sa, inner, octets, out);
  authenticate(sa, out, end, digest);
  memcpy(out + end, digest, sa->suite->icv);
  return end + sa->suite->icv;
}

int seal(Sa *sa, const uint8_t *inner, int octets, uint8_t *out) {
  write_u32(out, SPI);
  write_u32(out + 4, ++sa->sequence);
  return is_aead(sa->suite) ? seal_aead(sa, inner, octets, out) : seal_with_mac(sa, inner, octets, out);
}

static int open_aead(Sa *sa, const uint8_t *packet, int octets, uint8_t *out) {
  const Suite *suite = sa->suite;
  uint8_t nonce[AES_BLOCK];
  int length, count = octets - HEADER - suite->iv - suite->icv;
  const uint8_t *text = packet + HEADER + suite->iv;
  write_nonce(sa, packet, nonce);
  need(EVP_DecryptInit_ex(sa->decrypt, NULL, NULL, NULL, nonce));
  need(EVP_CIPHER_CTX_ctrl(sa->decrypt, EVP_CTRL_AEAD_SET_TAG, suite->icv, (void *)(text + count)));
  if (suite->mode == GMAC) {
    need(EVP_DecryptUpdate(sa->decrypt, NULL, &length, packet, HEADER + suite->iv + count));
    memcpy(out, text, count);
  } else if (suite->mode == CCM) {
    need(EVP_DecryptUpdate(sa->decrypt, NULL, &length, NULL, count));
    need(EVP_DecryptUpdate(sa->decrypt, NULL, &length, packet, HEADER));
    return EVP_DecryptUpdate(sa->decrypt, out, &length, text, count) == 1 ? payload_octets(out, count) : -1;
  } else {
    need(EVP_DecryptUpdate(sa->decrypt, NULL, &length, packet, HEADER));
    need(EVP_DecryptUpdate(sa->decrypt, out, &length, text, count));
  }
  return EVP_DecryptFinal_ex(sa->decrypt, out + count, &length) == 1 ? payload_octets(out, count) : -1;
}

static int open_with_mac(Sa *sa, const uint8_t *packet, int octets, uint8_t *out) {
  const Suite *suite = sa->suite;
  uint8_t digest[EVP_MAX_MD_SIZE], text[MOST], nonce[AES_BLOCK];
  int length, end = octets - suite->icv, count = end - HEADER - suite->iv;
  authenticate(sa, packet, end, digest);
  if (CRYPTO_memcmp(digest, packet + end, suite->icv) != 0) return -1;
  switch (suite->mode) {
    case CBC:
      /* The IV is decrypted with the rest, as a block of the chain, and dropped. */
      need(EVP_DecryptUpdate(sa->decrypt, text, &length, packet + HEADER, end - HEADER));
      memcpy(out, text + suite->iv, count);
      break;
    case CTR:
      write_nonce(sa, packet, nonce);
      need(EVP_DecryptInit_ex(sa->decrypt, NULL, NULL, NULL, nonce));
      need(EVP_DecryptUpdate(sa->decrypt, out, &length, packet + HEADER + suite->iv, count));
      break;
    default:
      memcpy(out, packet + HEADER, count);
  }
  return payload_octets(out, count);
}

int open_packet(Sa *sa, const uint8_t *packet, int octets, uint8_t *out) {
  return is_aead(sa->suite) ? open_aead(sa, packet, octets, out) : open_with_mac(sa, packet, octets, out);
}
