/* SPDX-License-Identifier: MIT */
/*
 * What the program takes from its environment. It is passed in and never global, so
 * that a test can stop the clock, set variables and move the root of the file system.
 */
#ifndef BASE_ENV_H
#define BASE_ENV_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/buf.h"

struct error;

struct env {
	/* An environment variable, or NULL; borrowed. */
	const char *(*get)(void *data, const char *name);
	/* Uniform in [0, 1). */
	double (*random)(void *data);
	/* The wall clock, in ms since the epoch. */
	int64_t (*now_ms)(void *data);
	/* May return early when *stop becomes non-zero. */
	void (*sleep_ms)(void *data, int64_t ms);
	void *data;
	/* The signal that asks to stop, or 0; set by a signal handler. NULL: there is none. */
	const atomic_int *stop;
	/* Prepended to every path that is read: "" except in tests. */
	const char *root;
};

/* The system's: getenv, clock_gettime, getrandom. stop is borrowed and may be NULL. */
void env_system(struct env *ret, const atomic_int *stop);

/* NULL also if the variable is empty: the SDKs treat both alike. */
const char *env_get(const struct env *env, const char *name);
int64_t env_now_ms(const struct env *env);
/* True once a signal has asked to stop: operations then end with err_interrupted(). */
bool env_stopped(const struct env *env);
/* False if a signal asked to stop before the time was over. */
bool env_sleep_ms(const struct env *env, int64_t ms);
double env_random(const struct env *env);

/*
 * Reads a whole file below env->root. Fails with ERR_LOCAL; *ret_missing (may be
 * NULL) tells whether that is because the file does not exist.
 */
int env_read_file(const struct env *env, const char *path, struct buf *ret, bool *ret_missing,
		  struct error **err);
/*
 * Writes a whole file below env->root, or leaves what is there: by renaming a new one,
 * whose mode is that less the umask.
 */
int env_write_file(const struct env *env, const char *path, const void *p, size_t n, mode_t mode,
		   struct error **err);

#endif
