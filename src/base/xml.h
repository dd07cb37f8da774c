/* SPDX-License-Identifier: MIT */
/* XML replies as a small tree, by expat, without attributes and comments. */
#ifndef BASE_XML_H
#define BASE_XML_H

#include <stddef.h>

#include "base/cleanup.h"

struct buf;
struct error;

/* More than any reply of S3, IAM or STS has. */
#define XML_DEPTH_MAX 64
#define XML_NODES_MAX 200000

struct xml {
	char *name; /* without a namespace prefix */
	char *text; /* the character data directly inside, "" if none */
	struct xml *child, *next, *parent;
};

/*
 * Parses a whole document. A DOCTYPE is refused, and so are all entities but the
 * five of XML itself. Errors are ERR_UNREACHABLE, as for any broken reply.
 */
int xml_parse(const char *text, size_t len, const char *what, struct xml **ret, struct error **err);
void xml_free(struct xml *x);
DEFINE_CLEANUP(struct xml *, xml_free)
#define cleanup_xml cleanup(xml_freep)

/* The first child of that name, or NULL; x may be NULL. */
const struct xml *xml_child(const struct xml *x, const char *name);
/* The next sibling of the same name, or NULL. */
const struct xml *xml_next(const struct xml *x);
/* The element at a path of names separated by '/', or NULL. */
const struct xml *xml_path(const struct xml *x, const char *path);
/* Its text, or NULL. */
const char *xml_text(const struct xml *x, const char *path);

/*
 * Appends the element as a document's text has it, without attributes, and
 * without the blanks between elements. xml_add_text() appends text, escaped.
 */
void xml_add(struct buf *b, const struct xml *x);
void xml_add_text(struct buf *b, const char *text);

#endif
