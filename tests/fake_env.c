/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "fake_env.h"

#include <signal.h>
#include <string.h>

#include "base/str.h"

static const char *get(void *data, const char *name)
{
	const struct fake_env *f = data;
	size_t n = strlen(name);

	for (size_t i = 0; i < ARRAY_SIZE(f->variables) && f->variables[i]; i++)
		if (str_starts(f->variables[i], name) && f->variables[i][n] == '=')
			return f->variables[i] + n + 1;
	return NULL;
}

static double half(void *data)
{
	(void)data;
	return 0.5;
}

static int64_t now(void *data)
{
	return ((struct fake_env *)data)->now_ms;
}

static void pass_time(void *data, int64_t ms)
{
	struct fake_env *f = data;

	f->now_ms += ms;
	f->slept_ms += ms;
	f->sleeps++;
	if (f->stop_from_ms && ms >= f->stop_from_ms)
		atomic_store(&f->stop, SIGINT);
}

void fake_env_init(struct fake_env *f, const char *root)
{
	f->env = (struct env){
		.get = get,
		.random = half,
		.now_ms = now,
		.sleep_ms = pass_time,
		.data = f,
		.stop = &f->stop,
		.root = root,
	};
}
