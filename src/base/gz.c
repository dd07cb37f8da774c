/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "base/gz.h"

#include <limits.h>
#include <stdbool.h>

#include "base/error.h"
#include "base/xalloc.h"

#ifdef HAVE_ISAL
#include <isa-l/igzip_lib.h>

#include "base/gzhead.h"
#else
#include <zlib.h>
#endif

/* One for each object that is being read, of which there are many if the network is slow. */
#define OUT_SIZE (64 * 1024)

struct gunzip {
	gz_sink *sink;
	void *data;
	bool in_member, failed;
	uint64_t in, out, members;
#ifdef HAVE_ISAL
	struct gz_header header;
	struct inflate_state z;
#else
	z_stream z;
#endif
	unsigned char buf[OUT_SIZE];
};

/* One step of the engine: consumes the input in z as far as buf has room. */
enum step { STEP_MORE, STEP_END, STEP_BAD };

#ifdef HAVE_ISAL

static void engine_open(struct gunzip *g)
{
	isal_inflate_init(&g->z);
	g->z.crc_flag = ISAL_GZIP_NO_HDR_VER;
}

static void engine_next_member(struct gunzip *g)
{
	isal_inflate_reset(&g->z);
	g->z.crc_flag = ISAL_GZIP_NO_HDR_VER;
	g->header = (struct gz_header){ 0 };
}

static void engine_close(struct gunzip *g)
{
	(void)g;
}

static enum step engine_step(struct gunzip *g, const char **why)
{
	size_t used = gz_header_feed(&g->header, g->z.next_in, g->z.avail_in, why);
	int ret;

	g->z.next_in += used;
	g->z.avail_in -= (uint32_t)used;
	if (*why)
		return STEP_BAD;
	if (g->header.field != GZ_DONE)
		return STEP_MORE;
	ret = isal_inflate(&g->z);
	if (ret == ISAL_INCORRECT_CHECKSUM)
		*why = "its checksum or length does not match";
	else if (ret != ISAL_DECOMP_OK)
		*why = "its compressed data is damaged";
	if (ret != ISAL_DECOMP_OK)
		return STEP_BAD;
	return g->z.block_state == ISAL_BLOCK_FINISH ? STEP_END : STEP_MORE;
}

const char *gunzip_engine(void)
{
	return "isa-l";
}

#else /* zlib */

static void engine_open(struct gunzip *g)
{
	g->z = (z_stream){ 0 };
	/* 16: gzip wrapper only. */
	if (inflateInit2(&g->z, 16 + MAX_WBITS) != Z_OK)
		xalloc_die();
}

static void engine_next_member(struct gunzip *g)
{
	inflateReset(&g->z);
}

static void engine_close(struct gunzip *g)
{
	inflateEnd(&g->z);
}

static enum step engine_step(struct gunzip *g, const char **why)
{
	switch (inflate(&g->z, Z_NO_FLUSH)) {
	case Z_OK:
	case Z_BUF_ERROR:
		return STEP_MORE;
	case Z_STREAM_END:
		return STEP_END;
	case Z_MEM_ERROR:
		xalloc_die();
	default:
		*why = g->z.msg ? g->z.msg : "its compressed data is damaged";
		return STEP_BAD;
	}
}

const char *gunzip_engine(void)
{
	return "zlib";
}

#endif

struct gunzip *gunzip_new(gz_sink *sink, void *data)
{
	struct gunzip *g = xmalloc(sizeof(*g));

	/* The rest is large, and is written before it is read. */
	memset(g, 0, offsetof(struct gunzip, z));
	g->sink = sink;
	g->data = data;
	engine_open(g);
	return g;
}

void gunzip_free(struct gunzip *g)
{
	if (!g)
		return;
	engine_close(g);
	free(g);
}

static int damaged(struct gunzip *g, const char *why, uint64_t offset, struct error **err)
{
	g->failed = true;
	return err_set(err, ERR_FOUND, "gzip member %llu is damaged at byte %llu: %s",
		       (unsigned long long)g->members + 1, (unsigned long long)offset, why);
}

int gunzip_feed(struct gunzip *g, const void *p, size_t n, struct error **err)
{
	const char *why = NULL;

	if (n == 0)
		return 0;
	if (n > UINT_MAX)
		return damaged(g, "fed too much at once", g->in, err);
	g->z.next_in = (unsigned char *)p;
	g->z.avail_in = (unsigned)n;
	g->in += n;
	while (!g->failed) {
		enum step step;
		size_t got;

		if (!g->in_member) {
			if (!g->z.avail_in)
				return 0;
			if (g->members)
				engine_next_member(g);
			g->in_member = true;
		}
		g->z.next_out = g->buf;
		g->z.avail_out = OUT_SIZE;
		step = engine_step(g, &why);
		if (step == STEP_BAD)
			return damaged(g, why, g->in - g->z.avail_in, err);
		got = OUT_SIZE - g->z.avail_out;
		g->out += got;
		if (got && g->sink(g->data, (char *)g->buf, got, err) < 0) {
			g->failed = true;
			return -1;
		}
		if (step == STEP_END) {
			g->members++;
			g->in_member = false;
		} else if (!g->z.avail_in && g->z.avail_out) {
			return 0; /* all input is consumed, and no output waits for room */
		}
	}
	return err_set(err, ERR_FOUND, "fed after damage");
}

int gunzip_end(struct gunzip *g, struct error **err)
{
	if (g->in_member)
		return damaged(g, "the object ends inside it", g->in, err);
	if (!g->members)
		return damaged(g, "the object is empty", 0, err);
	return 0;
}

uint64_t gunzip_bytes(const struct gunzip *g)
{
	return g->out;
}

uint64_t gunzip_members(const struct gunzip *g)
{
	return g->members;
}
