/* SPDX-License-Identifier: MIT */
/* Every result of gz.c is compared with zlib's, whichever engine is built in. */
#include "config.h"

#include "unit.h"

#include <zlib.h>

#include "../gzref.h"
#include "base/buf.h"
#include "base/gz.h"

/* A member whose header has these flags of RFC 1952, with a header CRC if requested. */
static void add_member(struct buf *b, const char *text, size_t n, int flags)
{
	static unsigned char out[1 << 20];
	unsigned char extra[] = { 3, 0, 'a', 'b', 'c' };
	z_stream z = { .next_in = (unsigned char *)text,
		       .avail_in = (unsigned)n,
		       .next_out = out,
		       .avail_out = sizeof(out) };
	gz_header head = {
		.extra = flags & 4 ? extra : NULL,
		.extra_len = sizeof(extra),
		.name = flags & 8 ? (unsigned char *)"000000" : NULL,
		.comment = flags & 16 ? (unsigned char *)"comment" : NULL,
		.hcrc = flags & 2,
		.text = flags & 1,
	};

	assert_int_equal(deflateInit2(&z, 9, Z_DEFLATED, 31, 9, Z_DEFAULT_STRATEGY), Z_OK);
	assert_int_equal(deflateSetHeader(&z, &head), Z_OK);
	assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
	buf_add(b, out, z.total_out);
	deflateEnd(&z);
}

static void check(const struct buf *in, size_t piece)
{
	struct buf ours = BUF_INIT, theirs = BUF_INIT;
	bool ok = gzref_by_zlib(in->data, in->len, &theirs);

	assert_int_equal(gzref_by_us(in->data, in->len, piece, &ours), ok);
	if (ok) {
		assert_int_equal(ours.len, theirs.len);
		assert_memory_equal(ours.data, theirs.data, ours.len);
	}
	buf_release(&ours);
	buf_release(&theirs);
}

static void small_object(struct buf *b)
{
	static const char line[] = "2026-11-21T13:00:00.000Z GET /pets 200\n";

	*b = BUF_INIT;
	add_member(b, line, sizeof(line) - 1, 0);
	add_member(b, "", 0, 8);
	add_member(b, line, 10, 2 | 4 | 16);
}

static void test_every_flip_of_a_byte(void **state)
{
	struct buf b;

	(void)state;
	small_object(&b);
	for (size_t i = 0; i < b.len; i++) {
		char was = b.data[i];

		for (int x = 1; x < 256; x++) {
			b.data[i] = (char)(was ^ x);
			check(&b, SIZE_MAX);
		}
		b.data[i] = was;
	}
	buf_release(&b);
}

static void test_cut_anywhere_in_pieces_of_any_size(void **state)
{
	struct buf b, part = BUF_INIT;

	(void)state;
	small_object(&b);
	for (size_t n = 0; n <= b.len; n++) {
		buf_clear(&part);
		buf_add(&part, b.data, n);
		for (size_t piece = 1; piece <= 16; piece++)
			check(&part, piece);
	}
	for (size_t piece = 17; piece <= b.len; piece++)
		check(&b, piece);
	buf_release(&part);
	buf_release(&b);
}

static void test_all_headers(void **state)
{
	struct buf b = BUF_INIT;

	(void)state;
	for (int flags = 0; flags < 32; flags++) {
		buf_clear(&b);
		add_member(&b, "hello", 5, flags);
		for (size_t piece = 1; piece <= b.len; piece++)
			check(&b, piece);
	}
	buf_release(&b);
}

static void test_what_follows_the_last_member(void **state)
{
	static const struct {
		const char *bytes;
		size_t n;
	} tails[] = { { "\0", 1 },
		      { "x", 1 },
		      { "\x1f", 1 },
		      { "\x1f\x8b", 2 },
		      { "\x1f\x8b\x08\0", 4 },
		      { "trailing garbage", 16 } };
	struct buf b;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(tails); i++) {
		small_object(&b);
		buf_add(&b, tails[i].bytes, tails[i].n);
		check(&b, SIZE_MAX);
		check(&b, 1);
		buf_release(&b);
	}
}

/* Larger than any internal buffer and hardly compressible; then the opposite. */
static void test_large_objects(void **state)
{
	struct buf in = BUF_INIT, text = BUF_INIT;
	uint32_t x = 1;

	(void)state;
	for (int i = 0; i < 500000; i++) {
		x = x * 1664525 + 1013904223;
		buf_addc(&text, (char)(x >> 24));
	}
	add_member(&in, text.data, text.len, 0);
	memset(text.data, 'a', text.len);
	add_member(&in, text.data, text.len, 0);
	check(&in, SIZE_MAX);
	check(&in, 1000);
	check(&in, 65536);
	in.data[in.len / 2] ^= 1;
	check(&in, 1000);
	buf_release(&text);
	buf_release(&in);
}

static int to_buf(void *data, const char *p, size_t n, struct error **err)
{
	(void)err;
	buf_add(data, p, n);
	return 0;
}

static void test_counts_and_stays_failed(void **state)
{
	struct buf b, out = BUF_INIT;
	struct gunzip *g;

	(void)state;
	small_object(&b);
	g = gunzip_new(to_buf, &out);
	assert_int_equal(gunzip_feed(g, b.data, b.len, NULL), 0);
	assert_int_equal(gunzip_members(g), 3);
	assert_int_equal(gunzip_bytes(g), 49);
	assert_int_equal(gunzip_end(g, NULL), 0);
	assert_error(gunzip_feed(g, "garbage", 7, &err), ERR_FOUND);
	assert_error(gunzip_feed(g, b.data, b.len, &err), ERR_FOUND);
	gunzip_free(g);
	buf_release(&out);
	buf_release(&b);
}

static int refuse(void *data, const char *p, size_t n, struct error **err)
{
	(void)data, (void)p, (void)n;
	return err_set(err, ERR_LOCAL, "full");
}

static void test_the_sink_stops_it(void **state)
{
	struct gunzip *g = gunzip_new(refuse, NULL);
	struct buf b;

	(void)state;
	small_object(&b);
	assert_error(gunzip_feed(g, b.data, b.len, &err), ERR_LOCAL);
	assert_error(gunzip_feed(g, b.data, b.len, &err), ERR_FOUND);
	gunzip_free(g);
	buf_release(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_flip_of_a_byte),
		cmocka_unit_test(test_cut_anywhere_in_pieces_of_any_size),
		cmocka_unit_test(test_all_headers),
		cmocka_unit_test(test_what_follows_the_last_member),
		cmocka_unit_test(test_large_objects),
		cmocka_unit_test(test_counts_and_stays_failed),
		cmocka_unit_test(test_the_sink_stops_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
