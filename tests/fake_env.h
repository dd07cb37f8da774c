/* SPDX-License-Identifier: MIT */
/* A struct env with variables as told, a clock that only sleep moves, and no chance. */
#ifndef FAKE_ENV_H
#define FAKE_ENV_H

#include "base/env.h"

struct fake_env {
	struct env env;            /* what the code under test gets */
	const char *variables[16]; /* "NAME=value", NULL at the end */
	int64_t now_ms, slept_ms;
	int sleeps;
	int64_t stop_from_ms; /* a signal comes in the first sleep that is as long; 0: in none */
	atomic_int stop;
};

/* For all zero, and after what is to be there from the start. root is borrowed. */
void fake_env_init(struct fake_env *f, const char *root);

#endif
