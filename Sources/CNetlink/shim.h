// libnl-3, libnl-genl-3 and libnl-route-3, and the kernel's own numbers: L2TP, links, bridges, traffic control.
//
// See CLinux for why this is not _GNU_SOURCE.
#ifndef PWMGR_CNETLINK_SHIM_H
#define PWMGR_CNETLINK_SHIM_H
#include <features.h>
#ifndef __USE_GNU
#define __USE_GNU 1
#endif
#include <netinet/in.h>
#include <linux/genetlink.h>
#include <linux/if_bridge.h>
#include <linux/if_link.h>
#include <linux/l2tp.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netlink.h>
#include <linux/pkt_cls.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>
#include <linux/tc_act/tc_gact.h>
#include <linux/tc_act/tc_mirred.h>
#include <linux/tc_act/tc_vlan.h>
#include <linux/xfrm.h>
#include <netlink/genl/ctrl.h>
#include <netlink/genl/genl.h>
#include <netlink/netlink.h>
#include <netlink/addr.h>
#include <netlink/route/addr.h>
#include <netlink/route/link.h>
#include <netlink/route/link/inet6.h>

// Macros that the importer does not take.
static const unsigned int PW_TC_H_CLSACT = TC_H_CLSACT;
static const unsigned int PW_TC_CLSACT_INGRESS = TC_H_MAKE(TC_H_CLSACT, TC_H_MIN_INGRESS);
static const unsigned int PW_TC_CLSACT_EGRESS = TC_H_MAKE(TC_H_CLSACT, TC_H_MIN_EGRESS);
static const int PW_L2TP_VERSION = L2TP_GENL_VERSION;

#endif
