/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "setup/bucket_parts.h"

#include <stdlib.h>

#include "aws/service/s3.h"
#include "aws/service/s3_config.h"
#include "base/buf.h"
#include "base/error.h"
#include "base/xml.h"

void bucket_setup_release(struct bucket_setup *s)
{
	setup_common_release(&s->common);
	free(TAKE(s->encryption));
	free(TAKE(s->key));
}

int bucket_apply_config(const struct change_run *run, const json_t *args, struct error **err)
{
	const struct s3_bucket b = { run->client, json_str(args, "bucket"),
				     json_str(args, "account") };
	cleanup_buf struct buf text = BUF_INIT;

	buf_adds(&text, json_str(args, "text"));
	return s3_put_config(&b, json_str(args, "name"), &text, json_str(args, "minimum"), err);
}

json_t *bucket_config_args(const struct bucket_setup *s, const char *name, const char *text)
{
	return json_pack("{ss ss ss ss}", "bucket", s->place.bucket, "account", s->common.account,
			 "name", name, "text", text);
}

struct s3_bucket bucket_of(struct aws_client *c, const struct bucket_setup *s)
{
	return (struct s3_bucket){ c, s->place.bucket, s->common.account };
}

int bucket_get_config(const struct bucket_look *l, const char *name, struct buf *text,
		      struct xml **ret, struct error **err)
{
	const struct s3_bucket b = bucket_of(l->client, l->setup);
	int r = l->there ? s3_get_config(&b, name, text, err) : 0;

	if (r > 0 && ret && xml_parse(text->data, text->len, name, ret, err) < 0)
		r = -1;
	return r < 0 ? err_wrap(err, "cannot inspect bucket '%s'", l->setup->place.bucket) : r;
}

void bucket_add_config(const struct bucket_look *l, const char *property, const char *current,
		       const char *desired, const char *name, const char *text)
{
	changes_add(l->ret, l->resource, property, current, desired, bucket_apply_config,
		    bucket_config_args(l->setup, name, text));
}
