/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "cli/tasks.h"

#include "archive/layout.h"
#include "aws/service/logs.h"
#include "base/str.h"

bool task_is_own(const struct export_task *t)
{
	return t->name && str_starts(t->name, TASK_NAME_PREFIX);
}

json_t *task_json(const struct export_task *t)
{
	json_t *j = json_object();

	json_set_text(j, "task_id", t->id);
	json_set_text(j, "task_name", t->name);
	json_object_set_new(j, "own", json_boolean(task_is_own(t)));
	json_set_text(j, "status", export_status_name(t->status));
	json_set_text(j, "log_group", t->log_group);
	json_set_time(j, "from", t->from_ms);
	json_set_time(j, "to", t->to_ms);
	json_set_time(j, "created", t->created_ms);
	return j;
}
