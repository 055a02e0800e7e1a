// The kernel's share of bringing sessions up: the requests that pwmgr sends, from a bare program, one after the other.
//
//   bare SESSIONS [two|one|many]
//
// One UDP tunnel, SESSIONS Ethernet sessions (cookie of 8 octets, no L2-Specific Sublayer, interface name given), each link
// a port of a bridge that holds at most 500. Prints the sessions per second from the first request to the last
// acknowledgement, by the way in which each link is set up:
//
//   two   RTM_SETLINK with MTU, alias, no IPv6 address and master, then RTM_SETLINK with up (what pwmgr does)
//   one   all of it in one RTM_SETLINK
//   many  one RTM_SETLINK for each of the five
//
// Linux 6.1 takes the one message without a complaint, but `do_setlink` (net/core/rtnetlink.c) sets IFF_UP before it looks at
// IFLA_AF_SPEC: the link is already up, and has its link-local address, when address generation is turned off. The program
// counts the IPv6 addresses that came up, and says so. MTU, alias and master come before IFF_UP and may share a message.

#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <linux/genetlink.h>
#include <linux/if_link.h>
#include <linux/l2tp.h>
#include <linux/rtnetlink.h>
#include <netlink/genl/ctrl.h>
#include <netlink/genl/genl.h>
#include <netlink/netlink.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { BRIDGE_PORTS = 500, TUNNEL = 1, PEER_TUNNEL = 2, MTU = 1400, LINK_UP = 1, ADDRESSES_NONE = 1 };

// The parts of a link's set-up; a message carries some of them.
enum { SET_MTU = 1, SET_ALIAS = 2, SET_NO_ADDRESS = 4, SET_MASTER = 8, SET_UP = 16 };

static struct nl_sock *generic, *route;
static int l2tp_family;

static void fail(const char *what, int error) {
  fprintf(stderr, "bare: %s: %s\n", what, error < 0 ? nl_geterror(error) : strerror(error));
  exit(1);
}

static void send_and_wait(struct nl_sock *socket, struct nl_msg *message, const char *what) {
  int error = nl_send_auto(socket, message);
  nlmsg_free(message);
  if (error < 0) fail(what, error);
  error = nl_wait_for_ack(socket);
  if (error < 0) fail(what, error);
}

static struct nl_msg *l2tp_message(uint8_t command) {
  struct nl_msg *message = nlmsg_alloc();
  genlmsg_put(message, NL_AUTO_PORT, NL_AUTO_SEQ, l2tp_family, 0, NLM_F_REQUEST | NLM_F_ACK, command, L2TP_GENL_VERSION);
  return message;
}

static struct nl_msg *link_message(uint16_t type, uint16_t flags, unsigned up) {
  struct nl_msg *message = nlmsg_alloc_simple(type, NLM_F_REQUEST | NLM_F_ACK | flags);
  struct ifinfomsg header = {.ifi_family = AF_UNSPEC, .ifi_flags = up, .ifi_change = up};
  nlmsg_append(message, &header, sizeof header, NLMSG_ALIGNTO);
  return message;
}

static int tunnel_socket(void) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(1701)};
  int descriptor = socket(AF_INET, SOCK_DGRAM, 0);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (bind(descriptor, (struct sockaddr *)&address, sizeof address) != 0) fail("bind", errno);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK + 1);
  if (connect(descriptor, (struct sockaddr *)&address, sizeof address) != 0) fail("connect", errno);
  return descriptor;
}

static void create_tunnel(int descriptor) {
  struct nl_msg *message = l2tp_message(L2TP_CMD_TUNNEL_CREATE);
  nla_put_u32(message, L2TP_ATTR_CONN_ID, TUNNEL);
  nla_put_u32(message, L2TP_ATTR_PEER_CONN_ID, PEER_TUNNEL);
  nla_put_u8(message, L2TP_ATTR_PROTO_VERSION, 3);
  nla_put_u16(message, L2TP_ATTR_ENCAP_TYPE, L2TP_ENCAPTYPE_UDP);
  nla_put_u32(message, L2TP_ATTR_FD, (uint32_t)descriptor);
  send_and_wait(generic, message, "TUNNEL_CREATE");
}

static void create_session(unsigned number, const char *name) {
  const uint8_t cookie[8] = {1, 2, 3, 4, 5, 6, 7, 8};
  struct nl_msg *message = l2tp_message(L2TP_CMD_SESSION_CREATE);
  nla_put_u32(message, L2TP_ATTR_CONN_ID, TUNNEL);
  nla_put_u32(message, L2TP_ATTR_SESSION_ID, number);
  nla_put_u32(message, L2TP_ATTR_PEER_SESSION_ID, number);
  nla_put_u16(message, L2TP_ATTR_PW_TYPE, L2TP_PWTYPE_ETH);
  nla_put_u8(message, L2TP_ATTR_L2SPEC_TYPE, L2TP_L2SPECTYPE_NONE);
  nla_put(message, L2TP_ATTR_COOKIE, sizeof cookie, cookie);
  nla_put(message, L2TP_ATTR_PEER_COOKIE, sizeof cookie, cookie);
  nla_put_string(message, L2TP_ATTR_IFNAME, name);
  send_and_wait(generic, message, "SESSION_CREATE");
}

