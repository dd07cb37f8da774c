/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "aws/config/parse.h"

#include <search.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/crypto.h"
#include "base/error.h"
#include "base/str.h"
#include "base/xalloc.h"
#include "aws/config/section.h"

static int by_name(const void *a, const void *b)
{
	const struct config_entry *x = a, *y = b;

	return strcmp(x->name, y->name);
}

struct config_entry *config_map_find(const struct config_map *m, const char *name)
{
	struct config_entry key = { .name = (char *)name };
	void *node = tfind(&key, &m->root, by_name);

	return node ? *(struct config_entry **)node : NULL;
}

static void map_insert(struct config_map *m, struct config_entry *e)
{
	if (!tsearch(e, &m->root, by_name))
		xalloc_die();
	if (m->last)
		m->last->next = e;
	else
		m->first = e;
	m->last = e;
}

static struct config_entry *map_find_or_add(struct config_map *m, const char *name)
{
	struct config_entry *e = config_map_find(m, name);

	if (!e) {
		e = xcalloc(1, sizeof(*e));
		e->name = xstrdup(name);
		map_insert(m, e);
	}
	return e;
}

/* Values are wiped because some are secret keys. */
static void entry_free(void *p)
{
	struct config_entry *e = p;

	if (!e)
		return;
	config_map_release(&e->entries);
	secret_free(e->value);
	free(e->name);
	free(e);
}

void config_map_release(struct config_map *m)
{
	tdestroy(m->root, entry_free);
	*m = (struct config_map){ 0 };
}

/* A piece of the text. */
struct span {
	const char *p;
	size_t n;
};

struct parser {
	struct config_map *sections;
	const struct config_text *in;
	size_t line;
	bool in_section;
	struct config_entry *section;      /* NULL: one that is ignored */
	struct config_entry *bare_default; /* [default] of the config file */
	char *key;                         /* the property being read, or NULL */
	size_t key_line;
	bool nested; /* its first line was empty */
	struct buf value;
};

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static bool is_comment(char c)
{
	return c == '#' || c == ';';
}

static struct span trim(struct span s)
{
	while (s.n && is_blank(s.p[0]))
		s.p++, s.n--;
	while (s.n && is_blank(s.p[s.n - 1]))
		s.n--;
	return s;
}

/* After a value, a comment starts only after white space: "a;b" is a value. */
static struct span cut_comment(struct span s, bool needs_blank)
{
	s = trim(s);
	for (size_t i = 0; i < s.n; i++)
		if (is_comment(s.p[i]) && (!needs_blank || (i && is_blank(s.p[i - 1])))) {
			s.n = i;
			break;
		}
	return trim(s);
}

static bool span_eq(struct span s, const char *text)
{
	return s.n == strlen(text) && memcmp(s.p, text, s.n) == 0;
}

/* Valid names of profiles and properties; others are ignored. */
static bool name_ok(const char *s, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		char c = s[i];

		if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
		      (c && strchr("-/._%@:+", c))))
			return false;
	}
	return n > 0;
}

static int fail(const struct parser *p, struct error **err, const char *what)
{
	return err_set(err, ERR_USAGE, "%s, line %zu: %s", p->in->file, p->line, what);
}

/*
 * "key = value", cut into its two halves. what is "property" or "sub-property":
 * the words of the errors are those of the published tests.
 */
static int split_property(const struct parser *p, struct span line, const char *what, char **key,
			  struct span *value, struct error **err)
{
	struct span s = cut_comment(line, true);
	const char *eq = memchr(s.p, '=', s.n);
	struct span k;

	if (!eq)
		return err_set(err, ERR_USAGE, "%s, line %zu: Expected an '=' sign defining a %s",
			       p->in->file, p->line, what);
	k = trim((struct span){ s.p, (size_t)(eq - s.p) });
	if (!k.n)
		return err_set(err, ERR_USAGE, "%s, line %zu: %c%s did not have a name",
			       p->in->file, p->line, what[0] - 'a' + 'A', what + 1);
	*key = xstrndup(k.p, k.n);
	str_lower(*key);
	*value = trim((struct span){ eq + 1, (size_t)(s.p + s.n - eq - 1) });
	return 0;
}

/* Its lines were checked as they were read. */
static void add_nested(const struct parser *p, struct config_entry *property)
{
	for (const char *line = property->value; line; line = strchr(line, '\n')) {
		cleanup_free char *key = NULL;
		struct span value;
		struct config_entry *e;

		line += *line == '\n';
		if (split_property(p, (struct span){ line, strcspn(line, "\n") }, "sub-property",
				   &key, &value, NULL) < 0)
			continue;
		e = map_find_or_add(&property->entries, key);
		secret_free(e->value);
		e->value = xstrndup(value.p, value.n);
		e->file = p->in->file;
		e->line = p->key_line;
	}
}

/* Stores the property being read, which is complete. The last one of a name wins. */
static void end_property(struct parser *p)
{
	if (p->key && p->section && name_ok(p->key, strlen(p->key))) {
		struct config_entry *e = map_find_or_add(&p->section->entries, p->key);

		config_map_release(&e->entries);
		secret_free(e->value);
		e->value = buf_take(&p->value);
		e->file = p->in->file;
		e->line = p->key_line;
		if (p->nested)
			add_nested(p, e);
	}
	free(TAKE(p->key));
	buf_clear(&p->value);
}

