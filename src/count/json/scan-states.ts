/** The states of the scanner: what the next byte may be. */

export const BEGIN = 0;
export const VALUE = 1;
/** After `[`: a value or `]`. */
export const FIRST_VALUE = 2;
export const NAME = 3;
/** After `{`: a name or `}`. */
export const FIRST_NAME = 4;
export const AFTER_NAME = 5;
/** After a value: a comma or the container's end. */
export const NEXT = 6;
export const SCALAR = 7;
/** Inside a name or string whose text is needed. */
export const HELD = 8;
/** Inside a value that is skipped. */
export const SKIPPED = 9;
export const EMPTY_STRING = 10;
export const EMPTY_CONTAINER = 11;
/** In a string that contains JSON or HTML. */
export const IN_EMBEDDED = 12;
export const DONE = 13;
export const FAILED = 14;
/** Inside a container in which the key filter looks for names. */
export const FILTERED = 15;
/** After a string that equals a name of the key filter; it is a name if a colon follows. */
export const AFTER_MATCH = 16;
