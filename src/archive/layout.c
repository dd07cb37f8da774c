/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "archive/layout.h"

#include <ctype.h>
#include <string.h>

#include "archive/selection.h"
#include "base/buf.h"
#include "base/str.h"
#include "base/time.h"
#include "base/xalloc.h"

char *layout_destination(const char *prefix, const char *region, const struct api_log *log,
			 const struct window *w, bool by_hour)
{
	char date[TIME_DATE_SIZE];
	struct buf b = BUF_INIT;

	buf_addf(&b, "%s/region=%s/", prefix, region);
	if (log->api_id) {
		buf_addf(&b, "api=%s/stage=%s/kind=%s", log->api_id, log->stage,
			 log_kind_name(log->kind));
	} else {
		buf_adds(&b, "group=");
		buf_add_uri(&b, log->log_group, strlen(log->log_group), false);
	}
	buf_addf(&b, "/dt=%s", time_date(w->from_ms, date));
	if (by_hour)
		buf_addf(&b, "/hh=%02d",
			 (int)((w->from_ms - time_floor(w->from_ms, MS_DAY)) / MS_HOUR));
	return buf_take(&b);
}

char *layout_ledger_prefix(const char *prefix, const char *region, const char *log_group)
{
	struct buf b = BUF_INIT;

	buf_addf(&b, "%s/_ledger/%s/", prefix, region);
	buf_add_uri(&b, log_group, strlen(log_group), false);
	buf_addc(&b, '/');
	return buf_take(&b);
}

char *layout_ledger_key(const char *prefix, const char *region, const char *log_group,
			const struct window *w)
{
	cleanup_free char *folder = layout_ledger_prefix(prefix, region, log_group);

	return xasprintf("%s%lld-%lld.json", folder, (long long)w->from_ms, (long long)w->to_ms);
}

bool layout_ledger_window(const char *key, struct window *ret)
{
	const char *slash = strrchr(key, '/');
	const char *name = slash ? slash + 1 : key;
	const char *dash = strchr(name, '-');
	cleanup_free char *from = NULL, *to = NULL;

	if (!dash || !str_ends(dash, ".json"))
		return false;
	from = xstrndup(name, (size_t)(dash - name));
	to = xstrndup(dash + 1, strlen(dash + 1) - strlen(".json"));
	return str_to_int64(from, 0, TIME_MAX_MS, &ret->from_ms) &&
	       str_to_int64(to, 0, TIME_MAX_MS, &ret->to_ms) && ret->from_ms < ret->to_ms;
}

char *layout_write_test_key(const char *destination)
{
	return xasprintf("%s/aws-logs-write-test", destination);
}

bool layout_split_object(const char *destination, const char *key, char **ret_task_id,
			 char **ret_stream)
{
	size_t n = strlen(destination);
	const char *task, *stream, *file;

	if (strncmp(key, destination, n) != 0 || key[n] != '/')
		return false;
	task = key + n + 1;
	stream = strchr(task, '/');
	file = stream ? strchr(stream + 1, '/') : NULL;
	if (!file || strchr(file + 1, '/') || !str_ends(file, ".gz"))
		return false;
	*ret_task_id = xstrndup(task, (size_t)(stream - task));
	*ret_stream = xstrndup(stream + 1, (size_t)(file - stream - 1));
	return true;
}

bool layout_is_task_id(const char *folder)
{
	static const char form[] = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";
	size_t i;

	for (i = 0; form[i]; i++)
		if (form[i] == '-' ? folder[i] != '-' : !isxdigit((unsigned char)folder[i]))
			return false;
	return folder[i] == '\0' || folder[i] == '/';
}

char *layout_stream_folder(const char *stream)
{
	char *folder = xstrdup(stream);

	for (char *p = folder; *p; p++)
		if (*p == '/')
			*p = '-';
	return folder;
}
