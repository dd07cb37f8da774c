/* SPDX-License-Identifier: MIT */
/* A ledger entry, and the names of entries and objects: all of it is what a bucket may hold. */
#include "config.h"

#include <string.h>

#include "archive/layout.h"
#include "archive/ledger.h"
#include "archive/readings.h"
#include "base/error.h"
#include "base/str.h"
#include "base/time.h"
#include "base/xalloc.h"
#include "fuzz.h"

static void check_entry(const char *text, size_t n)
{
	struct ledger_entry e;
	struct error *err = NULL;

	if (ledger_entry_parse(text, n, &e, &err) < 0) {
		must(err && err->kind == ERR_FOUND);
		error_free(err);
		return;
	}
	must(!err && e.region && e.log_group && e.destination);
	must(str_eq(e.state, LEDGER_EXPORTED) || str_eq(e.state, LEDGER_EMPTY));
	must(e.window.from_ms >= 0 && e.window.from_ms < e.window.to_ms);
	for (size_t i = 0; i < e.n_objects; i++) {
		must(e.objects[i].key && e.objects[i].recorded.etag && e.objects[i].stream);
		must(e.objects[i].recorded.size <= INT64_MAX &&
		     e.objects[i].recorded.bytes <= INT64_MAX);
	}
	must(e.readings && e.readings <= READINGS_ALL);
	must(e.early <= INT64_MAX && e.late <= INT64_MAX && e.missed <= INT64_MAX);
	ledger_entry_release(&e);
}

static void check_names(const char *name)
{
	char *task = NULL, *stream = NULL;
	struct window w;

	if (layout_ledger_window(name, &w))
		must(w.from_ms >= 0 && w.from_ms < w.to_ms && w.to_ms <= TIME_MAX_MS);
	if (layout_split_object("d", name, &task, &stream)) {
		cleanup_free char *again = xasprintf("d/%s/%s/", task, stream);

		must(str_starts(name, again) && str_ends(name, ".gz"));
		must(!strchr(task, '/') && !strchr(stream, '/'));
	} else {
		must(!task && !stream);
	}
	free(task);
	free(stream);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	cleanup_free char *name = xstrndup((const char *)data, size);

	check_entry((const char *)data, size);
	check_names(name);
	return 0;
}
