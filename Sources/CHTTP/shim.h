// libmicrohttpd: an HTTP server, for `pwmgr exporter`.
#ifndef PWMGR_CHTTP_SHIM_H
#define PWMGR_CHTTP_SHIM_H
#include <microhttpd.h>

// MHD_start_daemon has a variable number of arguments, which the importer does not take: a thread for each connection, so
// that one that waits for the daemon of pwmgr holds up no other. NULL, and errno, when it cannot listen.
static inline struct MHD_Daemon *pw_http_start(
    const void *octets, MHD_AccessHandlerCallback handler, void *context, unsigned int connections,
    unsigned int connections_per_client, unsigned int timeout_seconds, size_t memory_octets) {
  const struct sockaddr *address = octets;
  unsigned int flags = MHD_USE_THREAD_PER_CONNECTION | MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_POLL;
  if (address->sa_family == AF_INET6) flags |= MHD_USE_IPv6;
  return MHD_start_daemon(
      flags, 0, NULL, NULL, handler, context, MHD_OPTION_SOCK_ADDR, address, MHD_OPTION_CONNECTION_LIMIT, connections,
      MHD_OPTION_PER_IP_CONNECTION_LIMIT, connections_per_client, MHD_OPTION_CONNECTION_TIMEOUT, timeout_seconds,
      MHD_OPTION_CONNECTION_MEMORY_LIMIT, memory_octets, MHD_OPTION_END);
}

#endif