/* [profile "a b"], as `aws configure` writes a name with spaces. */
static bool unquote(struct span *name)
{
	if (name->n < 3 || !strchr("\"'", name->p[0]) || name->p[name->n - 1] != name->p[0])
		return false;
	name->p++;
	name->n -= 2;
	return true;
}

/* The section that a header names; NULL for one that is ignored. */
static struct config_entry *find_section(struct parser *p, struct span header)
{
	static const char *const prefixes[CONFIG_SECTION_KINDS] = {
		[CONFIG_PROFILE] = "profile",
		[CONFIG_SSO_SESSION] = "sso-session",
		[CONFIG_SERVICES] = "services",
	};
	int kind = CONFIG_PROFILE;
	bool prefixed = false;
	struct span prefix = header, name = header;
	cleanup_free char *copy = NULL;

	for (prefix.n = 0; prefix.n < header.n && !is_blank(header.p[prefix.n]);)
		prefix.n++;
	for (int i = 0; i < CONFIG_SECTION_KINDS && prefix.n < header.n; i++)
		if (prefixes[i] && span_eq(prefix, prefixes[i])) {
			kind = i;
			prefixed = true;
			name = trim((struct span){ header.p + prefix.n, header.n - prefix.n });
		}
	if (!unquote(&name) && !name_ok(name.p, name.n))
		return NULL;
	copy = xstrndup(name.p, name.n);
	if (prefixed != p->in->credentials)
		return map_find_or_add(&p->sections[kind], copy);
	if (!prefixed && str_eq(copy, CONFIG_TOOL_NAME))
		return map_find_or_add(&p->sections[CONFIG_TOOL], copy);
	if (prefixed || !str_eq(copy, "default"))
		return NULL;
	if (!p->bare_default) {
		p->bare_default = xcalloc(1, sizeof(*p->bare_default));
		p->bare_default->name = TAKE(copy);
	}
	return p->bare_default;
}

static int section_line(struct parser *p, struct span line, struct error **err)
{
	struct span s = cut_comment(line, false);

	if (s.n < 2 || s.p[s.n - 1] != ']')
		return fail(p, err, "Profile definition must end with ']'");
	end_property(p);
	p->in_section = true;
	p->section = find_section(p, trim((struct span){ s.p + 1, s.n - 2 }));
	return 0;
}

static int property_line(struct parser *p, struct span line, struct error **err)
{
	struct span value;

	if (!p->in_section)
		return fail(p, err, "Expected a profile definition");
	end_property(p);
	if (split_property(p, line, "property", &p->key, &value, err) < 0)
		return -1;
	p->key_line = p->line;
	p->nested = value.n == 0;
	buf_add(&p->value, value.p, value.n);
	return 0;
}

static int continuation_line(struct parser *p, struct span line, struct error **err)
{
	if (!p->in_section)
		return fail(p, err, "Expected a profile definition, found continuation");
	if (!p->key)
		return fail(p, err, "Expected a property definition, found continuation");
	if (p->nested) {
		cleanup_free char *key = NULL;
		struct span value;

		if (split_property(p, line, "sub-property", &key, &value, err) < 0)
			return -1;
	}
	buf_addc(&p->value, '\n');
	buf_add(&p->value, line.p, line.n);
	return 0;
}

static int parse_line(struct parser *p, struct span line, struct error **err)
{
	struct span s;

	if (memchr(line.p, '\0', line.n))
		return fail(p, err, "found a NUL byte");
	if (line.n && line.p[line.n - 1] == '\r')
		line.n--;
	s = trim(line);
	/* The AWS CLI and the Go SDK also accept an indented comment. */
	if (!s.n || is_comment(s.p[0]))
		return 0;
	if (line.p[0] == '[')
		return section_line(p, line, err);
	if (is_blank(line.p[0]))
		return continuation_line(p, s, err);
	return property_line(p, line, err);
}

/* [profile default] of the config file hides its [default]. */
static void end_file(struct parser *p)
{
	end_property(p);
	if (p->bare_default && !config_map_find(&p->sections[CONFIG_PROFILE], "default"))
		map_insert(&p->sections[CONFIG_PROFILE], TAKE(p->bare_default));
	entry_free(p->bare_default);
	buf_release(&p->value);
}

int config_parse_text(struct config_map *sections, const struct config_text *t, struct error **err)
{
	struct parser p = { .sections = sections, .in = t, .value = BUF_SECRET_MAX(t->len + 1) };
	const char *at = t->text, *end = t->text + t->len;
	int ret = 0;

	/* A byte order mark, as some Windows editors add. */
	if (t->len >= 3 && memcmp(at, "\xef\xbb\xbf", 3) == 0)
		at += 3;
	while (at < end && ret == 0) {
		const char *nl = memchr(at, '\n', (size_t)(end - at));
		struct span line = { at, (size_t)((nl ? nl : end) - at) };

		p.line++;
		ret = parse_line(&p, line, err);
		at += line.n + 1;
	}
	end_file(&p);
	return ret;
}
