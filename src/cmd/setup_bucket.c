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
#include "cli/options.h"
#include "setup/bucket.h"

struct opts {
	struct place_options where;
	struct bucket_setup bucket;
};

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

	if (place_options_check(&o->where, err) < 0)
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

static const struct opt_group groups[] = {
	{ "Which bucket:", place_options, offsetof(struct opts, where) },
	{ 0 },
};

const struct cmd cmd_setup_bucket = {
	.name = "setup-bucket",
	.summary = "Create or prepare the bucket that logs are exported to",
	.usage = "--bucket NAME [OPTION...]",
	.about = "Prepare the bucket for exports from CloudWatch Logs: created if it does not "
		 "exist, public access blocked, ACLs off, encrypted, and the statements that let "
		 "CloudWatch Logs in merged into its policy. Nothing else about it is changed.",
	.examples = { "apigw-logs setup-bucket --bucket acme-api-logs --dry-run",
		      "apigw-logs setup-bucket --bucket acme-api-logs" },
	.groups = groups,
	.opts_size = sizeof(struct opts),
	.run = run,
	.release = release,
};
