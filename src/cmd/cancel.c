/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "aws/client.h"
#include "aws/service/logs.h"
#include "aws/service/sts.h"
#include "base/error.h"
#include "base/str.h"
#include "cli/app.h"
#include "cli/exit.h"
#include "cli/tasks.h"
#include "cli/windows.h"
#include "cmd/cmd.h"

struct cancel_opts {
	bool force;
};

#define TARGET(member) .offset = offsetof(struct cancel_opts, member)

static const struct opt options[] = {
	{ "force", .type = OPT_FLAG, TARGET(force),
	  .help = "Cancel the task although another program created it" },
	{ 0 },
};

static const struct opt_group groups[] = {
	{ "How:", options, 0 },
	{ 0 },
};

/* Cancelling a task twice, or one that has just ended, is not an error. */
static bool is_under_way(const struct export_task *t)
{
	return t->status == EXPORT_PENDING || t->status == EXPORT_RUNNING;
}

/* 1 if the task is to be cancelled, 0 if there is nothing to cancel, -1. */
static int check(const struct cancel_opts *o, const struct export_task *t, struct error **err)
{
	if (!is_under_way(t))
		return 0;
	if (task_is_own(t) || o->force)
		return 1;
	err_set(err, ERR_REFUSED, "export task %s ('%s', of log group '%s') is not one of ours",
		t->id, t->name ? t->name : "", t->log_group ? t->log_group : "");
	return err_hint(err, "whoever created it may be waiting for it; --force cancels it anyway");
}

static void report(const struct app *app, const struct sts_identity *id,
		   const struct export_task *t, bool cancelled)
{
	const struct window w = { t->from_ms, t->to_ms };
	cleanup_free char *label = window_label(&w);
	json_t *j;

	if (app->out.format != OUTPUT_TEXT) {
		j = task_json(t);
		json_set_text(j, "account", id->account);
		json_set_text(j, "caller", id->arn);
		json_set_text(j, "region", app->settings.region);
		json_object_set_new(j, "dry_run", json_boolean(app->dry_run));
		json_object_set_new(j, "cancelled", json_boolean(cancelled && !app->dry_run));
		app_print_json(app, j);
		return;
	}
	if (!cancelled)
		print_text(&app->out, "nothing to cancel: export task %s is %s\n", t->id,
			   export_status_name(t->status));
	else
		print_text(&app->out, "%s export task %s: %s of '%s'\n",
			   app->dry_run ? "would cancel" : "cancelled", t->id, label,
			   t->log_group ? t->log_group : "");
}

static int run(struct app *app, void *opts, struct error **err)
{
	struct cancel_opts *o = opts;
	cleanup_export_task struct export_task t = { 0 };
	cleanup_sts_identity struct sts_identity id = { 0 };
	cleanup_error struct error *own = NULL;
	struct aws_client *c;
	int cancel;

	if (!app->args.n_words) {
		err_set(err, ERR_USAGE, "missing: the ID of an export task");
		return err_hint(err, "'" PACKAGE_NAME " status' shows those that are under way");
	}
	if (app_client(app, &c, err) < 0 || sts_get_caller_identity(c, &id, err) < 0 ||
	    logs_get_export_task(c, app->args.words[0], &t, err) < 0)
		return -1;
	if (!t.id)
		return err_set(err, ERR_REFUSED, "there is no export task '%s' in %s",
			       app->args.words[0], aws_client_settings(c)->region);
	cancel = check(o, &t, err);
	if (cancel < 0)
		return -1;
	if (cancel && !app->dry_run && logs_cancel_export_task(c, t.id, &own) < 0) {
		/* It ended between the two calls. */
		if (!err_is(own, "InvalidOperationException"))
			return err_move(&own, err);
		cancel = 0;
	}
	report(app, &id, &t, cancel);
	return EXIT_DONE;
}

static const struct permission permissions[] = {
	{ "logs:DescribeExportTasks", NULL },
	{ "logs:CancelExportTask", NULL },
	{ 0 },
};

const struct cmd cmd_cancel = {
	.name = "cancel",
	.summary = "Cancel an export task",
	.usage = "TASK-ID [OPTION...]",
	.about =
		"Cancel an export task that is pending or running, if this program created it. The "
		"next export removes the objects that it has written, and exports its window "
		"again.",
	.examples = { "apigw-logs cancel 0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0",
		      "apigw-logs cancel --dry-run 0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0" },
	.groups = groups,
	.max_words = 1,
	.permissions = permissions,
	.opts_size = sizeof(struct cancel_opts),
	.run = run,
};
