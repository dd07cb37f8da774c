/* SPDX-License-Identifier: MIT */
/*
 * vectors/sigv4 DIR: holds the signer against cases in the layout of AWS's own
 * test suite (aws-signing-test-suite/v4 of aws-c-auth). DIR is a case, or a
 * folder with cases at any depth.
 *
 * A case is a folder with request.txt (a request as text, lines ended by LF or
 * CRLF), context.json (credentials, region, service, timestamp, normalize,
 * sign_body, omit_session_token, expiration_in_seconds), and for a signature
 * in the header and in the query, or one of them: canonical-request.txt,
 * string-to-sign.txt, signature.txt and signed-request.txt, each with "header-"
 * or "query-" before its name. What is not there is not compared. The stages
 * are compared byte for byte; of the signed request the headers and the
 * query's parameters may stand in any order.
 *
 * The layout does not say what follows from these rules:
 * - service "s3": the path is encoded once and not normalised, a presigned
 *   payload is UNSIGNED-PAYLOAD, sign_body is true unless told.
 * - x-amz-content-sha256 in request.txt is the payload's hash. UNSIGNED-PAYLOAD
 *   at the end of the canonical request says that this was asked for.
 * - A path with escapes is encoded twice, but where the canonical request, which
 *   then would have a %25, has none: there are both kinds in the published suite.
 */
#include "config.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "aws/cred/credentials.h"
#include "aws/sign/canonical.h"
#include "aws/sign/sigv4.h"
#include "base/env.h"
#include "base/error.h"
#include "base/json.h"
#include "base/str.h"
#include "base/time.h"
#include "base/xalloc.h"
#include "net/message.h"
#include "reqtext.h"
#include "runner.h"

static struct env env;
static struct sigv4 *signer;

static bool read_text(const char *dir, const char *set, const char *name, struct buf *ret)
{
	cleanup_free char *path = xasprintf("%s/%s%s", dir, set, name);

	return env_read_file(&env, path, ret, NULL, NULL) == 0;
}

/* A published stage, without the line end that an editor or git may have added. */
static bool read_stage(const char *dir, const char *set, const char *name, struct buf *ret)
{
	size_t kept = 0;

	if (!read_text(dir, set, name, ret))
		return false;
	for (size_t i = 0; i < ret->len; i++)
		if (ret->data[i] != '\r')
			ret->data[kept++] = ret->data[i];
	while (kept && ret->data[kept - 1] == '\n')
		kept--;
	ret->len = kept;
	if (ret->cap)
		ret->data[kept] = '\0';
	return true;
}

/* One of the two sets of a case. */
struct check {
	const char *name, *dir, *set; /* set: "header-" or "query-" */
	bool query;
	struct sigv4_params params;
	struct credentials credentials;
	char *payload;   /* what params.payload_hash points to, or NULL */
	size_t compared; /* files */
	bool failed;
};

static void failed(struct check *c, const char *stage, const char *why)
{
	if (!c->failed)
		runner_fail(c->name, "%s%s: %s", c->set, stage, why);
	c->failed = true;
}

/* Names the first line that differs. */
static void compare(struct check *c, const char *stage, const char *got)
{
	cleanup_buf struct buf want = BUF_INIT;
	cleanup_free char *why = NULL;
	const char *a = got, *b;
	int line = 1;

	if (!read_stage(c->dir, c->set, stage, &want))
		return;
	c->compared++;
	if (strlen(got) == want.len && memcmp(got, want.data, want.len) == 0)
		return;
	b = want.data;
	while (strcspn(a, "\n") == strcspn(b, "\n") && !memcmp(a, b, strcspn(a, "\n")) &&
	       a[strcspn(a, "\n")] && b[strcspn(b, "\n")]) {
		a += strcspn(a, "\n") + 1;
		b += strcspn(b, "\n") + 1;
		line++;
	}
	why = xasprintf("line %d is '%.*s', not '%.*s'", line, (int)strcspn(a, "\n"), a,
			(int)strcspn(b, "\n"), b);
	failed(c, stage, why);
}

static void list_headers(const struct http_request *r, struct strv *ret)
{
	for (size_t i = 0; i < r->headers.n; i++) {
		char *name = xstrdup(r->headers.v[i].name), *value = xstrdup(r->headers.v[i].value);

		str_lower(name);
		strv_take(ret, xasprintf("%s: %s", name, str_trim(value)));
		free(name);
		free(value);
	}
	strv_sort(ret);
}

