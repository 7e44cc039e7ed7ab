/**
 * Words that public lists name as agents, and that people's editors, phones and names also contain. An agent of the
 * catalogue cannot be claimed by one of them.
 */
const STOP_WORDS: ReadonlySet<string> = new Set(
  (
    'agent android app apple applewebkit bot browser chrome code crawler cursor devin edg edge fetch firefox gecko ' +
    'google ios ipad iphone lcc linux macintosh mobile mozilla openai operator opera opr phone preview robot safari ' +
    'search spider trae user version web windows yak'
  ).split(' '),
);

/** Whether a literal would claim agents in requests that people make. */
export function isPlainWord(literal: string): boolean {
  return STOP_WORDS.has(literal.toLowerCase());
}
