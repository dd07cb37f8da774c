/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "setup/lifecycle.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/crypto.h"
#include "base/error.h"
#include "base/str.h"
#include "base/xalloc.h"
#include "base/xml.h"

const char *const lifecycle_classes[] = { "STANDARD_IA", "INTELLIGENT_TIERING",
					  "ONEZONE_IA",  "GLACIER_IR",
					  "GLACIER",     "DEEP_ARCHIVE",
					  NULL };
enum { STANDARD_IA, INTELLIGENT_TIERING, ONEZONE_IA, GLACIER_IR, GLACIER, DEEP_ARCHIVE };

/* The minimum time for which objects in these classes are billed. */
#define IA_DAYS_MIN 30

bool lifecycle_moves(const struct lifecycle *l)
{
	for (size_t i = 0; i < LIFECYCLE_CLASSES; i++)
		if (l->move_days[i] >= 0)
			return true;
	return false;
}

bool lifecycle_is_none(const struct lifecycle *l)
{
	return !lifecycle_moves(l) && !l->expire_days && !l->noncurrent_days && !l->abort_days;
}

int lifecycle_check(const struct lifecycle *l, struct error **err)
{
	int last = -1;

	for (int i = 0; i < LIFECYCLE_CLASSES; i++) {
		if (l->move_days[i] < 0)
			continue;
		if (last >= 0 && l->move_days[i] <= l->move_days[last])
			return err_set(err, ERR_USAGE,
				       "objects cannot move to %s after %" PRId64
				       " days, and to %s after %" PRId64
				       ": each class must be colder than the one before",
				       lifecycle_classes[last], l->move_days[last],
				       lifecycle_classes[i], l->move_days[i]);
		last = i;
	}
	if (last >= 0 && l->expire_days && l->expire_days <= l->move_days[last])
		return err_set(err, ERR_USAGE,
			       "objects cannot expire after %" PRId64
			       " days, and move to %s after %" PRId64,
			       l->expire_days, lifecycle_classes[last], l->move_days[last]);
	return 0;
}

void lifecycle_remarks(const struct lifecycle *l, struct strv *notes, struct strv *warnings)
{
	static const int ia[] = { STANDARD_IA, ONEZONE_IA };
	bool moves = lifecycle_moves(l);

	if (moves && l->small_objects)
		strv_add(notes, "of objects below 128 KiB, only GLACIER and DEEP_ARCHIVE take any");
	else if (moves)
		strv_add(notes, "objects below 128 KiB stay in their class, unless the bucket is "
				"set otherwise");
	for (size_t i = 0; i < ARRAY_SIZE(ia); i++)
		if (l->move_days[ia[i]] >= 0 && l->move_days[ia[i]] < IA_DAYS_MIN)
			strv_take(warnings,
				  xasprintf("before %d days, moving to %s saves nothing: STANDARD "
					    "costs less than both together",
					    IA_DAYS_MIN, lifecycle_classes[ia[i]]));
	if (l->move_days[GLACIER] >= 0 || l->move_days[DEEP_ARCHIVE] >= 0)
		strv_add(notes, "what is in GLACIER or DEEP_ARCHIVE must be restored before verify "
				"can read it; verify --quick does not read it");
}

void lifecycle_plan_release(struct lifecycle_plan *p)
{
	free(TAKE(p->now));
	free(TAKE(p->wanted));
	buf_release(&p->text);
}

/* The parts of an archive that have rules. */
static const struct part {
	const char *id, *folder;
} parts[] = { { "ApigwLogsObjects", "region=" }, { "ApigwLogsLedger", "_ledger/" } };
enum { OBJECTS, LEDGER };

/* An ID may have 255 characters, and a prefix more. */
static char *id_of(const struct part *part, const char *prefix)
{
	cleanup_buf struct buf hex = BUF_INIT;
	uint8_t hash[SHA256_SIZE];

	sha256_once(prefix, strlen(prefix), hash);
	buf_add_hex(&hex, hash, 6);
	return xasprintf("%s%s", part->id, hex.data);
}

static void add_days(struct buf *b, const char *element, const char *days, int64_t n)
{
	if (n)
		buf_addf(b, "<%s><%s>%" PRId64 "</%s></%s>", element, days, n, days, element);
}

static void add_rule(struct buf *b, const struct part *part, const char *prefix,
		     const struct lifecycle *l)
{
	cleanup_free char *id = id_of(part, prefix);
	cleanup_free char *below = xasprintf("%s/%s", prefix, part->folder);
	bool objects = part == &parts[OBJECTS];

	if (objects ? lifecycle_is_none(l) : !l->expire_days && !l->noncurrent_days)
		return;
	buf_addf(b, "<Rule><ID>%s</ID><Filter><Prefix>", id);
	xml_add_text(b, below);
	buf_adds(b, "</Prefix></Filter><Status>Enabled</Status>");
	for (size_t i = 0; objects && i < LIFECYCLE_CLASSES; i++)
		if (l->move_days[i] >= 0)
			buf_addf(b,
				 "<Transition><Days>%" PRId64
				 "</Days><StorageClass>%s</StorageClass></Transition>",
				 l->move_days[i], lifecycle_classes[i]);
	add_days(b, "Expiration", "Days", l->expire_days);
	add_days(b, "NoncurrentVersionExpiration", "NoncurrentDays", l->noncurrent_days);
	if (objects)
		add_days(b, "AbortIncompleteMultipartUpload", "DaysAfterInitiation", l->abort_days);
	buf_adds(b, "</Rule>");
}

