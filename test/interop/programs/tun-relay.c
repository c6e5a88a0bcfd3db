/*
 * Relays between a TUN that exists and UDP on 127.0.0.1, one datagram an inner packet: what socat does, many packets a
 * turn. Usage: tun-relay DEVICE PORT PEER-PORT (receives on PORT, sends to PEER-PORT).
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

enum { BURST = 64, SLOT = 65536, BUFFER = 4 << 20 };

static char slots[BURST][SLOT];
static struct iovec vectors[BURST];
static struct mmsghdr messages[BURST];

static void die(const char *what) {
  perror(what);
  exit(1);
}

static int open_tun(const char *device) {
  struct ifreq request = {.ifr_flags = IFF_TUN | IFF_NO_PI};
  int tun = open("/dev/net/tun", O_RDWR | O_NONBLOCK);
  if (tun < 0) die("/dev/net/tun");
  strncpy(request.ifr_name, device, IFNAMSIZ - 1);
  if (ioctl(tun, TUNSETIFF, &request) < 0) die(device);
  return tun;
}

static int open_udp(int port, int peer_port) {
  int size = BUFFER, udp = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  if (udp < 0) die("socket");
  setsockopt(udp, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
  setsockopt(udp, SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
  address.sin_port = htons(port);
  if (bind(udp, (struct sockaddr *)&address, sizeof address) < 0) die("bind");
  address.sin_port = htons(peer_port);
  if (connect(udp, (struct sockaddr *)&address, sizeof address) < 0) die("connect");
  return udp;
}

/* While nobody listens at the peer's port, packets are lost, as on any link. */
static void from_tun(int tun, int udp) {
  int count = 0;
  for (; count < BURST; count++) {
    ssize_t octets = read(tun, slots[count], SLOT);
    if (octets <= 0) break;
    vectors[count].iov_len = octets;
  }
  for (int sent = 0; sent < count;) {
    int now = sendmmsg(udp, messages + sent, count - sent, 0);
    sent += now > 0 ? now : 1;
  }
}

static void to_tun(int tun, int udp) {
  for (int i = 0; i < BURST; i++) vectors[i].iov_len = SLOT;
  int count = recvmmsg(udp, messages, BURST, MSG_DONTWAIT, NULL);
  for (int i = 0; i < count; i++)
    if (write(tun, slots[i], messages[i].msg_len) < 0 && errno != EINVAL && errno != EAGAIN) die("write");
}

int main(int argc, char **argv) {
  if (argc != 4) return fprintf(stderr, "usage: tun-relay DEVICE PORT PEER-PORT\n"), 2;
  struct pollfd ends[2] = {{.fd = open_tun(argv[1]), .events = POLLIN},
                           {.fd = open_udp(atoi(argv[2]), atoi(argv[3])), .events = POLLIN}};
  for (int i = 0; i < BURST; i++) {
    vectors[i].iov_base = slots[i];
    messages[i].msg_hdr.msg_iov = &vectors[i];
    messages[i].msg_hdr.msg_iovlen = 1;
  }
  for (;;) {
    if (poll(ends, 2, -1) < 0 && errno != EINTR) die("poll");
    if (ends[0].revents) from_tun(ends[0].fd, ends[1].fd);
    if (ends[1].revents) to_tun(ends[0].fd, ends[1].fd);
  }
}
