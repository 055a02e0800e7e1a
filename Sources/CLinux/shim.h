// What the Glibc module lacks (epoll, timerfd, signalfd, eventfd, recvmmsg, packet information), from glibc's own headers.
//
// _GNU_SOURCE would also switch on __USE_XOPEN, which renames a member of fd_set: a file that imports Glibc beside this
// would then see two definitions of one type. So glibc's defaults stand, and only its GNU part is switched on.
#ifndef PWMGR_CLINUX_SHIM_H
#define PWMGR_CLINUX_SHIM_H
#include <features.h>
#ifndef __USE_GNU
#define __USE_GNU 1
#endif
#include <netinet/in.h>
#include <pthread.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <netpacket/packet.h>
#include <sched.h>
#include <stdio.h>
#include <sys/timerfd.h>
#include <sys/xattr.h>
#include <net/if.h>
#include <unistd.h>

// The kernel's layout of an L2TP/IP address (linux/l2tp.h cannot stand beside net/if.h): identifiers in host order.
struct pw_sockaddr_l2tpip {
  sa_family_t l2tp_family;
  uint16_t l2tp_unused;
  struct in_addr l2tp_addr;
  uint32_t l2tp_conn_id;
  unsigned char padding[4];
};

struct pw_sockaddr_l2tpip6 {
  sa_family_t l2tp_family;
  uint16_t l2tp_unused;
  uint32_t l2tp_flowinfo;
  struct in6_addr l2tp_addr;
  uint32_t l2tp_scope_id;
  uint32_t l2tp_conn_id;
};

// The control messages of a received datagram that tell its destination (ip(7), ipv6(7)).
static inline struct cmsghdr *pw_cmsg_first(struct msghdr *message) { return CMSG_FIRSTHDR(message); }
static inline struct cmsghdr *pw_cmsg_next(struct msghdr *message, struct cmsghdr *header) {
  return CMSG_NXTHDR(message, header);
}
static inline void *pw_cmsg_data(struct cmsghdr *header) { return CMSG_DATA(header); }

#endif
