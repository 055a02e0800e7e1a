// What the Glibc module lacks (epoll, timerfd, signalfd, eventfd, recvmmsg), through glibc's own headers.
#define _GNU_SOURCE
#include <netinet/in.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
