/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "export/spent.h"

#include <stdlib.h>

#include "archive/api_log.h"
#include "archive/archive.h"
#include "archive/layout.h"
#include "archive/replace.h"
#include "base/error.h"
#include "base/xalloc.h"
#include "export/export.h"

void spent_release(struct spent *s)
{
	strv_release(&s->ids);
	strv_release(&s->folders);
}

void spent_add(struct spent *s, const char *task_id, char *folder)
{
	strv_add(&s->ids, task_id);
	strv_take(&s->folders, folder);
}

int spent_add_replaced(struct spent *s, const struct export_run *run, const struct api_log *log,
		       const struct window *w, struct error **err)
{
	const struct archive *a = run->opts->archive;
	cleanup_strv struct strv ids = STRV_INIT, destinations = STRV_INIT;

	if (replaced_tasks(a, log->log_group, w, &ids, err) < 0)
		return -1;
	layout_destinations(a->prefix, a->region, log, w, &destinations);
	for (size_t i = 0; i < ids.n; i++)
		for (size_t d = 0; d < destinations.n; d++)
			spent_add(s, ids.v[i], xasprintf("%s/%s/", destinations.v[d], ids.v[i]));
	return 0;
}

static void warn(struct export_run *run, const struct error *why)
{
	cleanup_free char *text = xasprintf(
		"objects that were replaced are still in the bucket, and whoever reads it "
		"without the ledger reads their events twice: %s",
		why->msg);

	if (!run->leftovers_told)
		run->sink->warning(run->sink->data, text);
	run->leftovers_told = true;
}

int spent_remove(const struct spent *s, struct export_run *run, const char *but, struct error **err)
{
	for (size_t i = 0; i < s->ids.n; i++) {
		cleanup_error struct error *own = NULL;

		if (str_eq0(but, s->ids.v[i]) ||
		    s3_delete_folder(&run->opts->archive->bucket, s->folders.v[i], &own) == 0)
			continue;
		if (own->kind != ERR_REFUSED || own->credentials) {
			err_move(&own, err);
			return err_wrap(err,
					"the window is recorded anew, but the objects that this "
					"replaces were not removed");
		}
		warn(run, own);
	}
	return 0;
}
