// Small packets at a chosen rate, and how many of them arrive.
//
//   blast receive PORT                          counts until the sender's end mark, prints "RECEIVED"
//   blast send ADDRESS PORT RATE SECONDS        prints "SENT SECONDS": what was sent, and in what time
//
// UDP payloads of 18 octets make Ethernet frames of 60, the smallest there are. Each carries the number 0, the end mark 1.

#define _GNU_SOURCE
#include <arpa/inet.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { PAYLOAD_OCTETS = 18, BURST = 32, END_MARKS = 50, BUFFER_OCTETS = 64 << 20 };

static double seconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void prepare(struct mmsghdr *messages, struct iovec *parts, char (*payloads)[PAYLOAD_OCTETS]) {
  memset(messages, 0, BURST * sizeof *messages);
  for (int index = 0; index < BURST; index++) {
    parts[index] = (struct iovec){payloads[index], PAYLOAD_OCTETS};
    messages[index].msg_hdr.msg_iov = &parts[index];
    messages[index].msg_hdr.msg_iovlen = 1;
  }
}

static int receive(int port) {
  static char payloads[BURST][PAYLOAD_OCTETS];
  struct mmsghdr messages[BURST];
  struct iovec parts[BURST];
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
  int descriptor = socket(AF_INET, SOCK_DGRAM, 0), size = BUFFER_OCTETS;
  setsockopt(descriptor, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof size);
  if (bind(descriptor, (struct sockaddr *)&address, sizeof address) != 0) return perror("blast: bind"), 1;
  prepare(messages, parts, payloads);
  unsigned long received = 0;
  for (;;) {
    const int count = recvmmsg(descriptor, messages, BURST, MSG_WAITFORONE, NULL);
    if (count < 0) return perror("blast: recvmmsg"), 1;
    for (int index = 0; index < count; index++) {
      if (payloads[index][0] == 1) return printf("%lu\n", received), 0;
      received++;
    }
  }
}

static int send_at(const char *target, int port, double rate, double duration) {
  static char payloads[BURST][PAYLOAD_OCTETS];
  struct mmsghdr messages[BURST];
  struct iovec parts[BURST];
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
  inet_pton(AF_INET, target, &address.sin_addr);
  int descriptor = socket(AF_INET, SOCK_DGRAM, 0);
  if (connect(descriptor, (struct sockaddr *)&address, sizeof address) != 0) return perror("blast: connect"), 1;
  prepare(messages, parts, payloads);
  unsigned long sent = 0;
  const double start = seconds();
  double now = start;
  while (now - start < duration) {
    // As many as are due by now, and never more than a burst: a stall is not made up for at once.
    const double due = rate * (now - start) - (double)sent;
    if (due >= BURST) {
      const int count = sendmmsg(descriptor, messages, BURST, 0);
      if (count > 0) sent += (unsigned long)count;
    } else {
      const struct timespec pause = {0, 20000};
      nanosleep(&pause, NULL);
    }
    now = seconds();
  }
  payloads[0][0] = 1;
  for (int mark = 0; mark < END_MARKS; mark++) {
    usleep(20000);
    // A refusal says that the receiver has heard an earlier mark and gone.
    if (send(descriptor, payloads[0], PAYLOAD_OCTETS, 0) < 0) break;
  }
  return printf("%lu %.6f\n", sent, now - start), 0;
}

int main(int count, char **words) {
  if (count == 3 && strcmp(words[1], "receive") == 0) return receive(atoi(words[2]));
  if (count == 6 && strcmp(words[1], "send") == 0)
    return send_at(words[2], atoi(words[3]), atof(words[4]), atof(words[5]));
  fprintf(stderr, "usage: blast receive PORT | blast send ADDRESS PORT RATE SECONDS\n");
  return 2;
}
