/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "aws/config/settings.h"

#include <stdlib.h>

#include "aws/config/file.h"
#include "aws/endpoint/endpoint.h"
#include "base/env.h"
#include "base/error.h"
#include "base/str.h"
#include "base/xalloc.h"
#include "net/url.h"

/* Where a setting may be given, in order of precedence. NULL where it cannot be. */
struct place {
	const char *option;
	const char *vars[2];
	const char *key, *sub; /* in the profile; with sub, a nested property */
};

static const struct place region_place = {
	.option = "--region",
	.vars = { "AWS_REGION", "AWS_DEFAULT_REGION" },
	.key = "region",
};
static const struct place ca_bundle_place = {
	.option = "--ca-bundle",
	.vars = { "AWS_CA_BUNDLE" },
	.key = "ca_bundle",
};
static const struct place fips_place = {
	.option = "--use-fips",
	.vars = { "AWS_USE_FIPS_ENDPOINT" },
	.key = "use_fips_endpoint",
};
static const struct place dualstack_place = {
	.option = "--use-dualstack",
	.vars = { "AWS_USE_DUALSTACK_ENDPOINT" },
	.key = "use_dualstack_endpoint",
};
static const struct place attempts_place = {
	.option = "--max-attempts",
	.vars = { "AWS_MAX_ATTEMPTS" },
	.key = "max_attempts",
};
static const struct place mode_place = {
	.vars = { "AWS_RETRY_MODE" },
	.key = "retry_mode",
};
static const struct place ignore_place = {
	.vars = { "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS" },
	.key = "ignore_configured_endpoint_urls",
};
static const struct place s3_us_east_1_place = {
	.vars = { "AWS_S3_US_EAST_1_REGIONAL_ENDPOINT" },
	.key = "s3_us_east_1_regional_endpoint",
};
static const struct place sts_place = {
	.vars = { "AWS_STS_REGIONAL_ENDPOINTS" },
	.key = "sts_regional_endpoints",
};
static const struct place addressing_place = {
	.key = "s3",
	.sub = "addressing_style",
};

/* A value and where it was found, for the user. */
struct found {
	char *text, *source;
};

static void found_release(struct found *f)
{
	free(f->text);
	free(f->source);
}

/* False if it is not set. Empty counts as unset, as in the SDKs. */
static bool look_up(const struct aws_settings *s, const struct place *at, const char *option,
		    struct found *ret)
{
	const char *text = NULL;

	if (!str_empty(option)) {
		*ret = (struct found){ xstrdup(option), xstrdup(at->option) };
		return true;
	}
	for (size_t i = 0; i < ARRAY_SIZE(at->vars) && at->vars[i]; i++) {
		text = env_get(s->env, at->vars[i]);
		if (text) {
			*ret = (struct found){ xstrdup(text), xstrdup(at->vars[i]) };
			return true;
		}
	}
	if (at->key)
		text = aws_config_get_sub(s->config, CONFIG_PROFILE, s->profile, at->key, at->sub);
	if (!str_empty(text)) {
		cleanup_free char *where =
			aws_config_where(s->config, CONFIG_PROFILE, s->profile, at->key, at->sub);

		*ret = (struct found){
			xstrdup(text), xasprintf("'%s' of %s", at->sub ? at->sub : at->key, where)
		};
		return true;
	}
	return false;
}

static int bad_value(const struct found *f, const char *wanted, struct error **err)
{
	return err_set(err, ERR_USAGE, "%s must be %s, not '%s'", f->source, wanted, f->text);
}

static int take_bool(const struct aws_settings *s, const struct place *at, bool option, bool *ret,
		     struct error **err)
{
	cleanup(found_release) struct found f = { 0 };

	if (!look_up(s, at, option ? "true" : NULL, &f) || str_to_bool(f.text, ret))
		return 0;
	return bad_value(&f, "true or false", err);
}

/* One of a pair of words; *ret is true for the second. */
static int take_choice(const struct aws_settings *s, const struct place *at, const char *no,
		       const char *yes, bool *ret, struct error **err)
{
	cleanup(found_release) struct found f = { 0 };
	cleanup_free char *wanted = xasprintf("'%s' or '%s'", no, yes);

	if (!look_up(s, at, NULL, &f))
		return 0;
	if (!str_eq_nocase(f.text, no) && !str_eq_nocase(f.text, yes))
		return bad_value(&f, wanted, err);
	*ret = str_eq_nocase(f.text, yes);
	return 0;
}

static int take_attempts(struct aws_settings *s, int option, struct error **err)
{
	cleanup(found_release) struct found f = { 0 };
	cleanup_free char *typed = option ? xasprintf("%d", option) : NULL;
	cleanup_free char *wanted = xasprintf("a number from 1 to %d", SETTINGS_MAX_ATTEMPTS_LIMIT);
	int64_t n = SETTINGS_MAX_ATTEMPTS;

	if (look_up(s, &attempts_place, typed, &f) &&
	    !str_to_int64(f.text, 1, SETTINGS_MAX_ATTEMPTS_LIMIT, &n))
		return bad_value(&f, wanted, err);
	s->max_attempts = (int)n;
	return 0;
}

