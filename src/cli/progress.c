/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "cli/progress.h"

#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#include "base/amount.h"
#include "base/buf.h"
#include "base/cleanup.h"
#include "base/env.h"
#include "base/str.h"
#include "base/text.h"
#include "base/time.h"
#include "base/xalloc.h"
#include "cli/output.h"

/* Often enough to look alive, rarely enough to cost nothing. */
#define EVERY_MS 100

void progress_init(struct progress *p, const struct output *o)
{
	const char *term = env_get(o->env, "TERM");

	*p = (struct progress){ .output = o };
	p->on = !o->no_progress && !o->quiet && o->verbose < 2 && isatty(STDERR_FILENO) &&
		!(term && str_eq(term, "dumb"));
}

void progress_show(struct progress *p, const char *fmt, ...)
{
	cleanup_free char *text = NULL, *safe = NULL;
	int64_t now;
	va_list ap;

	if (!p->on)
		return;
	now = env_now_ms(p->output->env);
	if (now - p->shown_ms < EVERY_MS)
		return;
	va_start(ap, fmt);
	text = xvasprintf(fmt, ap);
	va_end(ap);
	safe = text_escaped(text, false);
	/* No wrapping: a line that wraps cannot be rewritten. */
	fprintf(stderr, "\r\033[K\033[?7l%s\033[?7h", safe);
	fflush(stderr);
	p->shown_ms = now;
	p->visible = true;
}

void progress_show_work(struct progress *p, const char *what, uint64_t bytes, double part,
			int64_t started_ms)
{
	double passed_s = (double)(env_now_ms(p->output->env) - started_ms) / 1000;
	/* Any earlier, an estimate would be meaningless. */
	bool known = passed_s > 1 && part > 0.01;
	cleanup_buf struct buf text = BUF_INIT;
	char size[COUNT_SIZE];

	buf_adds(&text, what);
	if (bytes)
		buf_addf(&text, ", %s", size_str(bytes, size));
	if (bytes && known)
		buf_addf(&text, ", %s/s", size_str((uint64_t)((double)bytes / passed_s), size));
	if (known) {
		int64_t left_s = (int64_t)(passed_s * (1 - part) / part);
		cleanup_free char *left = time_duration_str(left_s * MS_SECOND);

		buf_addf(&text, ", %s left", left);
	}
	progress_show(p, "%s", text.data);
}

void progress_clear(struct progress *p)
{
	if (p->visible) {
		fprintf(stderr, "\r\033[K");
		fflush(stderr);
	}
	p->visible = false;
	p->shown_ms = 0;
}
