/* SPDX-License-Identifier: MIT */
/*
 * What the program takes from its surroundings, handed in and never global, so
 * that a test can hold time still, play an environment and move the root of
 * the file system.
 */
#ifndef BASE_ENV_H
#define BASE_ENV_H

#include <stdint.h>

#include "base/buf.h"
#include "base/time.h"

struct error;

struct env {
	/* An environment variable, or NULL; borrowed. */
	const char *(*get)(void *data, const char *name);
	/* Uniform in [0, 1). */
	double (*random)(void *data);
	struct clock clock;
	void *data;
	/* Stands before every path that is read: "" but in tests. */
	const char *root;
};

/* The real one: getenv, clock_gettime, getrandom. sleep ends early when *stop becomes non-zero. */
void env_system(struct env *ret, const volatile int *stop);

/* NULL also where the variable is empty: the SDKs treat the two alike. */
const char *env_get(const struct env *env, const char *name);
int64_t env_now_ms(const struct env *env);
/* False if the person asked to stop. */
bool env_sleep_ms(const struct env *env, int64_t ms);
double env_random(const struct env *env);

/*
 * Reads a whole file under env->root. Fails with ERR_LOCAL; *ret_missing
 * (may be NULL) says that it was because there is no such file.
 */
int env_read_file(const struct env *env, const char *path, struct buf *ret, bool *ret_missing,
		  struct error **err);

#endif
