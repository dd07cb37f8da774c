/* SPDX-License-Identifier: MIT */
/*
 * bench/delay MS PORT: a network of MS round trip before a server on 127.0.0.1. What
 * goes either way comes MS / 2 later, and a connection costs MS more. Prints the port
 * it listens on, and ends when its standard input does.
 */
#include "config.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/str.h"
#include "base/xalloc.h"

/* What is on its way in one direction at most. */
#define FLIGHT_MAX ((size_t)4 << 20)
#define CHUNK ((size_t)64 << 10)

struct chunk {
	struct chunk *next;
	int64_t due_us;
	size_t len, sent;
	char data[];
};

struct side {
	int fd;
	bool readable, writable, ended; /* ended: it sends no more */
	/* From here to the other side. */
	struct chunk *first, **last;
	size_t flight;
};

struct connection {
	struct connection *next;
	struct side side[2];
	int64_t open_us;
};

static int64_t half_us;
static int epoll_fd;
static struct connection *connections;

static int64_t now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

/* The lowest bit of the address says which side: a connection is aligned. */
static void watch(struct connection *c, int which)
{
	struct epoll_event e = { .events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET,
				 .data.ptr = (char *)c + which };
	int one = 1;

	setsockopt(c->side[which].fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	epoll_ctl(epoll_fd, EPOLL_CTL_ADD, c->side[which].fd, &e);
}

static struct sockaddr_in loopback(int port)
{
	return (struct sockaddr_in){ .sin_family = AF_INET,
				     .sin_port = htons((uint16_t)port),
				     .sin_addr = { htonl(INADDR_LOOPBACK) } };
}

static void open_connection(int listener, int port)
{
	struct sockaddr_in to = loopback(port);
	struct connection *c = xcalloc(1, sizeof(*c));

	c->side[0].fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK);
	c->side[1].fd = socket(AF_INET, SOCK_STREAM, 0);
	c->open_us = now_us() + 2 * half_us;
	if (c->side[0].fd < 0 || connect(c->side[1].fd, (struct sockaddr *)&to, sizeof(to)) < 0) {
		perror("delay");
		exit(1);
	}
	for (int i = 0; i < 2; i++) {
		c->side[i].last = &c->side[i].first;
		watch(c, i);
	}
	c->next = connections;
	connections = c;
}

/* An end travels as a chunk of nothing. */
static void receive(struct connection *c, struct side *s, int64_t now)
{
	static char data[CHUNK];

	while (s->readable && !s->ended && s->flight < FLIGHT_MAX) {
		ssize_t n = recv(s->fd, data, CHUNK, MSG_DONTWAIT);
		struct chunk *k;

		if (n < 0 && errno == EAGAIN) {
			s->readable = false;
			return;
		}
		s->ended = n <= 0;
		k = xcalloc(1, sizeof(*k) + (s->ended ? 0 : (size_t)n));
		k->due_us = (now > c->open_us ? now : c->open_us) + half_us;
		k->len = s->ended ? 0 : (size_t)n;
		memcpy(k->data, data, k->len);
		*s->last = k;
		s->last = &k->next;
		s->flight += k->len;
	}
}

static void deliver(struct side *from, struct side *to, int64_t now)
{
	while (from->first && from->first->due_us <= now && to->writable) {
		struct chunk *k = from->first;
		ssize_t n = 0;

		if (k->len == 0)
			shutdown(to->fd, SHUT_WR);
		else
			n = send(to->fd, k->data + k->sent, k->len - k->sent,
				 MSG_DONTWAIT | MSG_NOSIGNAL);
		if (n < 0 && errno == EAGAIN) {
			to->writable = false;
			return;
		}
		k->sent = n < 0 ? k->len : k->sent + (size_t)n;
		if (k->sent < k->len)
			continue;
		from->first = k->next;
		if (!from->first)
			from->last = &from->first;
		from->flight -= k->len;
		free(k);
	}
}

/* Moves what can move; the earliest time at which more can. */
static int64_t pump(int64_t now)
{
	int64_t next = INT64_MAX;

	for (struct connection **at = &connections, *c; (c = *at);) {
		for (int i = 0; i < 2; i++) {
			struct side *from = &c->side[i], *to = &c->side[1 - i];

			receive(c, from, now);
			deliver(from, to, now);
			receive(c, from, now);
			if (from->first && to->writable && from->first->due_us < next)
				next = from->first->due_us;
		}
		if (c->side[0].ended && c->side[1].ended && !c->side[0].first &&
		    !c->side[1].first) {
			*at = c->next;
			close(c->side[0].fd);
			close(c->side[1].fd);
			free(c);
		} else {
			at = &c->next;
		}
	}
	return next;
}

static int listen_anywhere(void)
{
	struct sockaddr_in a = loopback(0);
	socklen_t n = sizeof(a);
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	if (bind(fd, (struct sockaddr *)&a, n) < 0 || listen(fd, 4096) < 0 ||
	    getsockname(fd, (struct sockaddr *)&a, &n) < 0) {
		perror("delay");
		exit(1);
	}
	printf("%d\n", ntohs(a.sin_port));
	fflush(stdout);
	return fd;
}

static void add(int fd)
{
	struct epoll_event e = { .events = EPOLLIN, .data.u64 = (uint64_t)fd };

	epoll_ctl(epoll_fd, EPOLL_CTL_ADD, fd, &e);
}

int main(int argc, char **argv)
{
	struct epoll_event events[256];
	int64_t ms, port, next = INT64_MAX;
	int listener;

	if (argc != 3 || !str_to_int64(argv[1], 0, 10000, &ms) ||
	    !str_to_int64(argv[2], 1, 65535, &port)) {
		fprintf(stderr, "usage: delay MS PORT\n");
		return 2;
	}
	half_us = ms * 500;
	epoll_fd = epoll_create1(0);
	listener = listen_anywhere();
	add(listener);
	add(STDIN_FILENO);
	for (;;) {
		int64_t wait_us = next == INT64_MAX ? -1 : next - now_us();
		struct timespec t = { wait_us / 1000000, wait_us % 1000000 * 1000 };
		int n;

		if (next != INT64_MAX && wait_us < 0)
			t = (struct timespec){ 0 };
		n = epoll_pwait2(epoll_fd, events, ARRAY_SIZE(events),
				 next == INT64_MAX ? NULL : &t, NULL);
		for (int i = 0; i < n; i++) {
			uintptr_t p = (uintptr_t)events[i].data.u64;
			struct side *s;

			if (p == STDIN_FILENO)
				return 0;
			if (p == (uintptr_t)listener) {
				open_connection(listener, (int)port);
				continue;
			}
			s = &((struct connection *)(p & ~(uintptr_t)1))->side[p & 1];
			s->readable |= (events[i].events & ~(uint32_t)EPOLLOUT) != 0;
			s->writable |= (events[i].events & EPOLLOUT) != 0;
		}
		next = pump(now_us());
	}
}
