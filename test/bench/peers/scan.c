/* Counts the elements of `$.data` as each ends, over any chunks, 16 bytes at a time inside of posts and strings. */
#include <emmintrin.h>
#include <string.h>

enum { NO_NAME, NAME_MAY_COME, NAME_HAS_COME }; /* In the outermost object. */
enum { IN_VALUE = 1, IN_NAME };

typedef struct {
  long posts;
  int depth, in_string, is_escaped, name_state, is_in_list, is_scalar, name_length;
  char name[8], opened[256];
} scan_t;

static void value_ends(scan_t *s) {
  if (s->is_in_list && s->depth == 2) s->posts++;
  s->is_scalar = 0;
}

/* The next quote or backslash. */
static const char *end_of_text(const char *at, const char *end) {
  const __m128i quote = _mm_set1_epi8('"'), backslash = _mm_set1_epi8('\\');
  for (; at + 16 <= end; at += 16) {
    __m128i block = _mm_loadu_si128((const __m128i *)at);
    int found = _mm_movemask_epi8(_mm_or_si128(_mm_cmpeq_epi8(block, quote), _mm_cmpeq_epi8(block, backslash)));
    if (found) return at + __builtin_ctz(found);
  }
  while (at < end && *at != '"' && *at != '\\') at++;
  return at;
}

/* The next quote or bracket. `[` and `]` differ from `{` and `}` in one bit. */
static const char *next_mark(const char *at, const char *end) {
  const __m128i quote = _mm_set1_epi8('"'), bit = _mm_set1_epi8(0x20);
  const __m128i open = _mm_set1_epi8('{'), close = _mm_set1_epi8('}');
  for (; at + 16 <= end; at += 16) {
    __m128i block = _mm_loadu_si128((const __m128i *)at), braces = _mm_or_si128(block, bit);
    __m128i brackets = _mm_or_si128(_mm_cmpeq_epi8(braces, open), _mm_cmpeq_epi8(braces, close));
    int found = _mm_movemask_epi8(_mm_or_si128(_mm_cmpeq_epi8(block, quote), brackets));
    if (found) return at + __builtin_ctz(found);
  }
  while (at < end && *at != '"' && (*at | 0x20) != '{' && (*at | 0x20) != '}') at++;
  return at;
}

static const char *read_string(scan_t *s, const char *at, const char *end) {
  if (s->is_escaped) {
    s->is_escaped = 0;
    return at + 1;
  }
  const char *stop = end_of_text(at, end);
  if (s->in_string == IN_NAME)
    while (at < stop && s->name_length < 8) s->name[s->name_length++] = *at++;
  if (stop == end) return end;
  if (*stop == '\\') {
    s->is_escaped = 1;
    s->name_length = 8;
    return stop + 1;
  }
  if (s->in_string == IN_NAME) s->name_state = NAME_HAS_COME;
  else value_ends(s);
  s->in_string = 0;
  return stop + 1;
}

static void open_container(scan_t *s, char bracket) {
  int is_data = s->name_state == NAME_HAS_COME && s->name_length == 4 && !memcmp(s->name, "data", 4);
  if (s->depth == 1 && bracket == '[' && is_data) s->is_in_list = 1;
  if (s->depth < 256) s->opened[s->depth] = bracket;
  if (++s->depth == 1) s->name_state = NAME_MAY_COME;
}

static void close_container(scan_t *s) {
  if (s->is_scalar) value_ends(s);
  if (--s->depth <= 1) s->is_in_list = 0;
  value_ends(s);
}

void scan(scan_t *s, const char *at, long length) {
  const char *end = at + length;
  while (at < end) {
    if (s->in_string) {
      at = read_string(s, at, end);
      continue;
    }
    if (s->depth > 2 && (at = next_mark(at, end)) == end) return;
    char byte = *at++;
    switch (byte) {
      case '"':
        s->in_string = s->depth == 1 && s->opened[0] == '{' && s->name_state == NAME_MAY_COME ? IN_NAME : IN_VALUE;
        if (s->in_string == IN_NAME) s->name_length = 0;
        break;
      case '{': case '[':
        open_container(s, byte);
        break;
      case '}': case ']':
        close_container(s);
        break;
      case ',':
        if (s->is_scalar) value_ends(s);
        if (s->depth == 1) s->name_state = NAME_MAY_COME;
        break;
      case ':': case ' ': case '\n': case '\r': case '\t':
        break;
      default:
        s->is_scalar = 1;
    }
  }
}
