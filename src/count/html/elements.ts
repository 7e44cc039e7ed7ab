/** How HTML elements affect the tree: which have no content, which bound a search, and which end other elements. */

/** The element has no content and no end tag. */
export const VOID = 1;
/** "Special" in the HTML standard: stops the search of an end tag for its element. */
export const SPECIAL = 2;
/** Neither an end tag nor a start tag that closes others reaches out of this element. */
export const SCOPE = 4;
/** Also bounds the search for a list item. */
export const LIST = 8;
/** Bounds the search for parts of a table. */
export const TABLE_SCOPE = 16;
export const TABLE_SECTION = 32;
/** A part of a table; its end tag is searched within its own table. */
export const TABLE_PART = 64;
/** Its start tag closes an open paragraph. */
export const ENDS_PARAGRAPH = 128;
export const HEADING = 256;
/** SVG and MathML, in which self-closing tags take effect. */
export const FOREIGN = 512;
/** HTML content inside SVG or MathML. */
export const INTEGRATION = 1024;
/** The content is text in the standard but tags for the tokenizer. */
export const OPAQUE = 2048;
/** The content is text for both; a self-closing tag hides that from the tokenizer. */
export const TEXT = 4096;

/**
 * The lists of the HTML standard, 13.1.2 and 13.2.4.2. The content of `noscript` is parsed as by a client without
 * scripts (see `noscript.ts`).
 */
const LISTS: ReadonlyArray<readonly [flag: number, names: string]> = [
  [
    VOID,
    'area base basefont bgsound br col embed frame hr img input keygen link meta param source track wbr',
  ],
  [
    SPECIAL,
    'address applet area article aside base basefont bgsound blockquote body br button caption center col colgroup dd details dir div dl dt embed fieldset figcaption figure footer form frame frameset h1 h2 h3 h4 h5 h6 head header hgroup hr html iframe img input keygen li link listing main marquee menu meta nav noembed noframes noscript object ol p param plaintext pre script search section select source style summary table tbody td template textarea tfoot th thead title tr track ul wbr xmp foreignobject desc mi mo mn ms mtext annotation-xml',
  ],
  [
    SCOPE,
    'applet caption html table td th marquee object template foreignobject desc title mi mo mn ms mtext annotation-xml',
  ],
  [LIST, 'ol ul'],
  [TABLE_SCOPE, 'html table template'],
  [TABLE_SECTION, 'tbody tfoot thead'],
  [TABLE_PART, 'table caption colgroup tbody tfoot thead tr td th'],
  [
    ENDS_PARAGRAPH,
    'address article aside blockquote center details dialog dir div dl fieldset figcaption figure footer header hgroup main menu nav ol p search section summary ul h1 h2 h3 h4 h5 h6 pre listing form li dd dt plaintext table hr xmp',
  ],
  [HEADING, 'h1 h2 h3 h4 h5 h6'],
  [FOREIGN, 'svg math'],
  [INTEGRATION, 'foreignobject desc title mi mo mn ms mtext annotation-xml'],
  [OPAQUE, 'iframe noembed noframes plaintext'],
  [TEXT, 'script style title textarea xmp'],
];

const flags = new Map<string, number>();
for (const [flag, names] of LISTS) {
  for (const name of names.split(' ')) flags.set(name, (flags.get(name) ?? 0) | flag);
}

/** @param name in lower case. */
export function flagsOf(name: string): number {
  return flags.get(name) ?? 0;
}
