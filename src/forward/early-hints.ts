/** 103 Early Hints (RFC 8297): selects the links of an upstream's hints that are forwarded to the client. */

/** Maximum number of informational responses to one request: a flood of them would never run into a timeout. */
export const MAX_INFORMATIONAL = 32;

/**
 * Maximum length of a `Link` field. A longer one is dropped: hints are optional, and the final response repeats the
 * field.
 */
const MAX_FIELD_LENGTH = 8 * 1024;

/** A link target. A `"` in it would hide a `>` from a parser that looks for quotes first. */
const TARGET = /^<[^<>"]*>$/;
const PARAMETER_NAME = /^[^;"\s,=]+$/;
/** With or without quotes. Node's `writeEarlyHints` throws on a quoted value with a space. */
const PARAMETER_VALUE = /^(?:"[^;"\s]*"|[^;"\s,]*)$/;

/**
 * Returns the links of all `Link` fields in the form that Node's `writeEarlyHints` accepts. A field or a link in any
 * other form is dropped. The time is linear in the length of a field.
 * @param headers flat list as received.
 */
export function earlyHintLinks(headers: readonly string[]): string[] {
  const links: string[] = [];
  for (let i = 0; i < headers.length; i += 2) {
    const value = headers[i + 1]!;
    if (value.length > MAX_FIELD_LENGTH || headers[i]!.toLowerCase() !== 'link') continue;
    for (const link of splitOutside(value, ',')) {
      if (isWritable(link)) links.push(link.trim());
    }
  }
  return links;
}

function isWritable(link: string): boolean {
  const [target, ...parameters] = splitOutside(link, ';');
  return TARGET.test(target!.trim()) && parameters.every(isParameter);
}

function isParameter(parameter: string): boolean {
  const text = parameter.trim();
  const equals = text.indexOf('=');
  if (equals === -1) return PARAMETER_NAME.test(text);
  return PARAMETER_NAME.test(text.slice(0, equals)) && PARAMETER_VALUE.test(text.slice(equals + 1));
}

/** Splits a text at separators that are neither in `<...>` nor in `"..."`. */
function splitOutside(text: string, separator: ',' | ';'): string[] {
  const parts: string[] = [];
  let from = 0;
  let closing = '';
  for (let at = 0; at < text.length; at++) {
    const char = text[at]!;
    if (closing !== '') {
      if (char === closing) closing = '';
    } else if (char === '<') closing = '>';
    else if (char === '"') closing = '"';
    else if (char === separator) {
      parts.push(text.slice(from, at));
      from = at + 1;
    }
  }
  parts.push(text.slice(from));
  return parts;
}
