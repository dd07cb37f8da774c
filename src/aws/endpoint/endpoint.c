/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "aws/endpoint/endpoint.h"

#include <stdlib.h>
#include <string.h>

#include "aws/endpoint/partition.h"
#include "base/buf.h"
#include "base/error.h"
#include "base/str.h"
#include "base/xalloc.h"
#include "net/url.h"

#define LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define DIGITS "0123456789"

static bool host_label_ok(const char *s, size_t n)
{
	return n >= 1 && n <= 63 && s[0] != '-' && s[n - 1] != '-' &&
	       strspn(s, LETTERS DIGITS "-") >= n;
}

static bool host_labels_ok(const char *s)
{
	for (;;) {
		size_t n = strcspn(s, ".");

		if (!host_label_ok(s, n))
			return false;
		if (!s[n])
			return true;
		s += n + 1;
	}
}

bool endpoint_region_ok(const char *region)
{
	return host_label_ok(region, strlen(region));
}

/* Four numbers of up to three digits. */
static bool looks_like_ipv4(const char *s, size_t n)
{
	int parts = 0;
	size_t i = 0;

	while (i < n) {
		size_t digits = strspn(s + i, DIGITS);

		if (digits < 1 || digits > 3 || ++parts > 4)
			return false;
		i += digits;
		if (i < n && (s[i++] != '.' || i == n))
			return false;
	}
	return parts == 4;
}

/* What RFC 3986 allows in a path. */
static bool path_ok(const char *s)
{
	if (s[strspn(s, LETTERS DIGITS "-._~!$&'()*+,;=:@%/")])
		return false;
	for (; *s; s++)
		if (*s == '%' && strspn(s + 1, DIGITS "abcdefABCDEF") < 2)
			return false;
	return true;
}

/*
 * Parses a custom endpoint with the parser of the library that sends to it. The path must
 * come out as it was written, so that it has no "." or ".."; a trailing slash is dropped.
 */
static bool url_parse(const char *text, struct http_url *ret)
{
	cleanup_http_url struct http_url u = { 0 };
	const char *path;
	size_t n;

	if (http_url_parse(text, &u, NULL) < 0 || *u.query || !path_ok(u.path) || *u.host == '.' ||
	    u.host[strspn(u.host, LETTERS DIGITS "-._:[]")])
		return false;
	path = strstr(text, "://"); /* curl also takes "http:/host" */
	if (!path)
		return false;
	path = strchr(path + 3, '/');
	if (!str_eq(path ? path : "/", u.path))
		return false;
	n = strlen(u.path);
	while (n && u.path[n - 1] == '/')
		u.path[--n] = '\0';
	*ret = TAKE(u);
	return true;
}

bool endpoint_url_ok(const char *url)
{
	cleanup_http_url struct http_url u = { 0 };

	return url_parse(url, &u);
}

static int take_url(const char *text, struct http_url *ret, struct error **err)
{
	if (url_parse(text, ret))
		return 0;
	err_set(err, ERR_USAGE, "'%s' is not a valid endpoint URL", text);
	return err_hint(err, "an endpoint looks like 'https://host' or 'http://localhost:4566'");
}

static int no_region(struct error **err)
{
	return err_set(err, ERR_USAGE, "no region is set");
}

static int custom_with(const char *variant, struct error **err)
{
	return err_set(err, ERR_USAGE, "%s endpoints cannot be combined with a custom endpoint",
		       variant);
}

/* Takes origin and path. */
static int done(const struct endpoint_params *p, const char *signing_region, char *origin,
		char *path, struct endpoint *ret)
{
	*ret = (struct endpoint){
		.origin = origin,
		.path = path ? path : xstrdup(""),
		.signing_region = xstrdup(signing_region),
		.signing_name = aws_service_info(p->service)->signing_name,
	};
	return 0;
}

static int resolve_custom(const struct endpoint_params *p, struct endpoint *ret, struct error **err)
{
	const char *region = p->region ? p->region : "us-east-1";
	cleanup_http_url struct http_url u = { 0 };

	if (p->use_fips)
		return custom_with("FIPS", err);
	if (p->use_dualstack)
		return custom_with("dualstack", err);
	if (take_url(p->url, &u, err) < 0)
		return -1;
	if (aws_service_info(p->service)->global)
		region = partition_of(region)->home_region;
	return done(p, region, TAKE(u.origin), TAKE(u.path), ret);
}

