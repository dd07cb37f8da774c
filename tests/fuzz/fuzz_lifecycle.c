/* SPDX-License-Identifier: MIT */
/* Our rules among those of a life cycle that others have written. The first byte selects ours. */
#include "config.h"

#include "base/error.h"
#include "base/str.h"
#include "base/xml.h"
#include "fuzz.h"
#include "setup/lifecycle.h"

#define PREFIX "a&b/<logs>"

static bool is_ours(const struct xml *rule)
{
	const char *id = xml_text(rule, "ID");

	return id && (str_starts(id, "ApigwLogsObjects") || str_starts(id, "ApigwLogsLedger"));
}

/* The rules of others, as they are sent. */
static void add_others(struct buf *b, const struct xml *doc)
{
	for (const struct xml *x = xml_child(doc, "Rule"); x; x = xml_next(x))
		if (!is_ours(x))
			xml_add(b, x);
}

static void check_others(const struct xml *before, const struct lifecycle_plan *p)
{
	cleanup_buf struct buf was = BUF_INIT, is = BUF_INIT;
	cleanup_xml struct xml *after = NULL;

	must(xml_parse(p->text.data, p->text.len, "it", &after, NULL) == 0);
	add_others(&was, before);
	add_others(&is, after);
	must(was.len == is.len && (!was.len || str_eq(was.data, is.data)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct lifecycle l = LIFECYCLE_NONE;
	cleanup_lifecycle_plan struct lifecycle_plan once = { 0 }, twice = { 0 };
	cleanup_xml struct xml *before = NULL;
	cleanup_error struct error *err = NULL;
	const char *text = (const char *)data + 1;

	if (size < 1)
		return 0;
	l.move_days[data[0] % LIFECYCLE_CLASSES] = data[0];
	l.expire_days = data[0] & 1 ? 400 : 0;
	l.noncurrent_days = data[0] & 2 ? 30 : 0;
	l.abort_days = data[0] & 4 ? 7 : 0;
	must(lifecycle_check(&l, NULL) == 0);
	if (lifecycle_merge(text, size - 1, PREFIX, &l, &once, &err) < 0) {
		must(err && !str_empty(err->msg) && !once.wanted);
		return 0;
	}
	must(size == 1 || xml_parse(text, size - 1, "it", &before, NULL) == 0);
	check_others(before, &once);
	must(once.wanted);
	must(lifecycle_merge(once.text.data, once.text.len, PREFIX, &l, &twice, NULL) == 0);
	must(str_eq(once.text.data, twice.text.data) && str_eq(once.wanted, twice.now));
	return 0;
}
