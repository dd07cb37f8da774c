/* SPDX-License-Identifier: MIT */
/*
 * What went wrong, on its way up to the person.
 *
 * A function that can fail returns 0 or -1 and takes a struct error ** last.
 * On failure it sets *err (which must be NULL before, or err itself NULL if
 * the caller does not want to know) and leaves its ret_ outputs untouched.
 */
#ifndef BASE_ERROR_H
#define BASE_ERROR_H

#include "base/cleanup.h"

/* Each kind has one exit status: see enum exit_status in cli/exit.h. */
enum err_kind {
	ERR_USAGE,       /* the command line or a file named on it is wrong */
	ERR_REFUSED,     /* AWS said no: credentials, permission, no such thing, invalid value */
	ERR_UNREACHABLE, /* no answer, a broken answer, or not finished in time: may work later */
	ERR_FOUND,       /* checked, and the answer is no: damage, a gap, a difference */
	ERR_PARTIAL,     /* some of it done and recorded, some not */
	ERR_INTERRUPTED, /* a signal asked us to stop */
	ERR_LOCAL,       /* this machine: a file, a full device, a library */
};

struct error {
	enum err_kind kind;
	int http_status;  /* 0 when there was no reply */
	char *aws_code;   /* AWS's own code, e.g. "AccessDenied", or NULL */
	char *request_id; /* x-amzn-requestid or x-amz-request-id, or NULL */
	char *msg;        /* one sentence: lower case, no full stop */
	char *hint;       /* what the person can do next, or NULL */
};

/* Makes a new error; always returns -1. */
int err_set(struct error **err, enum err_kind kind, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
/* "context: cause"; the kind and AWS's data stay. Always returns -1. */
int err_wrap(struct error **err, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* Sets the hint unless a more particular one, nearer the cause, is there. Always returns -1. */
int err_hint(struct error **err, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* "msg: strerror(errnum)" with kind ERR_LOCAL. Always returns -1. */
int err_errno(struct error **err, int errnum, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
/* True if there is an error and AWS gave it this code. */
int err_is(const struct error *err, const char *aws_code);
/* Name of a kind as it appears in JSON, e.g. "refused". */
const char *err_kind_name(enum err_kind kind);

void error_free(struct error *err);
/* Frees and forgets: for "try this, else that". */
void error_clear(struct error **err);
DEFINE_CLEANUP(struct error *, error_free)
#define cleanup_error cleanup(error_freep)

#endif
