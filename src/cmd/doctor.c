/* SPDX-License-Identifier: MIT */
#include "config.h"

#include <stddef.h>

#include "archive/selection.h"
#include "aws/client.h"
#include "aws/config/settings.h"
#include "aws/cred/credentials.h"
#include "base/amount.h"
#include "base/error.h"
#include "base/json.h"
#include "base/time.h"
#include "cli/app.h"
#include "cli/exit.h"
#include "cli/options.h"
#include "cli/output.h"
#include "cli/table.h"
#include "cli/windows.h"
#include "cmd/cmd.h"
#include "setup/common.h"
#include "setup/doctor.h"

struct doctor_opts {
	struct selection selection;
	struct place_options where;
	struct findings findings;
};

static json_t *findings_json(const struct findings *f)
{
	json_t *list = json_array();

	for (size_t i = 0; i < f->n; i++)
		json_array_append_new(list, json_pack("{ss ss so so}", "link", f->v[i].link,
						      "health", health_name(f->v[i].health),
						      "message", json_text(f->v[i].text), "hint",
						      json_text(f->v[i].hint)));
	return list;
}

static void print_identity(const struct app *app, const struct credentials *cr,
			   const struct setup_common *common, const struct aws_settings *s,
			   const struct findings *f)
{
	cleanup_table struct table t = { 0 };
	char expires[TIME_ISO_SIZE];
	json_t *j;

	if (app->out.format != OUTPUT_TEXT) {
		j = json_pack("{so so so so so so so}", "provider", json_text(cr->provider),
			      "access_key_id", json_text(cr->access_key_id), "account",
			      json_text(common->account), "caller", json_text(common->caller),
			      "arn", json_text(common->caller), "region", json_text(s->region),
			      "region_source", json_text(s->region_source));
		if (cr->expires_ms)
			json_set_time(j, "expires", cr->expires_ms);
		json_set_int(j, "clock_offset_ms", aws_client_clock_offset_ms(app->client));
		json_object_set_new(j, "links", findings_json(f));
		if (f->readings)
			json_set_readings(j, f->readings);
		app_print_json(app, j);
		return;
	}
	table_init(&t, 2);
	table_add(&t, "credentials"), table_add(&t, "%s", cr->provider);
	table_add(&t, "access key"), table_add(&t, "%s", cr->access_key_id);
	if (cr->expires_ms)
		table_add(&t, "expires"), table_add(&t, "%s", time_iso(cr->expires_ms, expires));
	table_add(&t, "account"), table_add(&t, "%s", common->account);
	table_add(&t, "ARN"), table_add(&t, "%s", common->caller);
	table_add(&t, "region"), table_add(&t, "%s (%s)", s->region, s->region_source);
	table_print(&app->out, &t);
}

/* Problems go to stderr, also with --quiet. */
static void print_findings(const struct output *out, const struct findings *f)
{
	static const char *const marks[] = { "\u2713", "!", "\u2717", "?" };

	for (size_t i = 0; i < f->n; i++) {
		const struct finding *one = &f->v[i];
		const char *mark = marks[one->health];

		if (one->health == HEALTH_BROKEN || one->health == HEALTH_UNKNOWN) {
			problem(out, mark, "%s", one->text);
			if (one->hint)
				problem(out, " ", "%s", one->hint);
			continue;
		}
		print_word(out, one->health == HEALTH_GOOD ? STYLE_GOOD : STYLE_UNSURE, mark);
		print_text(out, "  %s\n", one->text);
		if (one->hint)
			print_text(out, "   %s\n", one->hint);
	}
}

static int verdict(const struct findings *f, struct error **err)
{
	size_t n[4] = { 0 };
	cleanup_free char *count = NULL;

	for (size_t i = 0; i < f->n; i++)
		n[f->v[i].health]++;
	if (n[HEALTH_BROKEN]) {
		count = plural_str(n[HEALTH_BROKEN], "link");
		return err_set(err, ERR_FOUND, "%s of the chain %s broken", count,
			       n[HEALTH_BROKEN] == 1 ? "is" : "are");
	}
	if (n[HEALTH_UNKNOWN]) {
		count = plural_str(n[HEALTH_UNKNOWN], "link");
		return err_set(err, ERR_PARTIAL, "%s of the chain could not be checked", count);
	}
	return EXIT_DONE;
}

