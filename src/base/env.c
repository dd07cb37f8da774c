/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "base/env.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/crypto.h"
#include "base/error.h"
#include "base/str.h"
#include "base/xalloc.h"

static const char *system_get(void *data, const char *name)
{
	(void)data;
	return getenv(name);
}

static double system_random(void *data)
{
	(void)data;
	return random_unit();
}

static int64_t system_now_ms(void *data)
{
	struct timespec ts;

	(void)data;
	clock_gettime(CLOCK_REALTIME, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

/* A signal interrupts nanosleep(); one that comes just before it is noticed a slice later. */
#define SLEEP_SLICE_MS 200

static void system_sleep_ms(void *data, int64_t ms)
{
	const struct env stops = { .stop = data };

	while (ms > 0 && !env_stopped(&stops)) {
		int64_t slice = ms < SLEEP_SLICE_MS ? ms : SLEEP_SLICE_MS;
		struct timespec ts = { .tv_nsec = slice * 1000000 };

		nanosleep(&ts, NULL);
		ms -= slice;
	}
}

void env_system(struct env *ret, const atomic_int *stop)
{
	*ret = (struct env){
		.get = system_get,
		.random = system_random,
		.now_ms = system_now_ms,
		.sleep_ms = system_sleep_ms,
		.data = (void *)stop,
		.stop = stop,
		.root = "",
	};
}

const char *env_get(const struct env *env, const char *name)
{
	const char *v = env->get(env->data, name);

	return str_empty(v) ? NULL : v;
}

int64_t env_now_ms(const struct env *env)
{
	return env->now_ms(env->data);
}

bool env_stopped(const struct env *env)
{
	return env->stop && atomic_load(env->stop) != 0;
}

bool env_sleep_ms(const struct env *env, int64_t ms)
{
	if (ms > 0 && !env_stopped(env))
		env->sleep_ms(env->data, ms);
	return !env_stopped(env);
}

double env_random(const struct env *env)
{
	return env->random(env->data);
}

int env_read_file(const struct env *env, const char *path, struct buf *ret, bool *ret_missing,
		  struct error **err)
{
	cleanup_free char *full = xasprintf("%s%s", env->root, path);
	int fd = open(full, O_RDONLY | O_CLOEXEC);
	ssize_t n = -1;

	if (ret_missing)
		*ret_missing = fd < 0 && (errno == ENOENT || errno == ENOTDIR);
	if (fd < 0)
		return err_errno(err, errno, "cannot read '%s'", path);
	while (buf_reserve(ret, 4096) && (n = read(fd, ret->data + ret->len, 4096)) > 0)
		ret->len += (size_t)n;
	ret->data[ret->len] = '\0';
	if (buf_full(ret))
		err_set(err, ERR_LOCAL, "cannot read '%s': it is larger than %zu bytes", path,
			ret->max);
	else if (n < 0)
		err_errno(err, errno, "cannot read '%s'", path);
	close(fd);
	return buf_full(ret) || n < 0 ? -1 : 0;
}

static int write_all(int fd, const char *p, size_t n)
{
	while (n) {
		ssize_t done = write(fd, p, n);

		if (done < 0 && errno != EINTR)
			return -1;
		p += done > 0 ? done : 0;
		n -= done > 0 ? (size_t)done : 0;
	}
	return 0;
}

/* umask(2) is only told by setting it. */
static mode_t masked(mode_t mode)
{
	mode_t mask = umask(077);

	umask(mask);
	return mode & ~mask;
}

int env_write_file(const struct env *env, const char *path, const void *p, size_t n, mode_t mode,
		   struct error **err)
{
	cleanup_free char *full = xasprintf("%s%s", env->root, path);
	cleanup_free char *temporary = xasprintf("%s.XXXXXX", full);
	int fd = mkostemp(temporary, O_CLOEXEC), saved;
	bool ok;

	if (fd < 0)
		return err_errno(err, errno, "cannot write '%s'", path);
	/* A rename may reach the disk before the file's data. */
	ok = fchmod(fd, masked(mode)) == 0 && write_all(fd, p, n) == 0 && fsync(fd) == 0;
	saved = errno;
	if (close(fd) < 0 && ok) {
		ok = false;
		saved = errno;
	}
	if (ok && rename(temporary, full) < 0) {
		ok = false;
		saved = errno;
	}
	if (ok)
		return 0;
	unlink(temporary);
	return err_errno(err, saved, "cannot write '%s'", path);
}