static int bad_region(const struct endpoint_params *p, struct error **err)
{
	err_set(err, ERR_USAGE, "'%s' is not a valid region name", p->region);
	return err_hint(err, "region names look like 'eu-west-1'");
}

/* The regions that legacy mode sends to the global endpoint. */
static bool sts_is_global(const struct endpoint_params *p)
{
	static const char *const regions[] = {
		"ap-northeast-1", "ap-south-1", "ap-southeast-1", "ap-southeast-2", "ca-central-1",
		"eu-central-1",   "eu-north-1", "eu-west-1",      "eu-west-2",      "eu-west-3",
		"sa-east-1",      "us-east-1",  "us-east-2",      "us-west-1",      "us-west-2",
	};

	if (p->service != AWS_STS || p->use_fips || p->use_dualstack)
		return false;
	if (str_eq(p->region, "aws-global"))
		return true;
	for (size_t i = 0; i < ARRAY_SIZE(regions) && p->use_global; i++)
		if (str_eq(p->region, regions[i]))
			return true;
	return false;
}

/* In GovCloud some plain endpoints are the FIPS ones. */
static bool gov_is_plain(const struct endpoint_params *p, const struct partition *in)
{
	switch (aws_service_info(p->service)->gov_fips) {
	case GOV_FIPS_PLAIN:
		return str_eq(in->id, "aws-us-gov");
	case GOV_FIPS_PLAIN_2:
		return str_eq(p->region, "us-gov-east-1") || str_eq(p->region, "us-gov-west-1");
	case GOV_FIPS_NAMED:
		break;
	}
	return false;
}

static int resolve_regional(const struct endpoint_params *p, struct endpoint *ret,
			    struct error **err)
{
	const struct aws_service_info *service = aws_service_info(p->service);
	const struct partition *in;
	bool fips = p->use_fips;

	if (str_empty(p->region))
		return no_region(err);
	if (!endpoint_region_ok(p->region))
		return bad_region(p, err);
	in = partition_of(p->region);
	if (service->global)
		return done(p, in->home_region,
			    xasprintf("https://%s", in->iam[p->use_fips][p->use_dualstack]), NULL,
			    ret);
	if (sts_is_global(p))
		return done(p, "us-east-1", xstrdup("https://sts.amazonaws.com"), NULL, ret);
	if (fips && !p->use_dualstack && gov_is_plain(p, in))
		fips = false;
	return done(p, p->region,
		    xasprintf("https://%s%s.%s.%s", service->endpoint, fips ? "-fips" : "",
			      p->region, p->use_dualstack ? in->dual_stack_suffix : in->dns_suffix),
		    NULL, ret);
}

