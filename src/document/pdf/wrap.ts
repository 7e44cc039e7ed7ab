/** Breaks a text into lines of a width. Lines break at spaces, and inside a word only if it is wider than the line. */

/** Returns the lines without their trailing spaces. Newlines of the text always break. Widths are in points. */
export function wrapText(text: string, width: number, widthOf: (part: string) => number): string[] {
  return text.split('\n').flatMap((paragraph) => wrapParagraph(paragraph, width, widthOf));
}

function wrapParagraph(paragraph: string, width: number, widthOf: (part: string) => number): string[] {
  const space = widthOf(' ');
  const lines: string[] = [];
  let line = '';
  let used = 0;
  for (const word of paragraph.split(' ').filter((part) => part !== '')) {
    const wide = widthOf(word);
    if (line !== '' && used + space + wide <= width) {
      line += ` ${word}`;
      used += space + wide;
      continue;
    }
    if (line !== '') lines.push(line);
    const pieces = wide <= width ? [word] : brokenWord(word, width, widthOf);
    lines.push(...pieces.slice(0, -1));
    line = pieces.at(-1)!;
    used = widthOf(line);
  }
  return line === '' && lines.length > 0 ? lines : [...lines, line];
}

/** Splits between characters. Each piece has at least one character, even if that is wider than the line. */
function brokenWord(word: string, width: number, widthOf: (part: string) => number): string[] {
  const pieces: string[] = [];
  let piece = '';
  let used = 0;
  for (const char of word) {
    const wide = widthOf(char);
    if (piece !== '' && used + wide > width) {
      pieces.push(piece);
      [piece, used] = ['', 0];
    }
    piece += char;
    used += wide;
  }
  return [...pieces, piece];
}
