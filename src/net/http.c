/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "net/http.h"

#include <curl/curl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/env.h"
#include "base/error.h"
#include "base/str.h"
#include "base/xalloc.h"
#include "net/cadir.h"

/* The size of a TLS record: more is not faster, and costs memory with many connections. */
#define RECEIVE_BUFFER (16L * 1024)

struct http_curl {
	struct http_transport transport;
	CURL *easy; /* NULL until the first request: many transports never send one */
	struct http_options opts;
	/* When the last byte was sent or received, by the monotonic clock, and how many so far. */
	int64_t moved_ms;
	curl_off_t moved;
	bool stalled;
	char errbuf[CURL_ERROR_SIZE];
};

struct exchange {
	const struct http_request *req;
	struct http_response *res;
	size_t header_bytes;
	struct error *sink_error;
	bool too_large;
	bool head_whole; /* the empty line after it was there */
};

/* libcurl's default folder of certificates, or NULL. */
static const char *default_capath;

/* curl_version_info() fills a static struct, so only one thread may call it. */
static void global_init(void)
{
	const curl_version_info_data *v;

	if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
		xalloc_die();
	v = curl_version_info(CURLVERSION_NOW);
	if (v->age >= CURLVERSION_EIGHTH)
		default_capath = v->capath;
}

static void set_long(CURL *e, CURLoption opt, long v)
{
	curl_easy_setopt(e, opt, v);
}

static void set_str(CURL *e, CURLoption opt, const char *v)
{
	if (curl_easy_setopt(e, opt, v) == CURLE_OUT_OF_MEMORY)
		xalloc_die();
}

/* One line of the reply's head. */
static size_t on_header(char *p, size_t size, size_t n, void *data)
{
	struct exchange *x = data;

	(void)size;
	x->header_bytes += n;
	if (x->header_bytes > HTTP_HEADERS_MAX) {
		x->too_large = true;
		return 0;
	}
	http_head_line(x->res, p, n, &x->head_whole);
	return n;
}

static size_t on_body(char *p, size_t size, size_t n, void *data)
{
	struct exchange *x = data;
	struct http_response *res = x->res;

	(void)size;
	res->body_bytes += n;
	if (x->req->sink && res->status / 100 == 2) {
		if (x->req->sink(x->req->sink_data, p, n, &x->sink_error) < 0)
			return 0;
		return n;
	}
	buf_add(&res->body, p, n);
	if (buf_full(&res->body)) {
		x->too_large = true;
		return 0;
	}
	return n;
}

static int64_t monotonic_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

/*
 * curl calls this at least once a second. Its own low-speed limit looks at the
 * mean of five seconds, which is too slow for a short time-out.
 */
static int on_progress(void *data, curl_off_t down_total, curl_off_t down, curl_off_t up_total,
		       curl_off_t up)
{
	struct http_curl *h = data;
	int64_t now = monotonic_ms();
	curl_off_t connected_us = 0;

	(void)down_total, (void)up_total;
	/* Until there is a connection, the connect time-out applies. */
	curl_easy_getinfo(h->easy, CURLINFO_PRETRANSFER_TIME_T, &connected_us);
	if (!connected_us || down + up != h->moved) {
		h->moved = down + up;
		h->moved_ms = now;
	}
	h->stalled = h->opts.read_timeout_ms > 0 && now - h->moved_ms >= h->opts.read_timeout_ms;
	return h->stalled || env_stopped(h->opts.env);
}

static void set_trust(CURL *e, const char *ca_bundle)
{
	set_long(e, CURLOPT_SSL_VERIFYPEER, 1);
	set_long(e, CURLOPT_SSL_VERIFYHOST, 2);
	set_long(e, CURLOPT_SSLVERSION, CURL_SSLVERSION_TLSv1_2);
	if (cadir_is_hashed(ca_bundle)) {
		set_str(e, CURLOPT_CAPATH, ca_bundle);
		set_str(e, CURLOPT_CAINFO, NULL);
	} else if (ca_bundle) {
		set_str(e, CURLOPT_CAINFO, ca_bundle);
		set_str(e, CURLOPT_CAPATH, NULL);
	} else if (cadir_is_hashed(default_capath)) {
		set_str(e, CURLOPT_CAPATH, default_capath);
		set_str(e, CURLOPT_CAINFO, NULL);
	} else {
		set_str(e, CURLOPT_CAPATH, NULL);
	}
}

