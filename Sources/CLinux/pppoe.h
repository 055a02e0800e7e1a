// What a PPPoE access concentrator needs beside ppp.h: sockets of both stages, and the kernel's bridge between two PPP channels.
#ifndef PWMGR_CLINUX_PPPOE_H
#define PWMGR_CLINUX_PPPOE_H
#include "ppp.h"
#include <arpa/inet.h>
#include <linux/filter.h>
#include <string.h>

enum { PW_ETH_P_PPP_DISC = 0x8863, PW_PPPOE_RECEIVE_OCTETS = 1 << 20 };

// A socket(2) for discovery packets of one link (packet(7)), their Ethernet headers left to the kernel; -1 with errno.
static inline int pw_pppoe_discovery_socket(int interface_index) {
  int descriptor = socket(AF_PACKET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (descriptor < 0) return -1;
  struct sockaddr_ll address = {0};
  address.sll_family = AF_PACKET;
  address.sll_protocol = htons(PW_ETH_P_PPP_DISC);
  address.sll_ifindex = interface_index;
  // PADI, PADR and PADT: what other concentrators say is not for us, and takes no room.
  struct sock_filter clients[] = {
      BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 1),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0x09, 2, 0),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0x19, 1, 0),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0xA7, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, 0xFFFFFFFF),
      BPF_STMT(BPF_RET | BPF_K, 0),
  };
  struct sock_fprog filter = {sizeof(clients) / sizeof(clients[0]), clients};
  // Without the right to more than the usual room the usual one does.
  int room = PW_PPPOE_RECEIVE_OCTETS;
  setsockopt(descriptor, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof(room));
  if (setsockopt(descriptor, SOL_SOCKET, SO_ATTACH_FILTER, &filter, sizeof(filter)) == 0 &&
      bind(descriptor, (struct sockaddr *)&address, sizeof(address)) == 0)
    return descriptor;
  int code = errno;
  close(descriptor);
  errno = code;
  return -1;
}

// Reads one packet. Who sent it is in `sender` (6 octets), and how it was addressed in `to_all`. -1 with errno, where EAGAIN means that
// there is none; -2 for one that is not meant for us, or not from an Ethernet.
static inline ssize_t pw_pppoe_receive(int descriptor, void *octets, size_t room, unsigned char *sender, int *to_all) {
  struct sockaddr_ll address = {0};
  socklen_t length = sizeof(address);
  ssize_t count = recvfrom(descriptor, octets, room, MSG_TRUNC, (struct sockaddr *)&address, &length);
  if (count < 0) return -1;
  if ((size_t)count > room || address.sll_halen != 6) return -2;
  if (address.sll_pkttype != 0 /* PACKET_HOST */ && address.sll_pkttype != 1 /* PACKET_BROADCAST */) return -2;
  memcpy(sender, address.sll_addr, 6);
  *to_all = address.sll_pkttype == 1;
  return count;
}

// Sends one packet to a station; -1 with errno.
static inline ssize_t pw_pppoe_send(
    int descriptor, int interface_index, const unsigned char *station, const void *octets, size_t count) {
  struct sockaddr_ll address = {0};
  address.sll_family = AF_PACKET;
  address.sll_protocol = htons(PW_ETH_P_PPP_DISC);
  address.sll_ifindex = interface_index;
  address.sll_halen = 6;
  memcpy(address.sll_addr, station, 6);
  return sendto(descriptor, octets, count, MSG_DONTWAIT, (struct sockaddr *)&address, sizeof(address));
}

// linux/if_pppox.h's struct sockaddr_pppox with struct pppoe_addr in it.
struct pw_sockaddr_pppoe {
  sa_family_t family;
  unsigned int protocol;
  uint16_t session;  // In the order of the network.
  unsigned char station[6];
  char device[16];
} __attribute__((packed));

// A socket(2) of the session stage; -1 with errno.
static inline int pw_pppoe_session_socket(void) {
  return socket(24 /* AF_PPPOX */, SOCK_STREAM | SOCK_CLOEXEC, 0 /* PX_PROTO_OE */);
}

// Gives it a session with a station on a link, which must be up; -1 with errno.
static inline int pw_pppoe_session_connect(
    int descriptor, uint16_t session, const unsigned char *station, const char *device) {
  struct pw_sockaddr_pppoe address = {0};
  address.family = 24;
  address.session = htons(session);
  memcpy(address.station, station, 6);
  strncpy(address.device, device, sizeof(address.device) - 1);
  return connect(descriptor, (struct sockaddr *)&address, sizeof(address));
}

// Whether the kernel has the session still: it ends one by itself, when the client says so and when the link changes.
static inline int pw_pppoe_session_is_connected(int descriptor) {
  int channel = 0;
  return ioctl(descriptor, 0x80047437 /* PPPIOCGCHAN */, &channel) == 0;
}

// Has the kernel pass PPP frames between two sessions' sockets for as long as both are open; -1 with errno, and what could not be
// done in `failed_step`.
static inline int pw_ppp_bridge_channels(int one, int other, const char **failed_step) {
  int first = 0, second = 0;
  *failed_step = "ask for the PPP channel of the PPPoE session";
  if (ioctl(one, 0x80047437 /* PPPIOCGCHAN */, &first) != 0) return -1;
  *failed_step = "ask for the PPP channel of the L2TP session";
  if (ioctl(other, 0x80047437, &second) != 0) return -1;
  *failed_step = "open /dev/ppp (modprobe ppp_generic)";
  int channel = open("/dev/ppp", O_RDWR | O_CLOEXEC);
  if (channel < 0) return -1;
  *failed_step = "take the PPP channel of the PPPoE session";
  int result = ioctl(channel, 0x40047438 /* PPPIOCATTCHAN */, &first);
  if (result == 0) {
    *failed_step = "bridge two PPP channels (Linux 5.11 or later can)";
    result = ioctl(channel, 0x40047435 /* PPPIOCBRIDGECHAN */, &second);
  }
  int code = errno;
  // The bridge is between the channels, and stays.
  close(channel);
  errno = code;
  return result;
}

#endif
