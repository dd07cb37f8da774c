/* SPDX-License-Identifier: MIT */
/* Replies of services: the first byte selects the list or call; for the rest, see answers.h. */
#include "config.h"

#include <string.h>

#include "answers.h"
#include "aws/service/apigateway.h"
#include "aws/service/iam.h"
#include "aws/service/logs.h"
#include "aws/service/s3.h"
#include "aws/service/s3_config.h"
#include "aws/service/sts.h"
#include "base/error.h"
#include "base/str.h"
#include "base/time.h"
#include "fuzz.h"

#define PREFIX "logs/"

static int check(int r, const struct error *err)
{
	must(r < 0 ? err && !str_empty(err->msg) : !err);
	return r;
}

static int log_groups(struct answers *s, struct error **err)
{
	cleanup_aws_pages struct aws_pages p = { 0 };
	struct log_group g;
	int r;

	logs_groups_init(&p, s->client, NULL);
	while ((r = logs_groups_next(&p, &g, err)) > 0) {
		must(g.name && g.arn && g.class && !str_ends(g.arn, ":*:*"));
		must(g.retention_days >= 0 && g.retention_days < INT64_MAX / MS_DAY);
		log_group_release(&g);
	}
	return r;
}

static int log_tasks(struct answers *s, struct error **err)
{
	cleanup_aws_pages struct aws_pages p = { 0 };
	struct export_task t;
	int r;

	logs_tasks_init(&p, s->client, EXPORT_RUNNING);
	while ((r = logs_tasks_next(&p, &t, err)) > 0) {
		must(t.id && t.status);
		export_task_release(&t);
	}
	return r;
}

static int log_events(struct answers *s, struct error **err)
{
	cleanup_aws_pages struct aws_pages p = { 0 };
	struct log_event e;
	int r;

	logs_events_init(&p, s->client, "g", 0, MS_DAY, 100);
	while ((r = logs_events_next(&p, &e, err)) > 0)
		must(e.stream && e.message && e.message[e.message_len] == '\0');
	return r;
}

static int log_task(struct answers *s, struct error **err)
{
	const struct export_spec spec = { "n", "g", "b", "p", 0, MS_DAY };
	cleanup_free char *id = NULL;
	cleanup_export_task struct export_task t = { 0 };
	int r = logs_create_export_task(s->client, &spec, &id, err);

	must((r == 0) == (id && *id));
	/* It may have been carried out, so it is not sent again. */
	must(s->sent <= 3);
	if (r != 0)
		return r;
	r = logs_get_export_task(s->client, id, &t, err);
	must((r == 1) == (t.id && t.status));
	return r;
}

static int apis(struct answers *s, struct error **err)
{
	cleanup_api_pages struct api_pages p = { 0 };
	struct api a;
	int r;

	api_pages_init(&p, s->client);
	while ((r = api_pages_next(&p, &a, err)) > 0) {
		cleanup_stages struct stages stages = { 0 };

		must(!str_empty(a.id) && a.name);
		r = apigateway_get_stages(s->client, &a, &stages, err);
		for (size_t i = 0; i < stages.n; i++)
			must(stages.v[i].name && stages.v[i].api_id);
		api_release(&a);
		if (r < 0)
			return r;
	}
	return r;
}

static int account_role(struct answers *s, struct error **err)
{
	cleanup_free char *arn = NULL;
	int r = apigateway_get_account_role(s->client, &arn, err);

	must(!arn || (r == 0 && *arn));
	return r;
}

static struct s3_bucket bucket(const struct answers *s)
{
	return (struct s3_bucket){ s->client, "bucket", "123456789012" };
}

static int objects(struct answers *s, struct error **err)
{
	cleanup_s3_list struct s3_list l = { 0 };
	struct s3_bucket b = bucket(s);
	struct s3_object o;
	int r;

	s3_list_init(&l, &b, PREFIX, NULL);
	while ((r = s3_list_next(&l, &o, err)) > 0) {
		must(str_starts(o.key, PREFIX) && o.etag && o.size <= INT64_MAX);
		s3_object_release(&o);
	}
	return r;
}

static int prefixes(struct answers *s, struct error **err)
{
	cleanup_s3_list struct s3_list l = { 0 };
	struct s3_bucket b = bucket(s);
	char *prefix = NULL;
	int r;

	s3_list_init(&l, &b, PREFIX, "/");
	while ((r = s3_list_next_prefix(&l, &prefix, err)) > 0) {
		must(str_starts(prefix, PREFIX));
		free(TAKE(prefix));
	}
	return r;
}

static int take(void *data, const char *p, size_t n, struct error **err)
{
	(void)err;
	buf_add(data, p, n);
	return 0;
}

static int object(struct answers *s, struct error **err)
{
	cleanup_buf struct buf kept = BUF_INIT_MAX(4096), streamed = BUF_INIT;
	struct s3_bucket b = bucket(s);
	cleanup_free char *etag = NULL;
	uint64_t bytes = UINT64_MAX;
	int r = s3_get_object(&b, PREFIX "key", &kept, &etag, err);

	must((r == 1) == (etag != NULL));
	if (r >= 0)
		r = s3_stream_object(&b, PREFIX "key", etag, take, &streamed, &bytes, NULL, err);
	if (r == 0)
		must(bytes == streamed.len);
	if (r >= 0)
		r = s3_put_object(&b, PREFIX "key", "x", 1, "text/plain", NULL, err);
	if (r >= 0)
		r = s3_delete_object(&b, PREFIX "key", err);
	return r;
}

static int bucket_itself(struct answers *s, struct error **err)
{
	cleanup_buf struct buf text = BUF_INIT;
	struct s3_bucket b = bucket(s);
	enum s3_presence presence = S3_ABSENT;
	cleanup_free char *region = NULL;
	int r = s3_head_bucket(&b, &presence, &region, err);

	must((r == 0 && presence == S3_THERE) == (region != NULL));
	if (r == 0)
		r = s3_get_config(&b, "policy", &text, err);
	return r;
}

static int role(struct answers *s, struct error **err)
{
	cleanup_iam_role struct iam_role found = { 0 };
	cleanup_strv struct strv policies = { 0 };
	int r = iam_get_role(s->client, "r", &found, err);

	must((r == 1) == (found.name && found.arn));
	if (r >= 0)
		r = iam_list_attached_role_policies(s->client, "r", &policies, err);
	return r;
}

static int identity(struct answers *s, struct error **err)
{
	cleanup(sts_identity_release) struct sts_identity who = { 0 };
	int r = sts_get_caller_identity(s->client, &who, err);

	must((r == 0) == (who.account && who.arn && who.user_id));
	must(r < 0 || strspn(who.account, "0123456789") == 12);
	return r;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static int (*const modes[])(struct answers *, struct error **) = {
		log_groups, log_tasks, log_events, log_task,      apis, account_role,
		objects,    prefixes,  object,     bucket_itself, role, identity,
	};
	cleanup_error struct error *err = NULL;
	struct answers a;

	if (size < 1)
		return 0;
	answers_begin(&a, data + 1, size - 1);
	check(modes[data[0] % ARRAY_SIZE(modes)](&a, &err), err);
	answers_end(&a);
	return 0;
}
