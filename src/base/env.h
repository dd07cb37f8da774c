/* SPDX-License-Identifier: MIT */
/*
 * What the program takes from its surroundings, handed in and never global, so
 * that a test can hold time still, play an environment and move the root of
 * the file system.
 */
#ifndef BASE_ENV_H
#define BASE_ENV_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

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
	/* The signal that asks to stop, 0 until it comes; NULL: none can. Written by a handler. */
	const atomic_int *stop;
	/* Stands before every path that is read: "" but in tests. */
	const char *root;
};

/* The real one: getenv, clock_gettime, getrandom. stop is borrowed and may be NULL. */
void env_system(struct env *ret, const atomic_int *stop);

/* NULL also where the variable is empty: the SDKs treat the two alike. */
const char *env_get(const struct env *env, const char *name);
int64_t env_now_ms(const struct env *env);
/* True once a signal asked to stop: what is under way ends with err_interrupted(). */
bool env_stopped(const struct env *env);
/* False if it was cut short because of that, or did not begin. */
bool env_sleep_ms(const struct env *env, int64_t ms);
double env_random(const struct env *env);

/*
 * Reads a whole file under env->root. Fails with ERR_LOCAL; *ret_missing
 * (may be NULL) says that it was because there is no such file.
 */
int env_read_file(const struct env *env, const char *path, struct buf *ret, bool *ret_missing,
		  struct error **err);

#endif
