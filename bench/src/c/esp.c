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
#include "packets.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { WARM_UP = 50, MOST_SAS = 64 };

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

static char *word(void) {
  char *next = strtok(NULL, " \n");
  if (next == NULL) fail("an argument is missing");
  return next;
}

static void obey(Sa *sa, const char *command) {
  uint8_t in[MOST], out[MOST];
  if (strcmp(command, "sa") == 0) {
    uint8_t key[MOST], salt[MOST], integrity[MOST];
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