static void list_query(const struct http_request *r, struct strv *ret)
{
	const char *p = r->query.data;

	while (*p) {
		size_t n = strcspn(p, "&");

		strv_take(ret, xstrndup(p, n));
		p += n + (p[n] == '&');
	}
	strv_sort(ret);
}

static bool same_lists(struct check *c, const struct strv *got, const struct strv *want)
{
	size_t i = 0;
	cleanup_free char *why = NULL;

	while (i < got->n && i < want->n && str_eq(got->v[i], want->v[i]))
		i++;
	if (i == got->n && i == want->n)
		return true;
	why = xasprintf("'%s', not '%s'", i < got->n ? got->v[i] : "",
			i < want->n ? want->v[i] : "");
	failed(c, "signed-request.txt", why);
	return false;
}

/* get-space-normalized is published with "%20" in the one and " " in the other. */
static bool same_path(const struct buf *a, const struct buf *b)
{
	cleanup_buf struct buf x = BUF_INIT, y = BUF_INIT;

	canonical_path(a->data, a->len, true, false, &x);
	canonical_path(b->data, b->len, true, false, &y);
	return str_eq(x.data, y.data);
}

static void compare_signed(struct check *c, const struct http_request *got)
{
	cleanup_reqtext struct reqtext m = REQTEXT_INIT;
	cleanup_strv struct strv a = STRV_INIT, b = STRV_INIT, qa = STRV_INIT, qb = STRV_INIT;

	if (!read_text(c->dir, c->set, "signed-request.txt", &m.text))
		return;
	c->compared++;
	if (!reqtext_parse(&m)) {
		failed(c, "signed-request.txt", "is no request");
		return;
	}
	list_headers(got, &a);
	list_headers(&m.req, &b);
	list_query(got, &qa);
	list_query(&m.req, &qb);
	if (!same_lists(c, &a, &b) || !same_lists(c, &qa, &qb))
		return;
	if (!str_eq(got->method, m.method) || !same_path(&got->path, &m.req.path) ||
	    !str_eq(got->origin, m.req.origin))
		failed(c, "signed-request.txt", "the method, the path or the host differs");
	else if (got->body_len != m.req.body_len || memcmp(got->body, m.req.body, got->body_len))
		failed(c, "signed-request.txt", "the body differs");
}

/* What the layout does not say: see above. */
static void complete_params(struct check *c, const struct http_request *req, bool sign_body)
{
	struct sigv4_params *p = &c->params;
	const char *hash = http_header_get(&req->headers, "x-amz-content-sha256");
	cleanup_buf struct buf want = BUF_INIT;
	bool known = read_stage(c->dir, c->set, "canonical-request.txt", &want);
	const char *path = known ? strchr(want.data, '\n') : NULL;
	size_t n = path ? strcspn(path + 1, "\n") : 0;
	bool s3 = str_eq(p->service, "s3");

	p->sign_body = sign_body;
	if (s3)
		p->single_encoding = p->no_normalize = true;
	else if (path && strchr(req->path.data, '%'))
		p->single_encoding = !memmem(path + 1, n, "%25", 3);
	free(TAKE(c->payload));
	if (hash) {
		c->payload = xstrdup(hash);
		p->payload_hash = str_trim(c->payload);
	} else if ((s3 && c->query) ||
		   (known && str_ends(want.data, "\n" SIGV4_UNSIGNED_PAYLOAD))) {
		p->payload_hash = SIGV4_UNSIGNED_PAYLOAD;
		p->sign_body = true;
	} else {
		p->payload_hash = NULL;
	}
}

static void run_stages(struct check *c, struct http_request *req)
{
	cleanup_buf struct buf canonical = BUF_INIT, to_sign = BUF_INIT;
	cleanup_error struct error *err = NULL;
	char signature[65];

	sigv4_prepare(signer, req, &c->params, c->query);
	if (sigv4_canonical_request(signer, req, &c->params, &canonical, &err) < 0) {
		failed(c, "canonical-request.txt", err->msg);
		return;
	}
	compare(c, "canonical-request.txt", canonical.data);
	sigv4_string_to_sign(signer, &c->params, &canonical, &to_sign);
	compare(c, "string-to-sign.txt", to_sign.data);
	sigv4_signature(signer, &c->params, &to_sign, signature);
	compare(c, "signature.txt", signature);
}

