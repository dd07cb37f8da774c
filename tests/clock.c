/* SPDX-License-Identifier: MIT */
/*
 * Preloaded into all processes that a test starts: shifts their wall clock by what the file
 * $TEST_CLOCK_FILE contains, eight bytes of nanoseconds that a test may rewrite at any time (clock.py).
 * Monotonic clocks, and so time-outs, are not affected. The kernel is called directly, so this does not
 * depend on the sanitizers that may be in the same process.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#define NS INT64_C(1000000000)

static const _Atomic int64_t *offset;

/* Switches to another file, in a process that is running already. */
int clock_open(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	void *p = fd < 0 ? MAP_FAILED : mmap(NULL, sizeof(*offset), PROT_READ, MAP_SHARED, fd, 0);

	if (fd >= 0)
		close(fd);
	if (p == MAP_FAILED)
		return -1;
	offset = p;
	return 0;
}

__attribute__((constructor)) static void begin(void)
{
	const char *path = getenv("TEST_CLOCK_FILE");

	/* Falling back to the machine's clock would make tests fail for no visible reason. */
	if (path && clock_open(path) < 0)
		abort();
}

int clock_gettime(clockid_t id, struct timespec *ts)
{
	int rc = (int)syscall(SYS_clock_gettime, id, ts);

	if (rc == 0 && offset && (id == CLOCK_REALTIME || id == CLOCK_REALTIME_COARSE)) {
		int64_t ns = ts->tv_sec * NS + ts->tv_nsec + atomic_load(offset);

		ts->tv_sec = ns / NS;
		ts->tv_nsec = ns % NS;
	}
	return rc;
}

int gettimeofday(struct timeval *restrict tv, void *restrict zone)
{
	struct timespec ts;

	(void)zone;
	clock_gettime(CLOCK_REALTIME, &ts);
	*tv = (struct timeval){ ts.tv_sec, ts.tv_nsec / 1000 };
	return 0;
}

time_t time(time_t *t)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME_COARSE, &ts);
	if (t)
		*t = ts.tv_sec;
	return ts.tv_sec;
}
