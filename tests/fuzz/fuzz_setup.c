/* SPDX-License-Identifier: MIT */
/*
 * Replies to a set-up command: the first byte selects the command; the rest are the
 * replies while it looks and then while it applies the changes (answers.h).
 */
#include "config.h"

#include <string.h>

#include "answers.h"
#include "archive/selection.h"
#include "base/error.h"
#include "base/json.h"
#include "base/str.h"
#include "fuzz.h"
#include "setup/bucket.h"
#include "setup/change.h"
#include "setup/doctor.h"
#include "setup/role.h"
#include "setup/stage.h"

/* Looking sends no request that could change anything. */
static void see_look(const struct http_request *req)
{
	const char *target = http_header_get(&req->headers, "X-Amz-Target");
	const char *body = req->body ? req->body : "";

	if (str_eq(req->method, "GET") || str_eq(req->method, "HEAD"))
		return;
	must(str_eq(req->method, "POST"));
	if (target)
		must(strstr(target, ".Describe"));
	else
		must(strstr(body, "Action=Get") || strstr(body, "Action=List"));
}

static void check_plan(const struct changes *l)
{
	for (size_t i = 0; i < l->n; i++) {
		const struct change *c = &l->v[i];

		must(c->resource && c->property && (c->current || c->desired));
		must(c->state == CHANGE_PLANNED);
		must(i == 0 || c->unit >= l->v[i - 1].unit);
		/* A change without a call of its own is applied by the next of its unit that has one. */
		must(c->apply || (i + 1 < l->n && l->v[i + 1].unit == c->unit));
	}
}

static void check_applied(const struct changes *l, int r, const struct error *err)
{
	size_t n[3] = { 0 };

	for (size_t i = 0; i < l->n; i++)
		n[l->v[i].state]++;
	must(r == 0 ? !err && n[CHANGE_APPLIED] == l->n : err && n[CHANGE_FAILED] > 0);
	if (r < 0)
		must(!str_empty(err->msg));
}

static void run(struct answers *a,
		int (*look)(struct aws_client *, void *, struct changes *, struct error **),
		void *setup)
{
	const struct change_run how = { .client = a->client };
	cleanup_changes struct changes l = { 0 };
	cleanup_error struct error *err = NULL;
	int r;

	a->see = see_look;
	if (look(a->client, setup, &l, &err) < 0) {
		must(err && !str_empty(err->msg));
		return;
	}
	must(!err);
	check_plan(&l);
	a->see = NULL;
	r = changes_apply(&l, &how, &err);
	check_applied(&l, r, err);
}

static void set_up_role(struct answers *a, bool options)
{
	cleanup_json json_t *tags = json_pack("{ss ss}", "team", "x", "stage", "");
	cleanup(role_setup_release) struct role_setup s = { 0 };

	if (options)
		s = (struct role_setup){ .name = "ours",
					 .path = "/ops/",
					 .boundary = "arn:aws:iam::aws:policy/ReadOnlyAccess",
					 .tags = tags,
					 .replace = true };
	run(a, role_look, &s);
}

static void set_up_bucket(struct answers *a, bool options)
{
	cleanup(bucket_setup_release) struct bucket_setup s = {
		.place = { "bucket", "logs", options ? "123456789012" : NULL },
		.lifecycle = LIFECYCLE_NONE,
	};

	s.require_tls = s.versioning = options;
	if (options) {
		s.lifecycle.move_days[0] = 30;
		s.lifecycle.expire_days = 365;
	}
	run(a, bucket_look, &s);
}

static void set_up_stage(struct answers *a, bool off)
{
	const struct selection selection = { .all_apis = true };
	cleanup(stage_setup_release) struct stage_setup s = { .selection = &selection,
							      .retention_days = 30 };

	s.level = off ? "OFF" : "INFO";
	s.access = off ? WANTED_OFF : WANTED_ON;
	s.data_trace = off ? WANTED_AS_IS : WANTED_ON;
	s.metrics = off ? WANTED_OFF : WANTED_ON;
	run(a, stage_look, &s);
}

/* It looks at all of it, and says of each link how it is. */
static void ask_doctor(struct answers *a, bool bucket)
{
	const struct selection selection = { .all_apis = true };
	const struct archive_place place = { "bucket", "logs", NULL };
	cleanup_findings struct findings f = { 0 };
	cleanup(setup_common_release) struct setup_common common = { 0 };
	cleanup_error struct error *err = NULL;

	a->see = see_look;
	if (setup_common_look(a->client, &common, &err) < 0 ||
	    doctor_look(a->client, &common, &selection, bucket ? &place : NULL, &f, &err) < 0)
		must(err && !str_empty(err->msg));
	for (size_t i = 0; i < f.n; i++) {
		must(f.v[i].link && !str_empty(f.v[i].text) && health_name(f.v[i].health));
		must(!f.v[i].hint || *f.v[i].hint);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static void (*const set_ups[])(struct answers *, bool) = { set_up_role, set_up_bucket,
								   set_up_stage, ask_doctor };
	struct answers a;

	if (size < 1)
		return 0;
	answers_begin(&a, data + 1, size - 1);
	set_ups[(data[0] >> 1) % ARRAY_SIZE(set_ups)](&a, data[0] & 1);
	answers_end(&a);
	return 0;
}
