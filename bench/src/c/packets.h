/* ESP, one packet at a time: no outer header, no replay window, no lifetimes. */
#ifndef PACKETS_H
#define PACKETS_H

#include "sa.h"

/* Octets of the packet that is written to `out`. */
int seal(Sa *sa, const uint8_t *inner, int octets, uint8_t *out);

/* Octets of the inner packet that is written to `out`; negative where it is refused. */
int open_packet(Sa *sa, const uint8_t *packet, int octets, uint8_t *out);

#endif