static void set_up(struct http_curl *h)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	const struct http_options *o = &h->opts;
	CURL *e;

	pthread_once(&once, global_init);
	e = h->easy = curl_easy_init();
	if (!e)
		xalloc_die();
	set_long(e, CURLOPT_NOSIGNAL, 1);
	set_str(e, CURLOPT_PROTOCOLS_STR, "http,https");
	set_long(e, CURLOPT_FOLLOWLOCATION, 0);
	set_long(e, CURLOPT_PATH_AS_IS, 1);
	set_long(e, CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1);
	set_long(e, CURLOPT_BUFFERSIZE, RECEIVE_BUFFER);
	set_long(e, CURLOPT_CONNECTTIMEOUT_MS, (long)o->connect_timeout_ms);
	set_long(e, CURLOPT_NOPROGRESS, 0);
	set_str(e, CURLOPT_USERAGENT, o->user_agent);
	set_trust(e, o->ca_bundle);
	curl_easy_setopt(e, CURLOPT_ERRORBUFFER, h->errbuf);
	curl_easy_setopt(e, CURLOPT_HEADERFUNCTION, on_header);
	curl_easy_setopt(e, CURLOPT_XFERINFOFUNCTION, on_progress);
	curl_easy_setopt(e, CURLOPT_XFERINFODATA, h);
}

static void set_body(CURL *e, const struct http_request *req)
{
	bool has_body = req->body_len || str_eq(req->method, "POST") || str_eq(req->method, "PUT");

	set_long(e, CURLOPT_NOBODY, 0);
	set_long(e, CURLOPT_HTTPGET, 1);
	if (str_eq(req->method, "HEAD")) {
		set_long(e, CURLOPT_NOBODY, 1);
	} else if (has_body) {
		set_long(e, CURLOPT_POST, 1);
		curl_easy_setopt(e, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)req->body_len);
		curl_easy_setopt(e, CURLOPT_POSTFIELDS, req->body_len ? req->body : "");
	}
	set_str(e, CURLOPT_CUSTOMREQUEST, str_eq(req->method, "HEAD") ? NULL : req->method);
}

/* The request's headers, and none of those that curl would add. Caller frees. */
static int header_list(const struct http_request *req, struct curl_slist **ret, struct error **err)
{
	static const char *const unwanted[] = { "Accept", "Expect", "Content-Type" };
	struct curl_slist *list = NULL;

	for (size_t i = 0; i < ARRAY_SIZE(unwanted) + req->headers.n; i++) {
		size_t j = i - ARRAY_SIZE(unwanted);
		const char *name = i < ARRAY_SIZE(unwanted) ? unwanted[i] : req->headers.v[j].name;
		const char *value = i < ARRAY_SIZE(unwanted) ? NULL : req->headers.v[j].value;
		cleanup_free char *line = NULL;
		struct curl_slist *longer;

		if (!value && http_header_get(&req->headers, name))
			continue;
		if (value && strpbrk(value, "\r\n")) {
			curl_slist_free_all(list);
			return err_set(err, ERR_USAGE,
				       "the value of the header '%s' contains a line break", name);
		}
		/* curl's syntax: "Name:" removes a header, "Name;" sends an empty one. */
		line = !value   ? xasprintf("%s:", name)
		       : *value ? xasprintf("%s: %s", name, value)
				: xasprintf("%s;", name);
		longer = curl_slist_append(list, line);
		explicit_bzero(line, strlen(line));
		if (!longer)
			xalloc_die();
		list = longer;
	}
	*ret = list;
	return 0;
}

static void free_list(struct curl_slist *list)
{
	for (struct curl_slist *l = list; l; l = l->next)
		explicit_bzero(l->data, strlen(l->data));
	curl_slist_free_all(list);
}

static enum http_failure failure_of(const struct http_curl *h, CURLcode code,
				    const struct exchange *x)
{
	if (x->too_large)
		return HTTP_TOO_LARGE;
	switch (code) {
	case CURLE_OK:
		return HTTP_OK;
	case CURLE_COULDNT_RESOLVE_HOST:
	case CURLE_COULDNT_RESOLVE_PROXY:
	case CURLE_COULDNT_CONNECT:
		return HTTP_CONNECT;
	case CURLE_OPERATION_TIMEDOUT:
		return HTTP_TIMEOUT;
	case CURLE_PEER_FAILED_VERIFICATION:
	case CURLE_SSL_CACERT_BADFILE:
	case CURLE_SSL_CERTPROBLEM:
	case CURLE_SSL_CIPHER:
	case CURLE_SSL_ISSUER_ERROR:
		return HTTP_TLS;
	case CURLE_WRITE_ERROR:
		return x->sink_error ? HTTP_SINK : HTTP_BROKEN;
	case CURLE_ABORTED_BY_CALLBACK:
		return h->stalled ? HTTP_TIMEOUT : HTTP_STOPPED;
	default:
		return HTTP_BROKEN;
	}
}

