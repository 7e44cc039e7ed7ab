/** The refusal of a text that the fonts cannot draw. No document has boxes or lost letters. */

import { DocumentError } from '../document-error.ts';

const MAX_NAMED = 20;

/** @param missing the characters, of which the first 20 are named */
export function missingCharacters(missing: readonly string[], field: string): DocumentError {
  const named = missing.slice(0, MAX_NAMED).map((char) => {
    const code = char.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0');
    return /[\p{L}\p{N}\p{P}\p{S}]/u.test(char) ? `${char} (U+${code})` : `U+${code}`;
  });
  const reason = `contains characters that no font of the documents has: ${named.join(', ')}`;
  const hint = 'write the text in Latin, Greek or Cyrillic letters';
  return new DocumentError('characters_missing', [{ field, reason, hint }]);
}