/* True if the name can be part of a host name. A name with dots matches no certificate. */
static bool virtual_hostable(const char *bucket, bool dots)
{
	size_t n = strlen(bucket);

	return n >= 3 && n <= 63 && !strpbrk(bucket, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") &&
	       !looks_like_ipv4(bucket, n) && (dots || !strchr(bucket, '.')) &&
	       host_labels_ok(bucket);
}

static char *s3_path(const char *base, const char *bucket)
{
	cleanup_buf struct buf b = BUF_INIT;

	buf_adds(&b, base);
	if (bucket) {
		buf_addc(&b, '/');
		buf_add_uri(&b, bucket, strlen(bucket), false);
	}
	return buf_take(&b);
}

/* Access points, directory buckets and S3 on Outposts, which have other host names. */
static bool other_bucket(const char *bucket)
{
	return str_starts(bucket, "arn:") || str_ends(bucket, "--x-s3") ||
	       str_ends(bucket, "--xa-s3") || str_ends(bucket, "--op-s3");
}

static int check_s3(const struct endpoint_params *p, struct error **err)
{
	if (str_empty(p->region))
		return no_region(err);
	if (p->use_dualstack && p->url)
		return custom_with("dualstack", err);
	if (p->use_fips && p->url)
		return custom_with("FIPS", err);
	if (p->use_fips && str_eq(partition_of(p->region)->id, "aws-cn"))
		return err_set(err, ERR_USAGE, "S3 has no FIPS endpoints in partition 'aws-cn'");
	if (p->bucket && other_bucket(p->bucket))
		return err_set(err, ERR_USAGE, "'%s' is not a general purpose bucket", p->bucket);
	return 0;
}

static int s3_custom(const struct endpoint_params *p, bool virtual, struct endpoint *ret,
		     struct error **err)
{
	const char *region = str_eq(p->region, "aws-global") ? "us-east-1" : p->region;
	cleanup_http_url struct http_url u = { 0 };
	const char *host;
	char *origin;

	if (take_url(p->url, &u, err) < 0)
		return -1;
	/* Without TLS there is no certificate that a name with dots would not match. */
	if (p->bucket && !p->path_style && str_eq(u.scheme, "http"))
		virtual = virtual_hostable(p->bucket, true);
	if (*u.host == '[' || looks_like_ipv4(u.host, strlen(u.host)))
		virtual = false;
	if (virtual && !endpoint_region_ok(p->region))
		return bad_region(p, err);
	host = strstr(u.origin, "://") + 3; /* and port */
	origin = xasprintf("%s://%s%s%s", u.scheme, virtual ? p->bucket : "", virtual ? "." : "",
			   host);
	return done(p, region, origin, s3_path(u.path, virtual ? NULL : p->bucket), ret);
}

static int resolve_s3(const struct endpoint_params *p, struct endpoint *ret, struct error **err)
{
	bool virtual = p->bucket && !p->path_style && virtual_hostable(p->bucket, false);
	bool global, plain = !p->use_fips && !p->use_dualstack;
	const char *region = p->region;

	if (check_s3(p, err) < 0)
		return -1;
	if (virtual ? !endpoint_region_ok(region) : !host_labels_ok(region))
		return bad_region(p, err);
	if (p->url)
		return s3_custom(p, virtual, ret, err);
	global = str_eq(region, "aws-global");
	if (global)
		region = "us-east-1";
	global = plain && (global || (p->use_global && str_eq(region, "us-east-1")));
	return done(p, region,
		    xasprintf("https://%s%ss3%s%s%s%s.%s", virtual ? p->bucket : "",
			      virtual ? "." : "", p->use_fips ? "-fips" : "",
			      p->use_dualstack ? ".dualstack" : "", global ? "" : ".",
			      global ? "" : region, partition_of(region)->dns_suffix),
		    s3_path("", virtual ? NULL : p->bucket), ret);
}

int endpoint_resolve(const struct endpoint_params *p, struct endpoint *ret, struct error **err)
{
	if (p->service == AWS_S3)
		return resolve_s3(p, ret, err);
	if (p->url)
		return resolve_custom(p, ret, err);
	return resolve_regional(p, ret, err);
}

void endpoint_release(struct endpoint *e)
{
	free(e->origin);
	free(e->path);
	free(e->signing_region);
	*e = (struct endpoint){ 0 };
}

/* Source: "General purpose bucket naming rules" in the S3 User Guide. */
const char *s3_bucket_name_problem(const char *name)
{
	static const char *const prefixes[] = { "xn--", "sthree-", "amzn-s3-demo-" };
	static const char *const suffixes[] = { "-s3alias", "--ol-s3", ".mrap", "--x-s3",
						"--table-s3" };
	size_t n = strlen(name);

	if (n < 3 || n > 63)
		return "it must have 3 to 63 characters";
	if (name[strspn(name, "abcdefghijklmnopqrstuvwxyz" DIGITS ".-")])
		return "it may only have a-z, 0-9, '.' and '-'";
	if (strchr(".-", name[0]) || strchr(".-", name[n - 1]))
		return "it must begin and end with a letter or a digit";
	if (strstr(name, ".."))
		return "it must not have two dots in a row";
	if (looks_like_ipv4(name, n))
		return "it must not look like an IP address";
	for (size_t i = 0; i < ARRAY_SIZE(prefixes); i++)
		if (str_starts(name, prefixes[i]))
			return "it must not begin with a prefix that AWS reserves";
	for (size_t i = 0; i < ARRAY_SIZE(suffixes); i++)
		if (str_ends(name, suffixes[i]))
			return "it must not end with a suffix that AWS reserves";
	return NULL;
}
