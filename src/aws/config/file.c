/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "aws/config/file.h"

#include <pwd.h>
#include <stdlib.h>
#include <unistd.h>

#include "aws/config/parse.h"
#include "aws/config/section.h"
#include "base/buf.h"
#include "base/env.h"
#include "base/error.h"
#include "base/str.h"
#include "base/xalloc.h"

struct aws_config {
	struct config_map sections[CONFIG_SECTION_KINDS];
	char *config_name, *credentials_name;
};

int aws_config_parse(const char *config, size_t config_len, const char *config_name,
		     const char *credentials, size_t credentials_len, const char *credentials_name,
		     struct aws_config **ret, struct error **err)
{
	cleanup(aws_config_freep) struct aws_config *c = xcalloc(1, sizeof(*c));

	c->config_name = xstrdup(config_name);
	c->credentials_name = xstrdup(credentials_name);
	/* The credentials file is read second because its properties take precedence. */
	if (config) {
		struct config_text t = { c->config_name, config, config_len, false };

		if (config_parse_text(c->sections, &t, err) < 0)
			return -1;
	}
	if (credentials) {
		struct config_text t = { c->credentials_name, credentials, credentials_len, true };

		if (config_parse_text(c->sections, &t, err) < 0)
			return -1;
	}
	*ret = TAKE(c);
	return 0;
}

void aws_config_free(struct aws_config *c)
{
	if (!c)
		return;
	for (int i = 0; i < CONFIG_SECTION_KINDS; i++)
		config_map_release(&c->sections[i]);
	free(c->config_name);
	free(c->credentials_name);
	free(c);
}

static char *home_of_user(const struct env *env)
{
	const char *home = env_get(env, "HOME");
	struct passwd entry, *found = NULL;
	char text[4096];

	if (home)
		return xstrdup(home);
	if (getpwuid_r(getuid(), &entry, text, sizeof(text), &found) != 0 || !found)
		return NULL;
	return xstrdup(entry.pw_dir);
}

char *aws_expand_home(const struct env *env, const char *path)
{
	cleanup_free char *home = NULL;

	if (path[0] != '~' || (path[1] && path[1] != '/'))
		return xstrdup(path);
	home = home_of_user(env);
	if (!home)
		return xstrdup(path);
	/* HOME=/ makes "/.aws/config", not "//.aws/config". */
	if (str_ends(home, "/") && path[1])
		home[strlen(home) - 1] = '\0';
	return xasprintf("%s%s", home, path + 1);
}

static char *file_path(const struct env *env, const char *variable, const char *fallback)
{
	const char *told = env_get(env, variable);

	return aws_expand_home(env, told ? told : fallback);
}

char *aws_config_path(const struct env *env)
{
	return file_path(env, "AWS_CONFIG_FILE", "~/.aws/config");
}

char *aws_credentials_path(const struct env *env)
{
	return file_path(env, "AWS_SHARED_CREDENTIALS_FILE", "~/.aws/credentials");
}

static int read_file(const struct env *env, const char *path, struct buf *ret, bool *ret_missing,
		     struct error **err)
{
	cleanup_error struct error *why = NULL;

	*ret_missing = false;
	if (env_read_file(env, path, ret, ret_missing, &why) == 0 || *ret_missing)
		return 0;
	return err_move(&why, err);
}

int aws_config_load(const struct env *env, struct aws_config **ret, struct error **err)
{
	cleanup_free char *config_name = aws_config_path(env);
	cleanup_free char *credentials_name = aws_credentials_path(env);
	cleanup_buf struct buf config = BUF_SECRET_MAX(CONFIG_FILE_MAX);
	cleanup_buf struct buf credentials = BUF_SECRET_MAX(CONFIG_FILE_MAX);
	bool no_config, no_credentials;

	if (read_file(env, config_name, &config, &no_config, err) < 0 ||
	    read_file(env, credentials_name, &credentials, &no_credentials, err) < 0)
		return -1;
	return aws_config_parse(no_config ? NULL : config.data, config.len, config_name,
				no_credentials ? NULL : credentials.data, credentials.len,
				credentials_name, ret, err);
}

bool aws_config_has(const struct aws_config *c, enum config_section kind, const char *name)
{
	return config_map_find(&c->sections[kind], name) != NULL;
}

static const struct config_entry *find(const struct aws_config *c, enum config_section kind,
				       const char *name, const char *key, const char *sub)
{
	const struct config_entry *e = config_map_find(&c->sections[kind], name);

	if (e)
		e = config_map_find(&e->entries, key);
	if (e && sub)
		e = config_map_find(&e->entries, sub);
	return e;
}

const char *aws_config_get(const struct aws_config *c, enum config_section kind, const char *name,
			   const char *key)
{
	return aws_config_get_sub(c, kind, name, key, NULL);
}

const char *aws_config_get_sub(const struct aws_config *c, enum config_section kind,
			       const char *name, const char *key, const char *sub)
{
	const struct config_entry *e = find(c, kind, name, key, sub);

	return e ? e->value : NULL;
}

char *aws_config_where(const struct aws_config *c, enum config_section kind, const char *name,
		       const char *key, const char *sub)
{
	static const char *const words[CONFIG_SECTION_KINDS] = { "profile", "sso-session",
								 "services", "section" };
	const struct config_entry *e = find(c, kind, name, key, sub);

	if (!e)
		return xasprintf("%s '%s'", words[kind], name);
	return xasprintf("%s '%s' (%s, line %zu)", words[kind], name, e->file, e->line);
}

void aws_config_walk(const struct aws_config *c, config_visit *fn, void *data)
{
	for (int i = 0; i < CONFIG_SECTION_KINDS; i++) {
		enum config_section kind = (enum config_section)i;

		for (struct config_entry *s = c->sections[i].first; s; s = s->next) {
			fn(data, kind, s->name, NULL, NULL, NULL);
			for (struct config_entry *p = s->entries.first; p; p = p->next) {
				fn(data, kind, s->name, p->name, NULL, p->value);
				for (struct config_entry *q = p->entries.first; q; q = q->next)
					fn(data, kind, s->name, p->name, q->name, q->value);
			}
		}
	}
}
