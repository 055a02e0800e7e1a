// libmicrohttpd: an HTTP server, for `pwmgr exporter`. It is loaded when that begins, so that the daemon, and every
// other command, does without it and the dozen of libraries that come with it.
#ifndef PWMGR_CHTTP_SHIM_H
#define PWMGR_CHTTP_SHIM_H
#include <dlfcn.h>
#include <microhttpd.h>

// The functions that are used, each with the declaration in the library's header.
struct pw_http {
  void *start; // MHD_start_daemon, whose type the importer does not take.
  __typeof__(&MHD_stop_daemon) stop;
  __typeof__(&MHD_create_response_from_buffer) response_from_buffer;
  __typeof__(&MHD_create_response_from_callback) response_from_callback;
  __typeof__(&MHD_add_response_header) add_header;
  __typeof__(&MHD_queue_response) queue;
  __typeof__(&MHD_destroy_response) destroy;
  __typeof__(&MHD_get_connection_info) info;
};

// NULL, or what is missing.
static inline const char *pw_http_load(struct pw_http *http) {
  void *library = dlopen("libmicrohttpd.so.12", RTLD_NOW | RTLD_LOCAL);
  if (!library) return dlerror();
  http->start = dlsym(library, "MHD_start_daemon");
  http->stop = (__typeof__(http->stop))dlsym(library, "MHD_stop_daemon");
  http->response_from_buffer =
      (__typeof__(http->response_from_buffer))dlsym(library, "MHD_create_response_from_buffer");
  http->response_from_callback =
      (__typeof__(http->response_from_callback))dlsym(library, "MHD_create_response_from_callback");
  http->add_header = (__typeof__(http->add_header))dlsym(library, "MHD_add_response_header");
  http->queue = (__typeof__(http->queue))dlsym(library, "MHD_queue_response");
  http->destroy = (__typeof__(http->destroy))dlsym(library, "MHD_destroy_response");
  http->info = (__typeof__(http->info))dlsym(library, "MHD_get_connection_info");
  int all = http->start && http->stop && http->response_from_buffer && http->response_from_callback &&
            http->add_header && http->queue && http->destroy && http->info;
  return all ? (const char *)0 : "libmicrohttpd.so.12 lacks a function";
}

// A thread for each connection, so that one that waits for the daemon of pwmgr holds up no other. NULL, and errno, when
// it cannot listen.
static inline struct MHD_Daemon *pw_http_start(
    const struct pw_http *http, const void *octets, MHD_AccessHandlerCallback handler, void *context,
    MHD_NotifyConnectionCallback came_or_went, MHD_RequestCompletedCallback completed, unsigned int connections,
    unsigned int timeout_seconds, size_t memory_octets) {
  const struct sockaddr *address = octets;
  unsigned int flags = MHD_USE_THREAD_PER_CONNECTION | MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_POLL;
  if (address->sa_family == AF_INET6) flags |= MHD_USE_IPv6;
  return ((__typeof__(&MHD_start_daemon))http->start)(
      flags, 0, NULL, NULL, handler, context, MHD_OPTION_SOCK_ADDR, address, MHD_OPTION_CONNECTION_LIMIT, connections,
      MHD_OPTION_NOTIFY_CONNECTION, came_or_went, context, MHD_OPTION_NOTIFY_COMPLETED, completed, context,
      MHD_OPTION_CONNECTION_TIMEOUT, timeout_seconds, MHD_OPTION_CONNECTION_MEMORY_LIMIT, memory_octets,
      MHD_OPTION_END);
}

// The descriptor of a connection; -1 where it has none.
static inline int pw_http_descriptor(const struct pw_http *http, struct MHD_Connection *connection) {
  const union MHD_ConnectionInfo *info = http->info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
  return info ? info->connect_fd : -1;
}

#endif
