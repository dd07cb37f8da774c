/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "setup/loggroup.h"

#include "aws/service/logs.h"
#include "base/amount.h"
#include "base/error.h"
#include "base/str.h"
#include "base/xalloc.h"

static int apply_create(const struct change_run *run, const json_t *args, struct error **err)
{
	return logs_create_group(run->client, json_str(args, "group"), err);
}

static int apply_retention(const struct change_run *run, const json_t *args, struct error **err)
{
	return logs_put_retention(run->client, json_str(args, "group"), json_int(args, "days", 0),
				  err);
}

static char *days_text(int64_t days)
{
	return days ? plural_str((uint64_t)days, "day") : xstrdup("never expires");
}

static void note_policy(const struct log_group *g, struct strv *notes)
{
	cleanup_free char *days = days_text(g->retention_days);
	cleanup_free char *note = xasprintf(
		"the retention of log group '%s' is set by the account-level policy '%s' (%s), and "
		"stays as it is",
		g->name, g->retention_policy, days);

	if (!strv_has(notes, note))
		strv_take(notes, TAKE(note));
}

int log_group_plan(struct aws_client *c, const char *name, bool create, int64_t retention_days,
		   struct strv *notes, struct changes *ret, struct error **err)
{
	cleanup_log_group struct log_group group = { 0 };
	cleanup_free char *resource = xasprintf("log group '%s'", name);
	cleanup_free char *now = NULL, *wanted = NULL;
	int there;

	if (changes_have(ret, resource, "log group") || changes_have(ret, resource, "retention"))
		return 0;
	there = logs_get_group(c, name, &group, err);
	if (there < 0)
		return err_wrap(err, "cannot inspect log group '%s'", name);
	if (!there && !create)
		return 0;
	if (!there)
		changes_add(ret, resource, "log group", NULL, "created", apply_create,
			    json_pack("{ss}", "group", name));
	if (!retention_days || retention_days == group.retention_days)
		return 0;
	if (group.retention_policy) {
		note_policy(&group, notes);
		return 0;
	}
	now = there ? days_text(group.retention_days) : NULL;
	wanted = days_text(retention_days);
	changes_add(ret, resource, "retention", now, wanted, apply_retention,
		    json_pack("{ss sI}", "group", name, "days", (json_int_t)retention_days));
	return 0;
}
