/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "reqtext.h"

#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "base/xalloc.h"

void reqtext_release(struct reqtext *m)
{
	http_request_release(&m->req);
	buf_release(&m->text);
	free(m->method);
}

/* Returns the next line of *rest, terminated with NUL instead of its line end. */
static char *next_line(char **rest)
{
	char *line = *rest, *end = strchr(line, '\n');

	if (!end) {
		*rest = line + strlen(line);
		return line;
	}
	*rest = end + 1;
	*end = '\0';
	if (end > line && end[-1] == '\r')
		end[-1] = '\0';
	return line;
}

/* "GET /a b?c=d HTTP/1.1": spaces in the path are not encoded. */
static bool parse_target(struct reqtext *m, char *line)
{
	char *target = strchr(line, ' '), *version, *query;

	if (!target)
		return false;
	*target++ = '\0';
	version = strrchr(target, ' ');
	if (version && str_starts(version, " HTTP/"))
		*version = '\0';
	query = strchr(target, '?');
	if (query) {
		*query++ = '\0';
		buf_adds(&m->req.query, query);
	}
	m->method = xstrdup(line);
	m->req.method = m->method;
	buf_adds(&m->req.path, target);
	return true;
}

/* Reads the headers and leaves *rest at the body. */
static bool parse_headers(struct reqtext *m, char **rest)
{
	char *line = *rest, *next;

	while (*line && *(line = next_line(rest))) {
		cleanup_free char *folded = xstrdup(line);
		char *value = strchr(folded, ':');

		while (**rest == ' ' || **rest == '\t') {
			char *longer = xasprintf("%s\n%s", folded, next_line(rest));

			free(folded);
			folded = longer;
			value = strchr(folded, ':');
		}
		if (!value)
			return false;
		*value++ = '\0';
		if (str_eq_nocase(folded, "host") && !m->req.origin)
			m->req.origin = xasprintf("https://%s", str_trim(value));
		else
			http_header_add(&m->req.headers, folded, value);
		next = *rest;
		line = next;
	}
	return true;
}

bool reqtext_parse(struct reqtext *m)
{
	char *rest = m->text.data;
	const char *length;
	int64_t n;

	http_request_init(&m->req, "");
	if (!parse_target(m, next_line(&rest)) || !parse_headers(m, &rest) || !m->req.origin)
		return false;
	m->req.body = rest;
	m->req.body_len = m->text.len - (size_t)(rest - m->text.data);
	length = http_header_get(&m->req.headers, "Content-Length");
	if (length) {
		cleanup_free char *digits = xstrdup(length);

		if (str_to_int64(str_trim(digits), 0, (int64_t)m->req.body_len, &n))
			m->req.body_len = (size_t)n;
	}
	return true;
}
