/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "cmd/cmd.h"

#include <stdlib.h>

#include "base/error.h"
#include "base/json.h"
#include "base/xalloc.h"
#include "cli/app.h"
#include "cli/changes.h"
#include "cli/exit.h"
#include "cli/select.h"
#include "setup/bucket.h"

struct opts {
	struct app *app;
	struct bucket_input where;
	struct bucket_setup bucket;
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct opts *o = state->input;

	switch (key) {
	case ARGP_KEY_INIT:
		o->where.app = o->app;
		state->child_inputs[0] = &o->where;
		return 0;
	case ARGP_KEY_ARG:
		return app_bad_option(
			o->app, "setup-bucket takes no '%s'; the name goes with --bucket", arg);
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static int look(struct aws_client *c, void *data, struct changes *ret, struct error **err)
{
	return bucket_look(c, data, ret, err);
}

static json_t *document(const struct bucket_setup *s)
{
	return json_pack("{so so so so so}", "account", json_text(s->account), "region",
			 json_text(s->region), "bucket", json_text(s->place.bucket), "prefix",
			 json_text(s->place.prefix), "encryption", json_text(s->encryption));
}

static int run(struct app *app, void *data, struct error **err)
{
	struct opts *o = data;
	struct bucket_setup *s = &o->bucket;
	cleanup_setup_job struct setup_job job = {
		.look = look, .data = s, .notes = &s->notes, .warnings = &s->warnings
	};
	cleanup_free char *ready = NULL;
	int r;

	if (bucket_input_check(&o->where, err) < 0)
		return -1;
	s->place = o->where.place;
	r = setup_run(app, &job, err);
	if (r == 0)
		ready = xasprintf("CloudWatch Logs in %s can export to s3://%s/%s", s->region,
				  s->place.bucket, s->place.prefix);
	if (job.listed)
		setup_print(app, &job, document(s), ready);
	return r < 0 ? -1 : EXIT_DONE;
}

static void release(void *data)
{
	struct opts *o = data;

	bucket_setup_release(&o->bucket);
	free(o->where.prefix);
}

static const struct argp_child children[] = { { &bucket_argp, 0, NULL, 0 }, { 0 } };
static const struct argp argp = {
	NULL,
	parse,
	NULL,
	"Make the bucket ready for exports from CloudWatch Logs: created where it is not there, "
	"public access blocked, ACLs off, encrypted, and the policy statements that let CloudWatch "
	"Logs in merged into its policy. Nothing else about it is changed.",
	children,
	NULL,
	NULL,
};

const struct cmd cmd_setup_bucket = {
	.name = "setup-bucket",
	.summary = "Make the bucket that CloudWatch Logs may export into",
	.argp = &argp,
	.opts_size = sizeof(struct opts),
	.run = run,
	.release = release,
};
