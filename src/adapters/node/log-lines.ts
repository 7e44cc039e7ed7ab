/** Reads the lines of a file or of standard input, plain or gzip, in bounded memory. */

import { createReadStream } from 'node:fs';
import { pipeline, Readable } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';
import { createGunzip } from 'node:zlib';

export interface TextLine {
  /** Line number from 1. */
  readonly number: number;
  /** Null if the line is longer than 64 Ki characters, which no server writes. */
  readonly text: string | null;
  /** False for text after the last line feed, which may be part of a line that is still being written. */
  readonly ended: boolean;
}

const MAX_LINE_CHARACTERS = 65_536;
const GZIP_MAGIC = [0x1f, 0x8b];

/** @param file `-` for standard input. Throws the error of the system or of zlib if it cannot be read completely. */
export async function* logLines(file: string): AsyncGenerator<readonly TextLine[]> {
  const input = file === '-' ? process.stdin : createReadStream(file);
  const decoder = new StringDecoder('utf8');
  let rest = '';
  let isTooLong = false;
  let number = 0;
  for await (const chunk of unzipped(input)) {
    const texts = (rest + decoder.write(chunk)).split('\n');
    rest = texts.pop()!;
    const lines = texts.map((text): TextLine => {
      const whole = !isTooLong && text.length <= MAX_LINE_CHARACTERS;
      isTooLong = false;
      return { number: ++number, text: whole ? text.replace(/\r$/, '') : null, ended: true };
    });
    if (rest.length > MAX_LINE_CHARACTERS) {
      rest = '';
      isTooLong = true;
    }
    yield lines;
  }
  rest += decoder.end();
  if (rest !== '' || isTooLong) yield [{ number: number + 1, text: isTooLong ? null : rest, ended: false }];
}

/** Detects gzip by its content, because a rotated log may have any name and standard input has none. */
async function* unzipped(input: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer> {
  const chunks = input[Symbol.asyncIterator]();
  let start = Buffer.alloc(0);
  let ended = false;
  while (!ended && start.length < GZIP_MAGIC.length) {
    const next = await chunks.next();
    ended = next.done === true;
    if (!next.done) start = Buffer.concat([start, next.value]);
  }
  async function* all(): AsyncGenerator<Buffer> {
    yield start;
    for (let next = await chunks.next(); !next.done; next = await chunks.next())
      yield Buffer.from(next.value);
  }
  if (GZIP_MAGIC.every((byte, at) => start[at] === byte)) {
    // The loop over it throws the error of the pipeline.
    yield* pipeline(Readable.from(all()), createGunzip(), () => {});
  } else {
    yield* all();
  }
}
