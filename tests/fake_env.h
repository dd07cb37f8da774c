/* SPDX-License-Identifier: MIT */
/* A struct env with given variables, a clock that only sleeping moves, and no randomness. */
#ifndef FAKE_ENV_H
#define FAKE_ENV_H

#include "base/env.h"

struct fake_env {
	struct env env;            /* for the code under test */
	const char *variables[16]; /* "NAME=value", NULL at the end */
	int64_t now_ms, slept_ms;
	int sleeps;
	int64_t stop_from_ms; /* a signal arrives in the first sleep that is at least this long; 0: none does */
	atomic_int stop;
};

/* To be called on zeros, after fields with other initial values are set. root is borrowed. */
void fake_env_init(struct fake_env *f, const char *root);

#endif