static int check(struct doctor_opts *o, const struct args *a, struct error **err)
{
	const struct selection *s = &o->selection;

	if (s->stages.n && !s->apis.n && !s->all_apis)
		return err_set(err, ERR_USAGE, "--stage needs --api or --all-apis");
	if (o->where.place.owner || o->where.place.bucket || args_have(a, "prefix"))
		return place_options_check(&o->where, err);
	return 0;
}

static int run(struct app *app, void *opts, struct error **err)
{
	struct doctor_opts *o = opts;
	const struct selection *selection =
		o->selection.apis.n || o->selection.all_apis ? &o->selection : NULL;
	cleanup_credentials struct credentials cr = { 0 };
	cleanup(setup_common_release) struct setup_common common = { 0 };
	struct findings *f = &o->findings;
	struct aws_client *c;

	if (check(o, &app->args, err) < 0 || (selection && selection_check(selection, err) < 0) ||
	    app_client(app, &c, err) < 0 || aws_client_credentials(c, &cr, err) < 0)
		return -1;
	if (setup_common_look(c, &common, err) < 0)
		return err_wrap(err, "cannot ask AWS about the credentials found (%s)",
				cr.provider);
	app_check_clock(app);
	if ((selection || o->where.place.bucket) &&
	    doctor_look(c, &common, selection, o->where.place.bucket ? &o->where.place : NULL, f,
			err) < 0)
		return -1;
	for (size_t i = 0; i < f->n; i++)
		cmd_complete_hint(&app->args, &f->v[i].hint);
	print_identity(app, &cr, &common, aws_client_settings(c), f);
	print_findings(&app->out, f);
	return verdict(f, err);
}

static void release(void *opts)
{
	struct doctor_opts *o = opts;

	selection_release(&o->selection);
	place_options_release(&o->where);
	findings_release(&o->findings);
}

static const struct opt_group groups[] = {
	{ "Which stages:", stage_options, offsetof(struct doctor_opts, selection) },
	{ "Which bucket:", place_options, offsetof(struct doctor_opts, where) },
	{ 0 },
};

#define APIS "with --api and --all-apis"
#define BUCKET "with --bucket"

static const struct permission permissions[] = {
	{ "apigateway:GET", APIS },
	{ "iam:GetRole", APIS },
	{ "iam:SimulatePrincipalPolicy", APIS },
	{ "iam:ListAttachedRolePolicies", "where iam:SimulatePrincipalPolicy is not allowed" },
	{ "iam:ListRolePolicies", "where iam:SimulatePrincipalPolicy is not allowed" },
	{ "logs:DescribeLogGroups", APIS },
	{ "kms:DescribeKey", "for log groups and buckets encrypted with KMS keys" },
	{ "kms:GetKeyPolicy", "for log groups and buckets encrypted with KMS keys" },
	{ "s3:ListBucket", BUCKET },
	{ "s3:GetBucketOwnershipControls", BUCKET },
	{ "s3:GetBucketPublicAccessBlock", BUCKET },
	{ "s3:GetEncryptionConfiguration", BUCKET },
	{ "s3:GetBucketPolicy", BUCKET },
	{ "s3:GetLifecycleConfiguration", BUCKET },
	{ "s3:GetBucketObjectLockConfiguration", BUCKET },
	{ "s3:GetObject", BUCKET },
	{ "logs:DescribeExportTasks", BUCKET },
	{ 0 },
};

const struct cmd cmd_doctor = {
	.name = "doctor",
	.summary = "Show which identity is used, and where logs get stuck",
	.usage = "[--api ID|NAME | --all-apis] [--bucket NAME] [OPTION...]",
	.about = "Show which credentials are used and where they were found, which identity AWS "
		 "sees, and which region is used and why. With APIs and a bucket, check the chain "
		 "that their logs go through: role, stages, log groups, bucket, export slot, "
		 "ledger. Each broken link comes with the command that repairs it. Nothing is "
		 "changed. Exits "
		 "with status 1 if a link is broken.",
	.examples = { "apigw-logs doctor", "apigw-logs doctor --all-apis --bucket acme-api-logs" },
	.groups = groups,
	.permissions = permissions,
	.opts_size = sizeof(struct doctor_opts),
	.run = run,
	.release = release,
};
