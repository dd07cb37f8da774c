/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "cli/problems.h"

#include <stdlib.h>

#include "archive/selection.h"
#include "base/amount.h"
#include "base/buf.h"
#include "base/str.h"
#include "base/xalloc.h"
#include "cli/output.h"
#include "cli/windows.h"

void problem_list_init(struct problem_list *l, const struct output *o)
{
	*l = (struct problem_list){ .output = o };
}

static struct problem_kind *find_kind(struct problem_list *l, const char *name)
{
	for (size_t i = 0; i < l->n; i++)
		if (str_eq(l->kinds[i].name, name))
			return &l->kinds[i];
	l->kinds[l->n] = (struct problem_kind){ .name = name };
	return &l->kinds[l->n++];
}

void problem_list_add(struct problem_list *l, const struct api_log *log, const struct window *w,
		      const char *kind, const char *where, const char *message)
{
	struct problem_kind *k;

	if (l->log && (l->log != log || window_order(&l->window, w) != 0))
		problem_list_flush(l);
	l->log = log;
	l->window = *w;
	k = find_kind(l, kind);
	if (k->n < PROBLEM_EXAMPLES) {
		k->where[k->n] = xstrdup(where);
		k->message[k->n] = xstrdup(message);
	}
	k->n++;
}

static void print_each(const struct problem_list *l, const struct problem_kind *k)
{
	for (uint64_t i = 0; i < k->n; i++)
		problem(l->output, k->name, "%s: %s", k->where[i] ? k->where[i] : l->log->log_group,
			k->message[i]);
}

/* "/group 2026-11-21: 5,000 objects, such as s3://… (it has …), s3://…, s3://…" */
static void print_together(const struct problem_list *l, const struct problem_kind *k)
{
	cleanup_free char *label = window_label(&l->window);
	cleanup_free char *count = plural_str(k->n, k->where[0] ? "object" : "problem");
	cleanup_buf struct buf b = BUF_INIT;

	buf_addf(&b, "%s %s: %s, such as", l->log->log_group, label, count);
	for (size_t i = 0; i < PROBLEM_EXAMPLES; i++) {
		const char *separator = i ? "," : "";

		if (!k->where[i])
			buf_addf(&b, "%s %s", separator, k->message[i]);
		else if (i == 0)
			buf_addf(&b, " %s (%s)", k->where[i], k->message[i]);
		else
			buf_addf(&b, "%s %s", separator, k->where[i]);
	}
	problem(l->output, k->name, "%s", b.data);
}

void problem_list_flush(struct problem_list *l)
{
	for (size_t i = 0; i < l->n; i++) {
		struct problem_kind *k = &l->kinds[i];

		if (k->n <= PROBLEM_EXAMPLES)
			print_each(l, k);
		else
			print_together(l, k);
		for (size_t e = 0; e < PROBLEM_EXAMPLES; e++) {
			free(k->where[e]);
			free(k->message[e]);
		}
	}
	l->n = 0;
	l->log = NULL;
}