static int take_retry_mode(struct aws_settings *s, struct error **err)
{
	cleanup(found_release) struct found f = { 0 };

	if (!look_up(s, &mode_place, NULL, &f) || str_eq_nocase(f.text, "standard") ||
	    str_eq_nocase(f.text, "legacy"))
		s->retry_mode = RETRY_STANDARD;
	else if (str_eq_nocase(f.text, "adaptive"))
		s->retry_mode = RETRY_ADAPTIVE;
	else
		return bad_value(&f, "'standard', 'adaptive' or 'legacy'", err);
	return 0;
}

static int take_addressing(struct aws_settings *s, struct error **err)
{
	cleanup(found_release) struct found f = { 0 };

	if (!look_up(s, &addressing_place, NULL, &f))
		return 0;
	s->s3_path_style = str_eq_nocase(f.text, "path");
	if (!s->s3_path_style && !str_eq_nocase(f.text, "virtual") &&
	    !str_eq_nocase(f.text, "auto"))
		return bad_value(&f, "'path', 'virtual' or 'auto'", err);
	return 0;
}

static int take_region(struct aws_settings *s, const char *option, struct error **err)
{
	cleanup(found_release) struct found f = { 0 };

	if (!look_up(s, &region_place, option, &f))
		return 0;
	if (!endpoint_region_ok(f.text)) {
		bad_value(&f, "the name of a region", err);
		return err_hint(err, "region names look like 'eu-west-1'");
	}
	s->region = TAKE(f.text);
	s->region_source = TAKE(f.source);
	return 0;
}

static void take_ca_bundle(struct aws_settings *s, const char *option)
{
	cleanup(found_release) struct found f = { 0 };

	if (look_up(s, &ca_bundle_place, option, &f))
		s->ca_bundle = aws_expand_home(s->env, f.text);
}

/* The endpoint_url of the profile's services section. */
static int services_url(const struct aws_settings *s, const char *id, struct found *ret,
			struct error **err)
{
	const char *section = aws_config_get(s->config, CONFIG_PROFILE, s->profile, "services");
	cleanup_free char *where = NULL;
	const char *url;

	if (str_empty(section))
		return 0;
	if (!aws_config_has(s->config, CONFIG_SERVICES, section)) {
		where = aws_config_where(s->config, CONFIG_PROFILE, s->profile, "services", NULL);
		return err_set(err, ERR_USAGE,
			       "'services' of %s names the section 'services %s', which does not "
			       "exist",
			       where, section);
	}
	url = aws_config_get_sub(s->config, CONFIG_SERVICES, section, id, "endpoint_url");
	if (str_empty(url))
		return 0;
	where = aws_config_where(s->config, CONFIG_SERVICES, section, id, "endpoint_url");
	*ret = (struct found){ xstrdup(url), xasprintf("'endpoint_url' of %s in %s", id, where) };
	return 0;
}

static int find_endpoint(const struct aws_settings *s, enum aws_service service, struct found *ret,
			 struct error **err)
{
	const char *id = aws_service_info(service)->sdk_id;
	cleanup_free char *var = xasprintf("AWS_ENDPOINT_URL_%s", id);
	const struct place in_env = { "--endpoint-url", { var, "AWS_ENDPOINT_URL" } };
	const struct place in_profile = { .key = "endpoint_url" };

	for (char *p = var; *p; p++)
		if (*p >= 'a' && *p <= 'z')
			*p = (char)(*p - 'a' + 'A');
	if (s->ignore_configured_endpoints && !s->endpoint_option)
		return 0;
	if (look_up(s, &in_env, s->endpoint_option, ret))
		return 0;
	if (services_url(s, id, ret, err) < 0)
		return -1;
	if (!ret->text)
		look_up(s, &in_profile, NULL, ret);
	return 0;
}

static int take_endpoints(struct aws_settings *s, struct error **err)
{
	for (int i = 0; i < AWS_SERVICE_COUNT; i++) {
		cleanup(found_release) struct found f = { 0 };

		if (find_endpoint(s, (enum aws_service)i, &f, err) < 0)
			return -1;
		if (f.text && !endpoint_url_ok(f.text)) {
			bad_value(&f, "a URL", err);
			return err_hint(err, "an endpoint looks like 'https://host' or "
					     "'http://localhost:4566'");
		}
		s->endpoints[i].url = TAKE(f.text);
		s->endpoints[i].source = TAKE(f.source);
	}
	return 0;
}

static void collect_profile(void *data, enum config_section kind, const char *section,
			    const char *key, const char *sub, const char *value)
{
	(void)sub, (void)value;
	if (kind == CONFIG_PROFILE && !key)
		strv_add(data, section);
}

