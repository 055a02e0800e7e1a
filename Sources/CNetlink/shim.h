// libnl-genl-3 and libnl-route-3, and the kernel's own L2TP attribute numbers (linux/l2tp.h).
#define _GNU_SOURCE
#include <netinet/in.h>
#include <linux/l2tp.h>
#include <netlink/netlink.h>
#include <netlink/genl/genl.h>
#include <netlink/genl/ctrl.h>
#include <netlink/route/link.h>