static void run_whole(struct check *c, struct http_request *req)
{
	cleanup_error struct error *err = NULL;
	int r = c->query ? sigv4_presign(signer, req, &c->params, &err)
			 : sigv4_sign(signer, req, &c->params, &err);

	if (r < 0)
		failed(c, "signed-request.txt", err->msg);
	else
		compare_signed(c, req);
}

static void run_set(struct check *c, const char *set, bool sign_body)
{
	c->set = set;
	c->query = str_eq(set, "query-");
	for (int whole = 0; whole < 2 && !c->failed; whole++) {
		cleanup_reqtext struct reqtext m = REQTEXT_INIT;

		if (!read_text(c->dir, "", "request.txt", &m.text) || !reqtext_parse(&m)) {
			runner_fail(c->name, "request.txt is no request with a host");
			c->failed = true;
			return;
		}
		complete_params(c, &m.req, sign_body);
		if (whole)
			run_whole(c, &m.req);
		else
			run_stages(c, &m.req);
	}
}

static void run_context(struct check *c, const json_t *context)
{
	const json_t *keys = json_object_get(context, "credentials");
	const char *id = json_str(keys, "access_key_id"),
		   *secret = json_str(keys, "secret_access_key");
	const char *token = json_str(keys, "token"), *when = json_str(context, "timestamp");
	struct sigv4_params *p = &c->params;
	bool sign_body;

	p->region = json_str(context, "region");
	p->service = json_str(context, "service");
	if (!id || !secret || !when || !p->region || !p->service ||
	    !time_parse_iso(when, &p->time_ms)) {
		runner_fail(c->name, "context.json lacks a key, region, service or timestamp");
		return;
	}
	c->credentials = (struct credentials){ .access_key_id = (char *)id,
					       .secret_access_key = (char *)secret,
					       .session_token = (char *)token };
	p->credentials = &c->credentials;
	p->no_normalize = !json_bool(context, "normalize", true);
	p->omit_session_token = json_bool(context, "omit_session_token", false);
	p->expires_s = (int)json_int(context, "expiration_in_seconds", 3600);
	sign_body = json_bool(context, "sign_body", str_eq(p->service, "s3"));
	run_set(c, "header-", sign_body);
	if (!c->failed)
		run_set(c, "query-", sign_body);
	if (c->failed)
		return;
	if (c->compared)
		runner_pass(c->name);
	else
		runner_fail(c->name, "there is nothing to compare with");
}

static bool has(const char *dir, const char *name)
{
	cleanup_free char *path = xasprintf("%s/%s", dir, name);

	return access(path, R_OK) == 0;
}

static void run_case(const char *dir, const char *name)
{
	cleanup_free char *path = xasprintf("%s/context.json", dir);
	struct check c = { .name = name, .dir = dir };
	json_error_t why;
	json_t *context;

	if (has(dir, "public-key.json")) {
		runner_skip(name, "SigV4A, which this program does not have");
		return;
	}
	if (!has(dir, "context.json")) {
		runner_skip(name, "no context.json, so nobody says who signs and when");
		return;
	}
	context = json_load_file(path, 0, &why);
	if (context)
		run_context(&c, context);
	else
		runner_fail(name, "context.json: line %d: %s", why.line, why.text);
	json_decref(context);
	free(c.payload);
}

/* name: of dir, below the folder on the command line. */
static void run_folder(const char *dir, const char *name)
{
	struct dirent **entries;
	int n;

	if (has(dir, "request.txt")) {
		run_case(dir, name);
		return;
	}
	n = scandir(dir, &entries, NULL, alphasort);
	for (int i = 0; i < n; i++) {
		const char *entry = entries[i]->d_name;
		cleanup_free char *below = xasprintf("%s/%s", dir, entry);
		cleanup_free char *longer = xasprintf("%s%s%s", name, *name ? "/" : "", entry);

		if (entry[0] != '.')
			run_folder(below, longer);
		free(entries[i]);
	}
	if (n >= 0)
		free(entries);
}

int main(int argc, char **argv)
{
	size_t n;

	if (argc != 2 || !has(argv[1], "."))
		runner_usage(argv[0], "DIR");
	n = strlen(argv[1]);
	while (n > 1 && argv[1][n - 1] == '/')
		argv[1][--n] = '\0';
	env_system(&env, NULL);
	signer = sigv4_new();
	if (has(argv[1], "request.txt"))
		run_case(argv[1], strrchr(argv[1], '/') ? strrchr(argv[1], '/') + 1 : argv[1]);
	else
		run_folder(argv[1], "");
	sigv4_free(signer);
	return runner_finish();
}