/* Worded as by the AWS CLI. */
static int no_such_profile(const struct aws_settings *s, const char *source, struct error **err)
{
	cleanup_strv struct strv names = STRV_INIT;
	cleanup_free char *config = aws_config_path(s->env);
	cleanup_free char *credentials = aws_credentials_path(s->env);
	const char *nearest;

	err_set(err, ERR_USAGE, "the config profile (%s) could not be found (named by %s)",
		s->profile, source);
	aws_config_walk(s->config, collect_profile, &names);
	nearest = names.n ? str_nearest(s->profile, (const char *const *)names.v) : NULL;
	if (nearest)
		return err_hint(err, "did you mean '%s'? looked in %s and %s", nearest, config,
				credentials);
	return err_hint(err, "looked in %s and %s", config, credentials);
}

static int take_profile(struct aws_settings *s, const char *option, struct error **err)
{
	static const char *const vars[] = { "AWS_PROFILE", "AWS_DEFAULT_PROFILE" };
	const char *name = str_empty(option) ? NULL : option, *source = "--profile";

	for (size_t i = 0; i < ARRAY_SIZE(vars) && !name; i++) {
		name = env_get(s->env, vars[i]);
		source = vars[i];
	}
	s->profile_explicit = name != NULL;
	s->profile_by_option = !str_empty(option);
	s->profile = xstrdup(name ? name : "default");
	if (name && !aws_config_has(s->config, CONFIG_PROFILE, name))
		return no_such_profile(s, source, err);
	return 0;
}

static int take_all(struct aws_settings *s, const struct aws_options *o, struct error **err)
{
	if (take_profile(s, o->profile, err) < 0 || take_region(s, o->region, err) < 0 ||
	    take_bool(s, &fips_place, o->use_fips, &s->use_fips, err) < 0 ||
	    take_bool(s, &dualstack_place, o->use_dualstack, &s->use_dualstack, err) < 0 ||
	    take_attempts(s, o->max_attempts, err) < 0 || take_retry_mode(s, err) < 0 ||
	    take_addressing(s, err) < 0 ||
	    take_choice(s, &s3_us_east_1_place, "legacy", "regional", &s->s3_us_east_1_regional,
			err) < 0 ||
	    take_choice(s, &sts_place, "regional", "legacy", &s->sts_global, err) < 0 ||
	    take_bool(s, &ignore_place, false, &s->ignore_configured_endpoints, err) < 0)
		return -1;
	take_ca_bundle(s, o->ca_bundle);
	return take_endpoints(s, err);
}

int aws_settings_load(const struct env *env, const struct aws_options *opts,
		      struct aws_settings *ret, struct error **err)
{
	cleanup_settings struct aws_settings s = {
		.env = env,
		.s3_us_east_1_regional = true,
		.endpoint_option =
			str_empty(opts->endpoint_url) ? NULL : xstrdup(opts->endpoint_url),
		.connect_timeout_ms = opts->connect_timeout_ms ? opts->connect_timeout_ms
							       : SETTINGS_CONNECT_TIMEOUT_MS,
		.read_timeout_ms =
			opts->read_timeout_ms ? opts->read_timeout_ms : SETTINGS_READ_TIMEOUT_MS,
	};

	if (aws_config_load(env, &s.config, err) < 0 || take_all(&s, opts, err) < 0)
		return -1;
	*ret = TAKE(s);
	return 0;
}

void aws_settings_release(struct aws_settings *s)
{
	aws_config_free(s->config);
	free(s->profile);
	free(s->region);
	free(s->region_source);
	free(s->ca_bundle);
	free(s->endpoint_option);
	for (int i = 0; i < AWS_SERVICE_COUNT; i++) {
		free(s->endpoints[i].url);
		free(s->endpoints[i].source);
	}
	*s = (struct aws_settings){ 0 };
}

int aws_settings_need_region(const struct aws_settings *s, struct error **err)
{
	cleanup_free char *config = NULL;

	if (s->region)
		return 0;
	config = aws_config_path(s->env);
	err_set(err, ERR_USAGE,
		"no region is set: looked at --region, AWS_REGION, AWS_DEFAULT_REGION and 'region' "
		"of "
		"profile '%s' in %s",
		s->profile, config);
	return err_hint(err, "give --region, for example --region eu-west-1, or set AWS_REGION");
}

const char *aws_settings_endpoint_url(const struct aws_settings *s, enum aws_service service,
				      const char **ret_source)
{
	if (ret_source)
		*ret_source = s->endpoints[service].source;
	return s->endpoints[service].url;
}

const char *aws_settings_plain_endpoint(const struct aws_settings *s)
{
	for (int i = 0; i < AWS_SERVICE_COUNT; i++) {
		const char *url = aws_settings_endpoint_url(s, (enum aws_service)i, NULL);
		cleanup_http_url struct http_url u = { 0 };

		if (url && http_url_parse(url, &u, NULL) == 0 && str_eq(u.scheme, "http") &&
		    !http_host_is_loopback(u.host))
			return url;
	}
	return NULL;
}
