/* SPDX-License-Identifier: MIT */
/* Export tasks in the output. */
#ifndef CLI_TASKS_H
#define CLI_TASKS_H

#include <stdbool.h>

#include "base/json.h"

struct export_task;

/* True if the task's name is of the form that this program gives. */
bool task_is_own(const struct export_task *t);
/* task_id, task_name, own, status, log_group, from, to, created. */
json_t *task_json(const struct export_task *t);

#endif
