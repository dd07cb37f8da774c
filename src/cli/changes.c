/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "cli/changes.h"

#include <string.h>

#include "base/json.h"
#include "base/str.h"
#include "base/xalloc.h"
#include "cli/output.h"
#include "cli/table.h"
#include "setup/change.h"

/* Longer values are cut in text; JSON has them whole. */
#define TEXT_MAX 120

static char *shortened(const char *s)
{
	size_t n = strlen(s);

	return n <= TEXT_MAX ? xstrdup(s) : xasprintf("%.*s...", TEXT_MAX - 3, s);
}

/* Changes of one resource are grouped below its name. */
static void add_row(struct table *t, const struct changes *l, size_t i, enum style style,
		    const char *word)
{
	const struct change *c = &l->v[i];
	cleanup_free char *current = c->current ? shortened(c->current) : NULL;
	cleanup_free char *desired = c->desired ? shortened(c->desired) : NULL;

	if (i == 0 || !str_eq(l->v[i - 1].resource, c->resource))
		table_add_heading(t, c->resource);
	table_add_word(t, style, word);
	table_add(t, "%s", c->property);
	if (current && desired)
		table_add(t, "%s -> %s", current, desired);
	else
		table_add(t, "%s", desired ? desired : current);
}

void changes_print(const struct output *out, const struct changes *l)
{
	cleanup_table struct table t = { 0 };

	table_init(&t, 3);
	for (size_t i = 0; i < l->n; i++) {
		const struct change *c = &l->v[i];

		if (!c->current)
			add_row(&t, l, i, STYLE_GOOD, "+");
		else if (!c->desired)
			add_row(&t, l, i, STYLE_BAD, "-");
		else
			add_row(&t, l, i, STYLE_UNSURE, "~");
	}
	table_print(out, &t);
}

void changes_print_states(const struct output *out, const struct changes *l)
{
	static const struct {
		const char *word;
		enum style style;
	} states[] = { [CHANGE_PLANNED] = { "not done", STYLE_UNSURE },
		       [CHANGE_APPLIED] = { "done", STYLE_GOOD },
		       [CHANGE_FAILED] = { "failed", STYLE_BAD } };
	cleanup_table struct table t = { 0 };

	table_init(&t, 3);
	for (size_t i = 0; i < l->n; i++)
		add_row(&t, l, i, states[l->v[i].state].style, states[l->v[i].state].word);
	table_print(out, &t);
}

json_t *changes_json(const struct changes *l)
{
	json_t *list = json_array();

	for (size_t i = 0; i < l->n; i++) {
		const struct change *c = &l->v[i];

		json_array_append_new(
			list, json_pack("{so so so so ss}", "resource", json_text(c->resource),
					"property", json_text(c->property), "current",
					json_text(c->current), "desired", json_text(c->desired),
					"state", change_state_name(c->state)));
	}
	return list;
}