static const struct xml *find_rule(const struct xml *doc, const char *id)
{
	const struct xml *rule = xml_child(doc, "Rule");

	while (rule && !str_eq0(xml_text(rule, "ID"), id))
		rule = xml_next(rule);
	return rule;
}

/* Everything that a rule does, so that two that read the same are the same. */
static void describe_rule(struct buf *b, const struct xml *rule, const char *below)
{
	static const struct {
		const char *element, *days, *words;
	} actions[] = {
		{ "Transition", "Days", NULL },
		{ "Expiration", "Days", "expire" },
		{ "NoncurrentVersionExpiration", "NoncurrentDays", "former versions expire" },
		{ "AbortIncompleteMultipartUpload", "DaysAfterInitiation",
		  "unfinished uploads are removed" },
	};

	if (!str_eq0(xml_text(rule, "Status"), "Enabled"))
		buf_adds(b, "disabled: ");
	if (!str_eq0(xml_text(rule, "Filter/Prefix"), below))
		buf_adds(b, "of another prefix: ");
	for (size_t i = 0; i < ARRAY_SIZE(actions); i++)
		for (const struct xml *x = xml_child(rule, actions[i].element); x;
		     x = xml_next(x)) {
			const char *days = xml_text(x, actions[i].days);
			const char *class = xml_text(x, "StorageClass");

			buf_addf(b, "%s%s after %s days",
				 b->len && b->data[b->len - 1] != ' ' ? ", " : "",
				 actions[i].words ? actions[i].words
				 : class          ? class
						  : "?",
				 days ? days : "?");
		}
}

/* NULL if there are no rules of ours. The ledger's is said only where it is not as it follows. */
static char *describe(const struct xml *doc, const char *prefix)
{
	cleanup_buf struct buf b = BUF_INIT;

	for (size_t i = 0; i < ARRAY_SIZE(parts); i++) {
		cleanup_free char *id = id_of(&parts[i], prefix);
		cleanup_free char *below = xasprintf("%s/%s", prefix, parts[i].folder);
		const struct xml *rule = find_rule(doc, id);

		if (!rule)
			continue;
		if (i == LEDGER)
			buf_adds(&b, "; ledger: ");
		describe_rule(&b, rule, below);
	}
	return b.len ? buf_take(&b) : NULL;
}

/* Text beside elements, which no life cycle has: xml_add() would not keep it. */
static bool has_mixed_text(const struct xml *x)
{
	if (x->child && x->text[strspn(x->text, " \t\r\n")])
		return true;
	for (const struct xml *child = x->child; child; child = child->next)
		if (has_mixed_text(child))
			return true;
	return false;
}

int lifecycle_merge(const char *text, size_t len, const char *prefix, const struct lifecycle *l,
		    struct lifecycle_plan *ret, struct error **err)
{
	cleanup_free char *objects = id_of(&parts[OBJECTS], prefix);
	cleanup_free char *ledger = id_of(&parts[LEDGER], prefix);
	cleanup_lifecycle_plan struct lifecycle_plan p = { .text = BUF_INIT };
	cleanup_xml struct xml *doc = NULL, *merged = NULL;

	if (len && xml_parse(text, len, "the life cycle configuration", &doc, err) < 0)
		return -1;
	if (doc && has_mixed_text(doc))
		return err_set(err, ERR_UNREACHABLE,
			       "the life cycle configuration has text beside elements");
	buf_adds(&p.text, "<LifecycleConfiguration "
			  "xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">");
	for (const struct xml *x = xml_child(doc, "Rule"); x; x = xml_next(x))
		if (!str_eq0(xml_text(x, "ID"), objects) && !str_eq0(xml_text(x, "ID"), ledger))
			xml_add(&p.text, x);
	for (size_t i = 0; i < ARRAY_SIZE(parts); i++)
		add_rule(&p.text, &parts[i], prefix, l);
	buf_adds(&p.text, "</LifecycleConfiguration>");
	if (xml_parse(p.text.data, p.text.len, "the life cycle", &merged, err) < 0)
		return -1;
	p.now = describe(doc, prefix);
	p.wanted = describe(merged, prefix);
	*ret = TAKE(p);
	return !str_eq0(ret->now, ret->wanted);
}

int lifecycle_remove(const char *text, size_t len, const char *prefix, struct lifecycle_plan *ret,
		     struct error **err)
{
	const struct lifecycle none = LIFECYCLE_NONE;
	int r = len ? lifecycle_merge(text, len, prefix, &none, ret, err) : 0;

	if (r > 0 && !strstr(ret->text.data, "<Rule>"))
		buf_release(&ret->text);
	return r;
}
