/* SPDX-License-Identifier: MIT */
#include "config.h"

#include <stdint.h>
#include <string.h>

#include "base/error.h"
#include "base/xml.h"
#include "fuzz.h"

/* Every element has a name, a text and its parent, and the limits are kept. */
static size_t walk(const struct xml *x, const struct xml *parent, int depth)
{
	size_t nodes = 0;

	for (; x; x = x->next) {
		must(depth <= XML_DEPTH_MAX);
		must(x->name && x->text && x->parent == parent);
		must(!strchr(x->name, ':'));
		must(!parent || xml_child(parent, x->name));
		nodes += 1 + walk(x->child, x, depth + 1);
	}
	return nodes;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct error *err = NULL;
	struct xml *x = NULL;

	if (xml_parse((const char *)data, size, "input", &x, &err) == 0) {
		must(x && !err && !x->next);
		must(walk(x, NULL, 1) <= XML_NODES_MAX);
		xml_free(x);
	} else {
		must(!x && err && err->kind == ERR_UNREACHABLE);
	}
	error_free(err);
	return 0;
}
