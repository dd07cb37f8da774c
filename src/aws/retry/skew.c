/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "aws/retry/skew.h"

#include "base/str.h"
#include "base/time.h"
#include "net/message.h"

static bool may_be_skew(const char *code)
{
	static const char *const codes[] = {
		"RequestTimeTooSkewed",  "InvalidSignatureException",
		"SignatureDoesNotMatch", "AccessDeniedException",
		"AuthFailure",
	};

	for (size_t i = 0; code && i < ARRAY_SIZE(codes); i++)
		if (str_eq(codes[i], code))
			return true;
	return false;
}

bool clock_skew_detect(const char *code, const struct http_headers *reply, int64_t now_ms,
		       int64_t *ret_offset_ms)
{
	const char *date = http_header_get(reply, "Date");
	int64_t theirs_ms, offset;

	if (!may_be_skew(code) || !date || !time_parse_http_date(date, &theirs_ms))
		return false;
	offset = theirs_ms - now_ms;
	if (offset <= CLOCK_SKEW_MAX_MS && offset >= -CLOCK_SKEW_MAX_MS)
		return false;
	*ret_offset_ms = offset;
	return true;
}

bool clock_offset(const struct http_headers *reply, int64_t sent_ms, int64_t received_ms,
		  int64_t *ret_offset_ms)
{
	const char *date = http_header_get(reply, "Date");
	int64_t theirs_ms;

	if (!date || !time_parse_http_date(date, &theirs_ms))
		return false;
	if (theirs_ms <= received_ms && theirs_ms + MS_SECOND > sent_ms)
		*ret_offset_ms = 0;
	else
		*ret_offset_ms = theirs_ms - received_ms;
	return true;
}
