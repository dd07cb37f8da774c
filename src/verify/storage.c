/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "verify/storage.h"

#include <stdlib.h>
#include <string.h>

#include "archive/archive.h"
#include "archive/object.h"
#include "aws/service/s3_config.h"
#include "base/amount.h"
#include "base/error.h"
#include "base/str.h"
#include "base/xalloc.h"
#include "base/xml.h"
#include "verify/report.h"

#define DEFAULT "Rule/ApplyServerSideEncryptionByDefault/"

void storage_release(struct storage *s)
{
	for (size_t i = 0; i < s->n; i++) {
		free(s->v[i].storage_class);
		free(s->v[i].encryption);
		free(s->v[i].kms_key);
	}
	free(s->v);
	*s = (struct storage){ 0 };
}

void storage_add(struct storage *s, const struct archive_object *o)
{
	const struct s3_meta *meta = o->asked || o->read ? &o->found.meta : &o->recorded.meta;
	const char *class = o->found.storage_class ? o->found.storage_class : "STANDARD";
	struct storage_row *row = NULL;

	for (size_t i = 0; i < s->n && !row; i++)
		if (str_eq(s->v[i].storage_class, class) &&
		    str_eq0(s->v[i].encryption, meta->encryption) &&
		    str_eq0(s->v[i].kms_key, meta->kms_key))
			row = &s->v[i];
	if (!row) {
		GROW(s->v, s->n);
		row = &s->v[s->n++];
		*row = (struct storage_row){ .storage_class = xstrdup(class),
					     .encryption = xstrdup(meta->encryption),
					     .kms_key = xstrdup(meta->kms_key) };
	}
	row->objects++;
}

/* key: as it was set up, an ARN or an id; an alias does not tell which key it is. */
static bool is_as_set_up(const struct storage_row *r, const char *algorithm, const char *key)
{
	const char *id = key ? strrchr(key, '/') : NULL;

	if (!str_eq(r->encryption, algorithm))
		return false;
	if (!key || !r->kms_key || strstr(key, "alias/"))
		return true;
	return str_ends(r->kms_key, id ? id + 1 : key);
}

static void note_differing(const struct storage *s, const char *algorithm, const char *key,
			   const struct check_sink *sink)
{
	for (size_t i = 0; i < s->n; i++) {
		const struct storage_row *r = &s->v[i];
		cleanup_free char *objects = plural_str(r->objects, "object"), *text = NULL;

		if (!r->encryption || is_as_set_up(r, algorithm, key))
			continue;
		text = xasprintf(
			"%s in storage class %s: encrypted with %s%s%s, not with %s%s%s as "
			"the bucket is set up now",
			objects, r->storage_class, r->encryption, r->kms_key ? " and " : "",
			r->kms_key ? r->kms_key : "", algorithm, key ? " and " : "",
			key ? key : "");
		sink->note(sink->data, text);
	}
}

int storage_check(const struct storage *s, const struct archive *a, const struct check_sink *sink,
		  struct error **err)
{
	cleanup_buf struct buf text = BUF_INIT;
	cleanup_xml struct xml *x = NULL;
	cleanup_error struct error *own = NULL;
	const char *algorithm;
	int r;

	if (!s->n)
		return 0;
	r = s3_get_config(&a->bucket, "encryption", &text, &own);
	if (r < 0 && own->kind == ERR_INTERRUPTED)
		return err_move(&own, err);
	if (r < 0) {
		cleanup_free char *why =
			xasprintf("how the bucket encrypts is not known: %s", own->msg);

		sink->note(sink->data, why);
	}
	if (r <= 0 || xml_parse(text.data, text.len, "encryption", &x, NULL) < 0)
		return 0;
	algorithm = xml_text(x, DEFAULT "SSEAlgorithm");
	if (algorithm)
		note_differing(s, algorithm, xml_text(x, DEFAULT "KMSMasterKeyID"), sink);
	return 0;
}
