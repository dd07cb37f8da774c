/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "base/xml.h"

#include <expat.h>
#include <limits.h>
#include <string.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/str.h"
#include "base/xalloc.h"

struct build {
	XML_Parser parser;
	struct xml *root, *at;
	struct xml **tail[XML_DEPTH_MAX + 1]; /* where the next child of each level goes */
	struct buf text[XML_DEPTH_MAX + 1];
	size_t depth, nodes;
	const char *refused;
};

static void refuse(struct build *b, const char *why)
{
	b->refused = why;
	XML_StopParser(b->parser, XML_FALSE);
}

static void on_start(void *data, const XML_Char *name, const XML_Char **attrs)
{
	struct build *b = data;
	const char *colon = strrchr(name, ':');
	struct xml *x;

	(void)attrs;
	if (b->depth == XML_DEPTH_MAX)
		return refuse(b, "is nested too deeply");
	if (++b->nodes > XML_NODES_MAX)
		return refuse(b, "has too many elements");
	x = xcalloc(1, sizeof(*x));
	x->name = xstrdup(colon ? colon + 1 : name);
	x->parent = b->at;
	*b->tail[b->depth] = x;
	b->tail[b->depth] = &x->next;
	b->at = x;
	b->depth++;
	b->tail[b->depth] = &x->child;
	buf_init(&b->text[b->depth], BUF_MAX_DEFAULT);
}

static void on_end(void *data, const XML_Char *name)
{
	struct build *b = data;

	(void)name;
	b->at->text = buf_take(&b->text[b->depth]);
	b->at = b->at->parent;
	b->depth--;
}

static void on_text(void *data, const XML_Char *s, int len)
{
	struct build *b = data;

	buf_add(&b->text[b->depth], s, (size_t)len);
	if (buf_full(&b->text[b->depth]))
		refuse(b, "has too much text");
}

static void on_doctype(void *data, const XML_Char *name, const XML_Char *sysid,
		       const XML_Char *pubid, int internal)
{
	(void)name, (void)sysid, (void)pubid, (void)internal;
	refuse(data, "has a DOCTYPE, which is refused");
}

static void give_up(struct build *b)
{
	for (size_t i = 1; i <= b->depth; i++)
		buf_release(&b->text[i]);
	xml_free(b->root);
}

int xml_parse(const char *text, size_t len, const char *what, struct xml **ret, struct error **err)
{
	struct build b = { .tail = { &b.root } };
	enum XML_Status status;

	if (len > INT_MAX)
		return err_set(err, ERR_UNREACHABLE, "%s is too large", what);
	b.parser = XML_ParserCreate("UTF-8");
	if (!b.parser)
		xalloc_die();
	XML_SetUserData(b.parser, &b);
	XML_SetElementHandler(b.parser, on_start, on_end);
	XML_SetCharacterDataHandler(b.parser, on_text);
	XML_SetStartDoctypeDeclHandler(b.parser, on_doctype);
	buf_init(&b.text[0], 0);
	status = XML_Parse(b.parser, text, (int)len, 1);
	if (status != XML_STATUS_OK) {
		if (b.refused)
			err_set(err, ERR_UNREACHABLE, "%s %s", what, b.refused);
		else
			err_set(err, ERR_UNREACHABLE, "%s is not XML (line %lu: %s)", what,
				XML_GetCurrentLineNumber(b.parser),
				XML_ErrorString(XML_GetErrorCode(b.parser)));
		give_up(&b);
		XML_ParserFree(b.parser);
		return -1;
	}
	XML_ParserFree(b.parser);
	*ret = b.root;
	return 0;
}

void xml_free(struct xml *x)
{
	/* The parser bounds the depth but not the number of siblings, so only depth may recurse. */
	while (x) {
		struct xml *next = x->next;

		xml_free(x->child);
		free(x->name);
		free(x->text);
		free(x);
		x = next;
	}
}

static const struct xml *find(const struct xml *x, const char *name, size_t len)
{
	for (; x; x = x->next)
		if (strlen(x->name) == len && memcmp(x->name, name, len) == 0)
			return x;
	return NULL;
}

const struct xml *xml_child(const struct xml *x, const char *name)
{
	return x ? find(x->child, name, strlen(name)) : NULL;
}

const struct xml *xml_next(const struct xml *x)
{
	return find(x->next, x->name, strlen(x->name));
}

const struct xml *xml_path(const struct xml *x, const char *path)
{
	while (x && *path) {
		size_t n = strcspn(path, "/");

		x = find(x->child, path, n);
		path += n + (path[n] == '/');
	}
	return x;
}

const char *xml_text(const struct xml *x, const char *path)
{
	x = xml_path(x, path);
	return x ? x->text : NULL;
}

void xml_add_text(struct buf *b, const char *text)
{
	for (; *text; text++)
		if (*text == '&')
			buf_adds(b, "&amp;");
		else if (*text == '<')
			buf_adds(b, "&lt;");
		else if (*text == '>')
			buf_adds(b, "&gt;");
		else if (*text == '\r')
			buf_adds(b, "&#13;");
		else
			buf_addc(b, *text);
}

void xml_add(struct buf *b, const struct xml *x)
{
	buf_addf(b, "<%s>", x->name);
	if (!x->child)
		xml_add_text(b, x->text);
	for (const struct xml *child = x->child; child; child = child->next)
		xml_add(b, child);
	buf_addf(b, "</%s>", x->name);
}