static int explain(struct http_curl *h, CURLcode code, struct exchange *x, struct error **err)
{
	const char *why = h->errbuf[0] ? h->errbuf : curl_easy_strerror(code);
	const char *origin = x->req->origin;

	switch (x->res->failure) {
	case HTTP_TOO_LARGE:
		return err_set(err, ERR_UNREACHABLE, "the reply from '%s' is larger than allowed",
			       origin);
	case HTTP_SINK:
		return err_move(&x->sink_error, err);
	case HTTP_STOPPED:
		return err_interrupted(err);
	case HTTP_CONNECT:
		err_set(err, ERR_UNREACHABLE, "no connection to '%s': %s", origin, why);
		return err_hint(err, "check the network, the region and the endpoint");
	case HTTP_TLS:
		err_set(err, ERR_UNREACHABLE, "cannot verify the TLS certificate of '%s': %s",
			origin, why);
		return err_hint(
			err, "if a proxy or a private CA issued it, give the CA with --ca-bundle");
	case HTTP_TIMEOUT:
		if (h->stalled)
			return err_set(
				err, ERR_UNREACHABLE,
				"'%s' did not answer in time: nothing was received for %lld s",
				origin, (long long)(h->opts.read_timeout_ms / 1000));
		return err_set(err, ERR_UNREACHABLE, "'%s' did not answer in time: %s", origin,
			       why);
	default:
		return err_set(err, ERR_UNREACHABLE, "the connection to '%s' was lost: %s", origin,
			       why);
	}
}

static int http_curl_send(struct http_transport *t, const struct http_request *req,
			  struct http_response *res, struct error **err)
{
	struct http_curl *h = (struct http_curl *)t;
	struct exchange x = { .req = req, .res = res };
	cleanup_free char *url = NULL;
	struct curl_slist *headers = NULL;
	CURL *e;
	CURLcode code;

	if (!h->easy)
		set_up(h);
	e = h->easy;
	res->body.max = req->response_max ? req->response_max : HTTP_RESPONSE_MAX;
	url = xasprintf("%s%s%s%s", req->origin, req->path.data, req->query.len ? "?" : "",
			req->query.data);
	if (header_list(req, &headers, err) < 0)
		return -1;
	set_str(e, CURLOPT_URL, url);
	set_body(e, req);
	/* Plain HTTP is for local endpoints: this machine, instance metadata, an S3 look-alike. */
	set_str(e, CURLOPT_NOPROXY, str_starts(req->origin, "http:") ? "*" : NULL);
	set_long(e, CURLOPT_FRESH_CONNECT, req->fresh_connection);
	set_long(e, CURLOPT_TIMEOUT_MS, (long)req->timeout_ms);
	curl_easy_setopt(e, CURLOPT_HTTPHEADER, headers);
	curl_easy_setopt(e, CURLOPT_HEADERDATA, &x);
	curl_easy_setopt(e, CURLOPT_WRITEFUNCTION, on_body);
	curl_easy_setopt(e, CURLOPT_WRITEDATA, &x);
	h->errbuf[0] = '\0';
	h->moved = 0;
	h->moved_ms = monotonic_ms();
	h->stalled = false;
	code = curl_easy_perform(e);
	/* libcurl mistakes a head that is cut off for a reply without a body. */
	if (code == CURLE_OK && !x.head_whole)
		code = CURLE_PARTIAL_FILE;
	curl_easy_setopt(e, CURLOPT_HTTPHEADER, NULL);
	free_list(headers);
	res->failure = failure_of(h, code, &x);
	if (res->failure == HTTP_OK)
		return 0;
	explain(h, code, &x, err);
	error_clear(&x.sink_error);
	return -1;
}

static void http_curl_free(struct http_transport *t)
{
	struct http_curl *h = (struct http_curl *)t;

	curl_easy_cleanup(h->easy);
	free(h);
}

struct http_transport *http_curl_new(const struct http_options *opts)
{
	struct http_curl *h = xcalloc(1, sizeof(*h));

	h->transport.send = http_curl_send;
	h->transport.free = http_curl_free;
	h->opts = *opts;
	return &h->transport;
}

const char *http_engine(void)
{
	static char name[128];
	const curl_version_info_data *v = curl_version_info(CURLVERSION_NOW);

	/* curl_version() names all libraries, and to do so starts OpenLDAP, for 2 ms. */
	snprintf(name, sizeof(name), "libcurl/%s %s", v->version, v->ssl_version);
	return name;
}

void http_transport_free(struct http_transport *t)
{
	if (t)
		t->free(t);
}
