/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "server.h"

#include <arpa/inet.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/str.h"
#include "base/xalloc.h"

#define CONNECTIONS_MAX 16

struct connection {
	struct server *server;
	pthread_t thread;
	int fd; /* -1 once it is closed */
};

struct server {
	const struct server_step *steps;
	size_t n;
	int listener;
	char *origin;
	pthread_t thread;
	pthread_mutex_t lock; /* of what follows */
	struct connection connection[CONNECTIONS_MAX];
	int connections, requests;
	char last[64 * 1024];
	size_t last_len;
};

/* Reads one request, body included, and counts it; false at the end of the connection. */
static bool read_request(struct server *s, int fd, size_t *ret_number)
{
	char buf[sizeof(s->last)];
	size_t len = 0, missing = 0;
	bool whole = false;

	while (!whole) {
		ssize_t n = recv(fd, buf + len, sizeof(buf) - 1 - len, 0);
		char *end, *length;
		int64_t body = 0;

		if (n <= 0)
			return false;
		len += (size_t)n;
		buf[len] = '\0';
		end = strstr(buf, "\r\n\r\n");
		if (!end)
			continue;
		length = strcasestr(buf, "\r\nContent-Length: ");
		if (length) {
			cleanup_free char *digits =
				xstrndup(length + 18, strspn(length + 18, "0123456789"));

			str_to_int64(digits, 0, INT32_MAX, &body);
		}
		missing = (size_t)(end + 4 - buf) + (size_t)body;
		whole = len >= missing || len == sizeof(buf) - 1;
	}
	for (missing -= len < missing ? len : missing; missing;) {
		char rest[4096];
		ssize_t n = recv(fd, rest, missing < sizeof(rest) ? missing : sizeof(rest), 0);

		if (n <= 0)
			return false;
		missing -= (size_t)n;
	}
	pthread_mutex_lock(&s->lock);
	memcpy(s->last, buf, len + 1);
	s->last_len = len;
	*ret_number = (size_t)s->requests++;
	pthread_mutex_unlock(&s->lock);
	return true;
}

static bool send_text(int fd, const char *text)
{
	size_t n = text ? strlen(text) : 0;

	while (n) {
		ssize_t done = send(fd, text, n, MSG_NOSIGNAL);

		if (done <= 0)
			return false;
		text += done;
		n -= (size_t)done;
	}
	return true;
}

/* True if the connection may be used again. */
static bool act(int fd, const struct server_step *step)
{
	const struct linger rst = { .l_onoff = 1 };
	char c;

	if (!send_text(fd, step->text))
		return false;
	switch (step->after) {
	case SERVER_KEEP:
		return true;
	case SERVER_RESET:
		setsockopt(fd, SOL_SOCKET, SO_LINGER, &rst, sizeof(rst));
		return false;
	case SERVER_STALL:
		while (recv(fd, &c, 1, 0) > 0)
			;
		return false;
	case SERVER_REPEAT:
		while (send_text(fd, step->again))
			;
		return false;
	case SERVER_CLOSE:
		break;
	}
	return false;
}

static void *serve_one(void *data)
{
	struct connection *c = data;
	struct server *s = c->server;
	size_t step;

	while (read_request(s, c->fd, &step) && step < s->n && act(c->fd, &s->steps[step]))
		;
	pthread_mutex_lock(&s->lock);
	close(c->fd);
	c->fd = -1;
	pthread_mutex_unlock(&s->lock);
	return NULL;
}

static void *serve(void *data)
{
	struct server *s = data;
	int fd;

	while (s->connections < CONNECTIONS_MAX && (fd = accept(s->listener, NULL, NULL)) >= 0) {
		struct connection *c = &s->connection[s->connections];

		pthread_mutex_lock(&s->lock);
		*c = (struct connection){ .server = s, .fd = fd };
		s->connections++;
		if (pthread_create(&c->thread, NULL, serve_one, c) != 0)
			abort();
		pthread_mutex_unlock(&s->lock);
	}
	return NULL;
}

struct server *server_new(const struct server_step *steps, size_t n)
{
	struct server *s = xcalloc(1, sizeof(*s));
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr = { htonl(INADDR_LOOPBACK) } };
	socklen_t len = sizeof(a);

	s->steps = steps;
	s->n = n;
	pthread_mutex_init(&s->lock, NULL);
	s->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (bind(s->listener, (struct sockaddr *)&a, sizeof(a)) < 0 || listen(s->listener, 8) < 0 ||
	    getsockname(s->listener, (struct sockaddr *)&a, &len) < 0 ||
	    pthread_create(&s->thread, NULL, serve, s) != 0)
		abort();
	s->origin = xasprintf("http://127.0.0.1:%d", ntohs(a.sin_port));
	return s;
}

void server_free(struct server *s)
{
	if (!s)
		return;
	shutdown(s->listener, SHUT_RDWR);
	pthread_join(s->thread, NULL);
	for (int i = 0; i < s->connections; i++) {
		pthread_mutex_lock(&s->lock);
		if (s->connection[i].fd >= 0)
			shutdown(s->connection[i].fd, SHUT_RDWR);
		pthread_mutex_unlock(&s->lock);
		pthread_join(s->connection[i].thread, NULL);
	}
	close(s->listener);
	pthread_mutex_destroy(&s->lock);
	free(s->origin);
	free(s);
}

const char *server_origin(const struct server *s)
{
	return s->origin;
}

int server_connections(struct server *s)
{
	int n;

	pthread_mutex_lock(&s->lock);
	n = s->connections;
	pthread_mutex_unlock(&s->lock);
	return n;
}

int server_requests(struct server *s)
{
	int n;

	pthread_mutex_lock(&s->lock);
	n = s->requests;
	pthread_mutex_unlock(&s->lock);
	return n;
}

bool server_saw(struct server *s, const char *text)
{
	bool found;

	pthread_mutex_lock(&s->lock);
	found = memmem(s->last, s->last_len, text, strlen(text)) != NULL;
	pthread_mutex_unlock(&s->lock);
	return found;
}
