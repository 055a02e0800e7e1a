// What the userspace data plane needs beside shim.h: TAP devices and segmentation offload over UDP.
#ifndef PWMGR_CLINUX_USERSPACE_H
#define PWMGR_CLINUX_USERSPACE_H
#include "shim.h"
#include <linux/if_tun.h>
#include <netinet/udp.h>
#include <sys/ioctl.h>
#include <sys/uio.h>

// ioctl(2) takes a variable number of arguments, and its requests are macros that compute.
static inline int pw_tun_set_interface(int descriptor, struct ifreq *request) {
  return ioctl(descriptor, TUNSETIFF, request);
}
static inline int pw_tun_set_offload(int descriptor, unsigned long features) {
  return ioctl(descriptor, TUNSETOFFLOAD, features);
}

// An ifreq with a name and TUN flags: both live in unions that Swift imports under made-up names.
static inline struct ifreq pw_tun_request(const char *name, short flags) {
  struct ifreq request = {0};
  for (int index = 0; index < IFNAMSIZ - 1 && name[index] != 0; index++) request.ifr_name[index] = name[index];
  request.ifr_flags = flags;
  return request;
}

// The MTU of an interface by its index, asked on any socket (netdevice(7)); -1 where there is none.
static inline int pw_interface_mtu(int descriptor, int index) {
  struct ifreq request = {0};
  request.ifr_ifindex = index;
  if (ioctl(descriptor, SIOCGIFNAME, &request) != 0 || ioctl(descriptor, SIOCGIFMTU, &request) != 0) return -1;
  return request.ifr_mtu;
}

// A control message that holds a number, for a field of the IP header (ip(7), ipv6(7)). Returns its length.
static inline size_t pw_cmsg_number(void *buffer, int level, int type, int number) {
  struct cmsghdr *header = (struct cmsghdr *)buffer;
  header->cmsg_level = level;
  header->cmsg_type = type;
  header->cmsg_len = CMSG_LEN(sizeof(number));
  *(int *)CMSG_DATA(header) = number;
  return CMSG_SPACE(sizeof(number));
}

// Sends one message with control messages; does not block.
static inline ssize_t pw_send(int descriptor, const void *octets, size_t count, const struct sockaddr *to,
                              socklen_t to_length, void *control, size_t control_length) {
  struct iovec piece = {(void *)octets, count};
  struct msghdr message = {0};
  message.msg_name = (void *)to;
  message.msg_namelen = to_length;
  message.msg_iov = &piece;
  message.msg_iovlen = 1;
  message.msg_control = control_length ? control : NULL;
  message.msg_controllen = control_length;
  return sendmsg(descriptor, &message, MSG_DONTWAIT);
}

// The control message that asks for segmentation: the size of each datagram (udp(7)). Returns its length.
static inline size_t pw_cmsg_segment(void *buffer, uint16_t octets) {
  struct cmsghdr *header = (struct cmsghdr *)buffer;
  header->cmsg_level = SOL_UDP;
  header->cmsg_type = UDP_SEGMENT;
  header->cmsg_len = CMSG_LEN(sizeof(octets));
  *(uint16_t *)CMSG_DATA(header) = octets;
  return CMSG_SPACE(sizeof(octets));
}
#endif
