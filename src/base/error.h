/* SPDX-License-Identifier: MIT */
/*
 * What went wrong, on its way up to the user.
 *
 * A function that can fail returns 0 or -1 and takes a struct error ** last.
 * On failure it sets *err, which must be NULL before, and leaves its ret_
 * outputs untouched. A caller that does not want the error passes NULL for
 * err; everything here takes that. A function that must look at the error of
 * a call has an owner for it and hands it on:
 *
 *	cleanup_error struct error *own = NULL;
 *
 *	if (s3_create_bucket(c, bucket, &own) == 0 || err_is(own, "BucketAlreadyOwnedByYou"))
 *		return 0;
 *	return err_move(&own, err);
 */
#ifndef BASE_ERROR_H
#define BASE_ERROR_H

#include <stdbool.h>

#include "base/cleanup.h"

/* Each kind has one exit status: see enum exit_status in cli/exit.h. */
enum err_kind {
	ERR_USAGE,       /* the command line or a file named on it is wrong */
	ERR_REFUSED,     /* AWS said no: credentials, permission, no such thing, invalid value */
	ERR_UNREACHABLE, /* no answer, a broken answer, or not finished in time: may work later */
	ERR_FOUND,       /* checked, and the answer is no: damage, a gap, a difference */
	ERR_PARTIAL,     /* some of it done and recorded, some not */
	ERR_OVERTAKEN,   /* somebody else did it meanwhile, or a part of it: nothing is lost */
	ERR_INTERRUPTED, /* a signal asked us to stop */
	ERR_LOCAL,       /* this machine: a file, a full device, a library */
};

struct error {
	enum err_kind kind;
	bool credentials; /* missing, expired or not accepted: each further call fails the same way */
	int http_status;   /* 0 when there was no reply */
	char *aws_code;    /* AWS's own code, e.g. "AccessDenied", or NULL */
	char *aws_message; /* AWS's own sentence, without what msg puts around it, or NULL */
	char *request_id;  /* x-amzn-requestid or x-amz-request-id, or NULL */
	char *msg;         /* one sentence: lower case, no full stop */
	char *hint;        /* what the user can do next, or NULL */
};

/* Makes a new error; always returns -1. */
int err_set(struct error **err, enum err_kind kind, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
/* "context: cause"; the kind and AWS's data stay. Always returns -1. */
int err_wrap(struct error **err, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* Sets the hint unless a more particular one, nearer the cause, is there. Always returns -1. */
int err_hint(struct error **err, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* Forgets the hint, where general advice does not fit. */
void err_drop_hint(struct error **err);
/* "msg: strerror(errnum)" with kind ERR_LOCAL. Always returns -1. */
int err_errno(struct error **err, int errnum, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
/* "interrupted", with kind ERR_INTERRUPTED. Always returns -1. */
int err_interrupted(struct error **err);
/* Hands *own over, or frees it if err is NULL; *own is NULL after. Always returns -1. */
int err_move(struct error **own, struct error **err);

/* True if there is an error and AWS gave it this code. */
bool err_is(const struct error *err, const char *aws_code);
/* True if there is an error and AWS's own sentence contains words. */
bool err_says(const struct error *err, const char *words);
/*
 * True if whatever else is still to do would meet this error as well, so that
 * a loop over windows or log groups ends: interrupted, unreachable, a usage
 * error, credentials, this machine. A refusal concerns only what it was for.
 */
bool err_is_fatal(const struct error *err);
/* Name of a kind as it appears in JSON, e.g. "refused". */
const char *err_kind_name(enum err_kind kind);

struct error *error_copy(const struct error *err);
void error_free(struct error *err);
/* Frees and forgets: for "try this, else that". */
void error_clear(struct error **err);
DEFINE_CLEANUP(struct error *, error_free)
#define cleanup_error cleanup(error_freep)

#endif
