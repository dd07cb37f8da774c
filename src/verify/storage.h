/* SPDX-License-Identifier: MIT */
/* How the objects of an archive are stored: counts by class and encryption. */
#ifndef VERIFY_STORAGE_H
#define VERIFY_STORAGE_H

#include <stddef.h>
#include <stdint.h>

struct archive;
struct archive_object;
struct check_sink;
struct error;

struct storage_row {
	char *storage_class; /* "STANDARD", … */
	char *encryption;    /* "AES256", "aws:kms", …; NULL: not known */
	char *kms_key;       /* its ARN, or NULL */
	uint64_t objects;
};
struct storage {
	struct storage_row *v;
	size_t n;
};
void storage_release(struct storage *s);
/* An object that exists. What was recorded counts where S3 was not asked. */
void storage_add(struct storage *s, const struct archive_object *o);
/*
 * Notes the objects that are not encrypted as the bucket is set up now. That is no
 * damage: what S3 stored before a change of the setting stays as it was. Nor is it an
 * error if S3 does not tell, since everything else is verified by then.
 */
int storage_check(const struct storage *s, const struct archive *a, const struct check_sink *sink,
		  struct error **err);

#endif
