/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "replay.h"

#include "base/error.h"
#include "base/json.h"
#include "base/str.h"
#include "base/xalloc.h"
#include "net/http.h"

struct replay_transport {
	struct http_transport base;
	struct replay *replay;
};

void replay_init(struct replay *r, const json_t *traffic)
{
	*r = (struct replay){ .events = json_object_get(traffic, "events"), .mismatch = BUF_INIT };
}

void replay_release(struct replay *r)
{
	buf_release(&r->mismatch);
}

/* The nth event of the present connection that has this kind of action, or NULL. */
static const json_t *find_action(const struct replay *r, const char *kind, size_t n)
{
	size_t i;
	json_t *event;

	json_array_foreach(r->events, i, event) {
		const json_t *action = json_obj(json_obj(event, "action"), kind);

		if (action && json_int(event, "connection_id", -1) == r->connection && n-- == 0)
			return action;
	}
	return NULL;
}

static const json_t *reply_of(const struct replay *r)
{
	return json_obj(find_action(r, "Response", 0), "response");
}

/* A header's value: a text or a list of texts, of which one is enough here. */
static const char *header_text(const json_t *value)
{
	return json_string_value(json_is_array(value) ? json_array_get(value, 0) : value);
}

/*
 * What may differ: the Rust SDK asked for the "extended" credentials for some
 * time, and STS has a global name.
 */
static char *normalize(const char *uri)
{
	struct buf b = BUF_INIT;
	const char *extended = strstr(uri, "-extended");

	buf_add(&b, uri, extended ? (size_t)(extended - uri) : strlen(uri));
	if (extended)
		buf_adds(&b, extended + strlen("-extended"));
	while (b.len && b.data[b.len - 1] == '/')
		b.data[--b.len] = '\0';
	if (str_starts(b.data, "https://sts.")) {
		buf_clear(&b);
		buf_adds(&b, "https://sts");
	}
	return buf_take(&b);
}

static bool same_uri(const char *a, const char *b)
{
	cleanup_free char *x = normalize(a), *y = normalize(b);

	return str_eq(x, y);
}

static bool same_headers(const struct http_request *req, const json_t *recorded)
{
	static const char *const checked[] = {
		"x-aws-ec2-metadata-token",
		"x-aws-ec2-metadata-token-ttl-seconds",
		"x-amz-sso_bearer_token",
		"authorization",
	};
	const char *name;
	json_t *value;

	json_object_foreach(json_object_get(recorded, "headers"), name, value) {
		const char *text = header_text(value);

		for (size_t i = 0; text && i < ARRAY_SIZE(checked); i++)
			if (str_eq_nocase(name, checked[i]) && !str_starts(text, "AWS4-") &&
			    !str_eq0(text, http_header_get(&req->headers, name)))
				return false;
	}
	return true;
}

static void compare(struct replay *r, const struct http_request *req, const json_t *recorded)
{
	cleanup_free char *uri = xasprintf("%s%s%s%s", req->origin, req->path.data,
					   req->query.len ? "?" : "", req->query.data);
	const char *method = json_str(recorded, "method"), *want = json_str(recorded, "uri");

	if (r->mismatch.len)
		return;
	if (!want)
		buf_addf(&r->mismatch, "%s %s, where nothing more was recorded", req->method, uri);
	else if (!str_eq0(method, req->method) || !same_uri(uri, want))
		buf_addf(&r->mismatch, "%s %s, where %s %s was recorded", req->method, uri, method,
			 want);
	else if (!same_headers(req, recorded))
		buf_addf(&r->mismatch, "%s %s with other headers than were recorded", req->method,
			 uri);
}

static int broken(struct http_response *ret, enum http_failure why, struct error **err)
{
	ret->failure = why;
	return err_set(err, ERR_UNREACHABLE, "no answer was recorded");
}

static void play_headers(const json_t *ok, struct http_response *ret)
{
	const char *name;
	json_t *value;

	json_object_foreach(json_object_get(ok, "headers"), name, value)
		if (header_text(value))
			http_header_add(&ret->headers, name, header_text(value));
}

static void play_body(const struct replay *r, struct http_response *ret)
{
	const json_t *data;

	for (size_t n = 0; (data = find_action(r, "Data", n)) != NULL; n++)
		if (str_eq0(json_str(data, "direction"), "Response") &&
		    json_str(json_obj(data, "data"), "Utf8"))
			buf_adds(&ret->body, json_str(json_obj(data, "data"), "Utf8"));
	ret->body_bytes = ret->body.len;
}

static bool cut_short(const struct replay *r)
{
	const json_t *eof;

	for (size_t n = 0; (eof = find_action(r, "Eof", n)) != NULL; n++)
		if (str_eq0(json_str(eof, "direction"), "Response"))
			return !json_bool(eof, "ok", true);
	return false;
}

/* An "extended" request that was refused: this program never sends it. */
static bool is_refused_extension(const struct replay *r, const json_t *recorded)
{
	const char *uri = json_str(recorded, "uri");

	return uri && strstr(uri, "-extended") &&
	       json_int(json_obj(reply_of(r), "Ok"), "status", 0) == 404;
}

static int replay_send(struct http_transport *t, const struct http_request *req,
		       struct http_response *ret, struct error **err)
{
	struct replay *r = ((struct replay_transport *)t)->replay;
	const json_t *recorded, *ok;
	int result = 0;

	recorded = json_obj(find_action(r, "Request", 0), "request");
	if (is_refused_extension(r, recorded)) {
		r->connection++;
		recorded = json_obj(find_action(r, "Request", 0), "request");
	}
	compare(r, req, recorded);
	ok = json_obj(reply_of(r), "Ok");
	if (!ok) {
		result = broken(ret, HTTP_CONNECT, err);
	} else {
		ret->status = (int)json_int(ok, "status", 0);
		play_headers(ok, ret);
		play_body(r, ret);
		if (cut_short(r))
			result = broken(ret, HTTP_BROKEN, err);
	}
	r->connection++;
	return result;
}

static void replay_free(struct http_transport *t)
{
	free(t);
}

struct http_transport *replay_transport(struct replay *r)
{
	struct replay_transport *t = xcalloc(1, sizeof(*t));

	t->base.send = replay_send;
	t->base.free = replay_free;
	t->replay = r;
	return &t->base;
}
