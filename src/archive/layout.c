/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "archive/layout.h"

#include <ctype.h>
#include <string.h>

#include "archive/api_log.h"
#include "base/buf.h"
#include "base/str.h"
#include "base/time.h"
#include "base/xalloc.h"

/* The partition keys, from the prefix to a task's folder. */
enum key { REGION, API, STAGE, KIND, GROUP, DATE, HOUR };
static const char *const key_names[] = {
	[REGION] = "region", [API] = "api", [STAGE] = "stage", [KIND] = "kind",
	[GROUP] = "group",   [DATE] = "dt", [HOUR] = "hh",
};
static const enum key api_keys[] = { REGION, API, STAGE, KIND };
static const enum key group_keys[] = { REGION, GROUP };

#define WRITE_TEST "/aws-logs-write-test"

/* Where the partition keys take their values from. */
struct place {
	const char *region;
	const struct api_log *log;
	const struct window *window;
};

static void add_value(struct buf *b, enum key key, const struct place *p)
{
	char date[TIME_DATE_SIZE];

	switch (key) {
	case REGION:
		buf_adds(b, p->region);
		break;
	case API:
		buf_adds(b, p->log->api_id);
		break;
	case STAGE:
		buf_adds(b, p->log->stage);
		break;
	case KIND:
		buf_adds(b, log_kind_name(p->log->kind));
		break;
	case GROUP:
		buf_add_uri(b, p->log->log_group, strlen(p->log->log_group), false);
		break;
	case DATE:
		buf_adds(b, time_date(p->window->from_ms, date));
		break;
	case HOUR:
		buf_addf(b, "%02d",
			 (int)((p->window->from_ms - time_floor(p->window->from_ms, MS_DAY)) /
			       MS_HOUR));
		break;
	}
}

static void add_partition(struct buf *b, enum key key, const struct place *p)
{
	buf_addf(b, "/%s=", key_names[key]);
	add_value(b, key, p);
}

static void add_folder(struct buf *b, const char *prefix, const char *region,
		       const struct api_log *log)
{
	const struct place place = { region, log, NULL };
	const enum key *keys = log->api_id ? api_keys : group_keys;
	size_t n = log->api_id ? ARRAY_SIZE(api_keys) : ARRAY_SIZE(group_keys);

	buf_adds(b, prefix);
	for (size_t i = 0; i < n; i++)
		add_partition(b, keys[i], &place);
}

static void add_window(struct buf *b, const struct window *w)
{
	const struct place place = { .window = w };

	add_partition(b, DATE, &place);
	if (!window_is_day(w))
		add_partition(b, HOUR, &place);
}

char *layout_destination(const char *prefix, const char *region, const struct api_log *log,
			 const struct window *w)
{
	struct buf b = BUF_INIT;

	add_folder(&b, prefix, region, log);
	add_window(&b, w);
	return buf_take(&b);
}

void layout_folders(const char *prefix, const char *region, const struct api_log *log,
		    struct strv *ret)
{
	struct api_log other = { .log_group = log->log_group, .kind = KIND_EXECUTION };
	cleanup_free char *api_id = NULL, *stage = NULL;
	struct buf own = BUF_INIT, others = BUF_INIT;

	add_folder(&own, prefix, region, log);
	strv_take(ret, buf_take(&own));
	if (!log->api_id && execution_log_group_parse(log->log_group, &api_id, &stage)) {
		other.api_id = api_id;
		other.stage = stage;
	}
	if (!log->api_id && !other.api_id)
		return;
	add_folder(&others, prefix, region, &other);
	strv_take(ret, buf_take(&others));
}

void layout_destinations(const char *prefix, const char *region, const struct api_log *log,
			 const struct window *w, struct strv *ret)
{
	cleanup_strv struct strv folders = STRV_INIT;

	layout_folders(prefix, region, log, &folders);
	for (size_t i = 0; i < folders.n; i++) {
		struct buf b = BUF_INIT;

		buf_adds(&b, folders.v[i]);
		add_window(&b, w);
		strv_take(ret, buf_take(&b));
	}
}

char *layout_ledger_folder(const char *prefix, const char *region)
{
	return xasprintf("%s/_ledger/%s/", prefix, region);
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

char *layout_replaced_prefix(const char *prefix, const char *region, const char *log_group)
{
	struct buf b = BUF_INIT;

	buf_addf(&b, "%s/_ledger/_replaced/%s/", prefix, region);
	buf_add_uri(&b, log_group, strlen(log_group), false);
	buf_addc(&b, '/');
	return buf_take(&b);
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
	return xasprintf("%s" WRITE_TEST, destination);
}

bool layout_is_write_test(const char *key)
{
	return str_ends(key, WRITE_TEST);
}

/* The value of a partition, "dt=VALUE…", or NULL if s begins with another key. */
static const char *value_of(enum key key, const char *s)
{
	size_t n = strlen(key_names[key]);

	return str_starts(s, key_names[key]) && s[n] == '=' ? s + n + 1 : NULL;
}

char *layout_day_folder(const char *destination)
{
	const char *slash = strrchr(destination, '/');
	bool has_hour = slash && value_of(HOUR, slash + 1);

	return xasprintf("%.*s/",
			 (int)(has_hour ? slash - destination : (ptrdiff_t)strlen(destination)),
			 destination);
}

bool layout_parse_day(const char *folder, int64_t *ret_ms)
{
	const char *value = value_of(DATE, folder);
	cleanup_free char *date = NULL;

	if (!value || strlen(value) != TIME_DATE_SIZE || value[TIME_DATE_SIZE - 1] != '/')
		return false;
	date = xstrndup(value, TIME_DATE_SIZE - 1);
	return time_parse_iso(date, ret_ms);
}

const char *layout_skip_hour(const char *rest, int64_t *ret_ms)
{
	const char *value = value_of(HOUR, rest);
	int hour = value && str_is_digits(value, 2) && value[2] == '/'
			   ? (value[0] - '0') * 10 + value[1] - '0'
			   : 24;

	*ret_ms = hour < 24 ? hour * MS_HOUR : 0;
	return hour < 24 ? value + 3 : rest;
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
