/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "archive/api_log.h"

#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "base/xalloc.h"

const char *log_kind_name(enum log_kind kind)
{
	return kind == KIND_EXECUTION ? "execution" : kind == KIND_ACCESS ? "access" : "both";
}

enum log_kind log_kind_parse(const char *name)
{
	if (!name)
		return 0;
	return str_eq(name, log_kind_name(KIND_EXECUTION)) ? KIND_EXECUTION
	       : str_eq(name, log_kind_name(KIND_ACCESS))  ? KIND_ACCESS
							   : 0;
}

void api_logs_release(struct api_logs *l)
{
	for (size_t i = 0; i < l->n; i++) {
		free(l->v[i].api_id);
		free(l->v[i].api_name);
		free(l->v[i].stage);
		free(l->v[i].log_group);
	}
	free(l->v);
	strv_release(&l->notes);
	*l = (struct api_logs){ 0 };
}

const struct api_log *api_logs_find(const struct api_logs *l, const char *log_group)
{
	for (size_t i = 0; i < l->n; i++)
		if (str_eq(l->v[i].log_group, log_group))
			return &l->v[i];
	return NULL;
}

void api_logs_add(struct api_logs *l, const struct api_log *log)
{
	struct api_log copy = *log;

	copy.api_id = xstrdup(log->api_id);
	copy.api_name = xstrdup(log->api_name);
	copy.stage = xstrdup(log->stage);
	copy.log_group = xstrdup(log->log_group);
	GROW(l->v, l->n);
	l->v[l->n++] = copy;
}

char *execution_log_group(const char *api_id, const char *stage)
{
	return xasprintf(EXECUTION_LOG_GROUPS "%s/%s", api_id, stage);
}

bool execution_log_group_parse(const char *log_group, char **ret_api_id, char **ret_stage)
{
	const char *id = log_group + strlen(EXECUTION_LOG_GROUPS), *slash;

	if (!str_starts(log_group, EXECUTION_LOG_GROUPS))
		return false;
	slash = strchr(id, '/');
	if (!slash || slash == id || !slash[1] || strchr(slash + 1, '/'))
		return false;
	*ret_api_id = xstrndup(id, (size_t)(slash - id));
	*ret_stage = xstrdup(slash + 1);
	return true;
}
