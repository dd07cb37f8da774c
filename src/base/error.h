/* SPDX-License-Identifier: MIT */
/*
 * Errors, as they are passed up to the user.
 *
 * A function that can fail returns 0 or -1 and takes a struct error ** last.
 * On failure it sets *err, which must be NULL before, and leaves its ret_
 * outputs untouched. A caller that does not need the error passes NULL for err,
 * which all functions accept. A function that inspects the error of a call owns
 * it and passes it on:
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
	ERR_USAGE,       /* the command line is wrong, or a file that it names */
	ERR_REFUSED,     /* AWS refused: credentials, permission, no such resource, invalid value */
	ERR_UNREACHABLE, /* no reply, a broken reply, or not finished in time: may work later */
	ERR_FOUND,       /* the check found a problem: damage, a gap, a difference */
	ERR_PARTIAL,     /* some of it failed, the rest is done and recorded */
	ERR_OVERTAKEN,   /* another run has done it meanwhile, or a part of it: nothing is lost */
	ERR_INTERRUPTED, /* a signal asked us to stop */
	ERR_LOCAL,       /* this machine: a file, a full device, a library */
};

struct error {
	enum err_kind kind;
	bool credentials;  /* missing, expired or rejected: all further calls would fail as well */
	int http_status;   /* 0 when there was no reply */
	char *aws_code;    /* AWS's own code, e.g. "AccessDenied", or NULL */
	char *aws_message; /* AWS's own message, without the context that msg adds, or NULL */
	char *request_id;  /* x-amzn-requestid or x-amz-request-id, or NULL */
	char *msg;         /* one sentence: lower case, no full stop */
	char *hint;        /* what the user can do next, or NULL */
};

/* Makes a new error; always returns -1. */
int err_set(struct error **err, enum err_kind kind, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
/* "context: cause"; the kind and AWS's data are kept. Always returns -1. */
int err_wrap(struct error **err, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* Sets the hint unless there is one already, from nearer the cause. Always returns -1. */
int err_hint(struct error **err, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* Removes the hint, if its advice does not apply. */
void err_drop_hint(struct error **err);
/* "msg: strerror(errnum)" with kind ERR_LOCAL. Always returns -1. */
int err_errno(struct error **err, int errnum, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
/* "interrupted", with kind ERR_INTERRUPTED. Always returns -1. */
int err_interrupted(struct error **err);
/* Moves *own to *err, or frees it if err is NULL; *own is NULL then. Always returns -1. */
int err_move(struct error **own, struct error **err);

/*
 * Keeps the one of several errors that is reported: the first, unless a later one
 * is fatal. Moves *own to *kept or frees it; *own may be NULL, and is NULL then.
 */
void err_keep(struct error **kept, struct error **own);

/* True if there is an error and AWS gave it this code. */
bool err_is(const struct error *err, const char *aws_code);
/* True if there is an error and AWS's own message contains words. */
bool err_says(const struct error *err, const char *words);
/*
 * True if everything that is left to do would fail as well, so that a loop over
 * windows or log groups must end: interrupted, no answer at all, a usage error,
 * credentials, this machine. A refusal concerns only what was refused, and so may
 * an answer that AWS broke down over, such as a 500.
 */
bool err_is_fatal(const struct error *err);
/* Name of a kind as it appears in JSON, e.g. "refused". */
const char *err_kind_name(enum err_kind kind);

void error_free(struct error *err);
/* Frees *err and sets it to NULL, to try something else. */
void error_clear(struct error **err);
DEFINE_CLEANUP(struct error *, error_free)
#define cleanup_error cleanup(error_freep)

#endif