static void set_link(const char *name, unsigned master, unsigned parts) {
  struct nl_msg *message = link_message(RTM_SETLINK, 0, parts & SET_UP ? LINK_UP : 0);
  nla_put_string(message, IFLA_IFNAME, name);
  if (parts & SET_MTU) nla_put_u32(message, IFLA_MTU, MTU);
  if (parts & SET_ALIAS) nla_put(message, IFLA_IFALIAS, 18, "pwmgr:bench:0000-1");
  if (parts & SET_NO_ADDRESS) {
    struct nlattr *families = nla_nest_start(message, IFLA_AF_SPEC);
    struct nlattr *family = nla_nest_start(message, AF_INET6);
    nla_put_u8(message, IFLA_INET6_ADDR_GEN_MODE, ADDRESSES_NONE);
    nla_nest_end(message, family);
    nla_nest_end(message, families);
  }
  if (parts & SET_MASTER) nla_put_u32(message, IFLA_MASTER, master);
  send_and_wait(route, message, "RTM_SETLINK");
}

static unsigned create_bridge(unsigned number) {
  char name[16];
  snprintf(name, sizeof name, "bridge%u", number);
  struct nl_msg *message = link_message(RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, 0);
  nla_put_string(message, IFLA_IFNAME, name);
  struct nlattr *information = nla_nest_start(message, IFLA_LINKINFO);
  nla_put_string(message, IFLA_INFO_KIND, "bridge");
  nla_nest_end(message, information);
  send_and_wait(route, message, "RTM_NEWLINK");
  set_link(name, 0, SET_NO_ADDRESS);
  set_link(name, 0, SET_UP);
  return if_nametoindex(name);
}

// How many links of ours have an IPv6 address (RFC 4862 autoconfiguration): none is wanted.
static unsigned addresses(void) {
  FILE *file = fopen("/proc/net/if_inet6", "r");
  char name[32];
  unsigned found = 0;
  while (file && fscanf(file, "%*s %*s %*s %*s %*s %31s", name) == 1) found += strncmp(name, "pw", 2) == 0;
  if (file) fclose(file);
  return found;
}

static double seconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

int main(int count, char **words) {
  const unsigned sessions = count > 1 ? (unsigned)atoi(words[1]) : 0;
  const char *way = count > 2 ? words[2] : "two";
  if (sessions == 0 || (strcmp(way, "two") && strcmp(way, "one") && strcmp(way, "many"))) {
    fprintf(stderr, "usage: bare SESSIONS [two|one|many]\n");
    return 2;
  }
  generic = nl_socket_alloc();
  route = nl_socket_alloc();
  if (genl_connect(generic) < 0 || nl_connect(route, NETLINK_ROUTE) < 0) fail("netlink", errno);
  l2tp_family = genl_ctrl_resolve(generic, L2TP_GENL_NAME);
  if (l2tp_family < 0) fail("this kernel has no L2TP", l2tp_family);

  const double start = seconds();
  create_tunnel(tunnel_socket());
  unsigned bridge = 0;
  double creating = 0;
  for (unsigned number = 1; number <= sessions; number++) {
    char name[16];
    snprintf(name, sizeof name, "pw%u", number);
    if ((number - 1) % BRIDGE_PORTS == 0) bridge = create_bridge((number - 1) / BRIDGE_PORTS);
    const double before = seconds();
    create_session(number, name);
    creating += seconds() - before;
    if (strcmp(way, "one") == 0) {
      set_link(name, bridge, SET_MTU | SET_ALIAS | SET_NO_ADDRESS | SET_MASTER | SET_UP);
    } else if (strcmp(way, "two") == 0) {
      set_link(name, bridge, SET_MTU | SET_ALIAS | SET_NO_ADDRESS | SET_MASTER);
      set_link(name, bridge, SET_UP);
    } else {
      for (unsigned part = SET_MTU; part <= SET_UP; part <<= 1) set_link(name, bridge, part);
    }
  }
  const double took = seconds() - start;
  printf("%.0f sessions/s (%u in %.2f s, of which making the sessions %.2f s; IPv6 addresses on their links: %u)\n",
         sessions / took, sessions, took, creating, addresses());
  // Quickest is to let the machine die; a tunnel ends with its socket otherwise.
  return 0;
}
