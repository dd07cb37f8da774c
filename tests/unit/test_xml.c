/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "unit.h"

#include "base/buf.h"
#include "base/xml.h"

static int parse(const char *text, struct xml **ret)
{
	return xml_parse(text, strlen(text), "reply", ret, NULL);
}

static void test_tree(void **state)
{
	cleanup_xml struct xml *x = NULL;
	const struct xml *c;

	(void)state;
	assert_int_equal(parse("<?xml version=\"1.0\"?>\n<!-- c --><s:List xmlns:s=\"http://s3\" "
			       "a=\"b\">\n<C><K>a&amp;b</K></C><D/><C><K><![CDATA[<x>]]></K></C>"
			       "t1<D>in</D>t2</s:List>\n",
			       &x),
			 0);
	assert_string_equal(x->name, "List");
	assert_null(x->parent);
	assert_string_equal(xml_text(x, "C/K"), "a&b");
	c = xml_next(xml_child(x, "C"));
	assert_string_equal(xml_text(c, "K"), "<x>");
	assert_null(xml_next(c));
	assert_string_equal(xml_text(x, "D"), "");
	assert_string_equal(x->text, "\nt1t2");
	assert_null(xml_text(x, "C/L"));
	assert_null(xml_text(x, "C/K/M"));
	assert_null(xml_path(NULL, "C"));
	assert_null(xml_child(NULL, "C"));
	assert_ptr_equal(xml_path(x, ""), x);
}

static void test_refused(void **state)
{
	static const char entity_bomb[] =
		"<!DOCTYPE a [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;&a;&a;\">"
		"<!ENTITY c \"&b;&b;&b;&b;&b;&b;\">]><a>&c;&c;</a>";
	static const char *const bad[] = {
		"",
		" ",
		"text",
		"<a>",
		"<a></b>",
		"<a/><b/>",
		"<a>&nbsp;</a>",
		"<a>\xff</a>",
		"<a>&#0;</a>",
		"<a b=c/>",
		"<a b='1' b='2'/>",
		"\0",
		"<!DOCTYPE a><a/>",
		"<!DOCTYPE a SYSTEM \"file:///etc/passwd\"><a/>",
		"<!DOCTYPE a [<!ENTITY x SYSTEM \"file:///etc/passwd\">]><a>&x;</a>",
		entity_bomb,
	};
	struct xml *x = NULL;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		assert_error(xml_parse(bad[i], strlen(bad[i]), "reply", &x, &err), ERR_UNREACHABLE);
	assert_null(x);
}

static void test_cut_anywhere(void **state)
{
	static const char text[] = "<a><b>text &amp; more</b><c/></a>";
	struct xml *x = NULL;

	(void)state;
	for (size_t n = 0; n < sizeof(text) - 1; n++)
		assert_error(xml_parse(text, n, "reply", &x, &err), ERR_UNREACHABLE);
	assert_null(x);
}

static int parse_nested(int depth, const char *innermost)
{
	cleanup_xml struct xml *x = NULL;
	cleanup_buf struct buf b = BUF_INIT;

	for (int i = 0; i < depth; i++)
		buf_adds(&b, "<a>");
	buf_adds(&b, innermost);
	for (int i = 0; i < depth; i++)
		buf_adds(&b, "</a>");
	return xml_parse(b.data, b.len, "reply", &x, NULL);
}

static void test_depth_is_bounded(void **state)
{
	(void)state;
	assert_int_equal(parse_nested(XML_DEPTH_MAX, ""), 0);
	assert_int_equal(parse_nested(XML_DEPTH_MAX, "<b/>"), -1);
	assert_int_equal(parse_nested(XML_DEPTH_MAX + 1, ""), -1);
	assert_int_equal(parse_nested(100000, ""), -1);
}

static void test_size_is_bounded(void **state)
{
	cleanup_xml struct xml *x = NULL;
	struct buf b = BUF_INIT_MAX((size_t)32 << 20);
	size_t long_text = BUF_MAX_DEFAULT + 1;

	(void)state;
	buf_adds(&b, "<a>");
	for (int i = 1; i < XML_NODES_MAX; i++)
		buf_adds(&b, "<b/>");
	buf_adds(&b, "</a>");
	assert_int_equal(xml_parse(b.data, b.len, "reply", &x, NULL), 0);
	xml_free(TAKE(x));
	b.len -= 4;
	buf_adds(&b, "<b/></a>");
	assert_int_equal(xml_parse(b.data, b.len, "reply", &x, NULL), -1);
	/* Text that does not fit is refused, because cut text would pass for whole. */
	buf_clear(&b);
	buf_adds(&b, "<a>");
	assert_true(buf_reserve(&b, long_text));
	memset(b.data + b.len, 'x', long_text);
	b.len += long_text;
	buf_adds(&b, "</a>");
	assert_int_equal(xml_parse(b.data, b.len, "reply", &x, NULL), -1);
	buf_release(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_tree),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_cut_anywhere),
		cmocka_unit_test(test_depth_is_bounded),
		cmocka_unit_test(test_size_is_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
