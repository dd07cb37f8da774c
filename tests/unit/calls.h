/* SPDX-License-Identifier: MIT */
/*
 * aws_call() with a transport that replies as the test says, and a clock that only
 * sleeping moves. Failures in here fail the test.
 */
#ifndef UNIT_CALLS_H
#define UNIT_CALLS_H

#include "unit.h"

#include "../fake_env.h"
#include "aws/client.h"
#include "aws/config/settings.h"

#define SECRET "SeCrEtKeY0123"
#define START INT64_C(1700000000000) /* 2023-11-14T22:13:20Z */
#define START_STAMP "20231114T221320Z"

struct reply {
	int status; /* 0: no reply, with `failure` as the reason */
	const char *body;
	const char *header, *value, *header2, *value2;
	enum http_failure failure;
};

/* What was sent. */
struct sent {
	char *url, *stamp, *authorization, *token, *body;
	bool fresh;
	int64_t timeout_ms;
};

#define MAX_SENT 200
extern struct calls {
	struct fake_env fake;
	void (*during)(void);        /* is called while the next request is under way */
	const struct reply *replies; /* the last one is repeated */
	size_t n_replies;
	struct sent sent[MAX_SENT];
	size_t n;
	struct buf trace;
	struct aws_settings settings;
	struct aws_session *session;
	struct aws_client *client;
} calls;

/* For cmocka: resets calls. */
int calls_setup(void **state);
int calls_teardown(void **state);
/* Creates session and client, with --endpoint-url unless that is NULL; else the first call does. */
void calls_start(const char *endpoint);
void forget_sent(void);

/* Sets the replies from now on. */
#define REPLIES(...)                                                                               \
	do {                                                                                       \
		static const struct reply told[] = { __VA_ARGS__ };                                \
		forget_sent();                                                                     \
		calls.replies = told;                                                              \
		calls.n_replies = ARRAY_SIZE(told);                                                \
	} while (0)

/* Sends it, and returns the error, which the caller owns, or NULL. */
struct error *call(struct aws_request *req);
struct error *call_sts(void);
struct error *call_s3(const char *bucket);
/* CreateExportTask, which is not idempotent. */
struct error *call_once(void);
void assert_ok(struct error *err);
/* Frees the error. */
void assert_failed(struct error *err, enum err_kind kind, const char *words);

#define TEST(name) cmocka_unit_test_setup_teardown(name, calls_setup, calls_teardown)

#endif
