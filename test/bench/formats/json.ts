/** JSON, alone and in the frames of streams and batches. The page of posts is that of the proxies' bench. */

import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createParser } from 'eventsource-parser';
import streamJson from 'stream-json';
import Pick from 'stream-json/filters/Pick.js';
import StreamArray from 'stream-json/streamers/StreamArray.js';
import { pageBody } from '../pages.ts';
import { type CaseRoute, chunksOf, countWith, type FormatCase, ruleOf, type UsualParser } from './case.ts';

const POSTS = 100;
const postTexts = (JSON.parse(pageBody(POSTS)).data as unknown[]).map((post) => JSON.stringify(post));

export function jsonCases(): FormatCase[] {
  return [page(), lines(), events(), batch()];
}

function page(): FormatCase {
  const body = Buffer.from(pageBody(POSTS));
  return caseOf(
    'json',
    body,
    { format: 'json', posts: [{ json: '$.data[*]', id: 'id' }] },
    { name: 'stream-json', posts: () => streamed(body) },
  );
}

/** Each element of the list becomes an object, one by one, as the library's README shows. */
async function streamed(body: Uint8Array): Promise<number> {
  let found = 0;
  await pipeline(
    Readable.from(chunksOf(body)),
    streamJson.parser(),
    new Pick({ filter: 'data' }),
    new StreamArray(),
    async (objects) => {
      for await (const _object of objects) found++;
    },
  );
  return found;
}

function lines(): FormatCase {
  const body = Buffer.from(postTexts.map((text) => `{"data":${text}}\r\n`).join(''));
  return caseOf(
    'ndjson',
    body,
    { format: 'ndjson', posts: [{ json: '$.data', id: 'id' }] },
    {
      name: 'split and JSON.parse',
      posts: () =>
        body
          .toString()
          .split('\n')
          .filter((line) => line.trim() !== '' && JSON.parse(line).data !== undefined).length,
    },
  );
}

/** Some messages are keep-alives or events without a post, as in Mastodon's streams. */
function events(): FormatCase {
  const body = Buffer.from(
    postTexts
      .map(
        (text, at) =>
          `${at % 10 === 0 ? ':thump\n\nevent: delete\ndata: 17\n\n' : ''}event: update\ndata: ${text}\n\n`,
      )
      .join(''),
  );
  return caseOf(
    'sse',
    body,
    { format: 'sse', events: ['update'], posts: [{ json: '$', id: 'id' }] },
    { name: 'eventsource-parser and JSON.parse', posts: () => updatesIn(body) },
  );
}

function updatesIn(body: Buffer): number {
  let found = 0;
  const parser = createParser({
    onEvent: ({ event, data }) => {
      if (event === 'update' && JSON.parse(data).id !== undefined) found++;
    },
  });
  parser.feed(body.toString());
  return found;
}

const boundary = 'batch_7f1c';
const contentType = `multipart/mixed; boundary=${boundary}`;
const POSTS_PER_ANSWER = 5;

/** Answers to a batch of requests. Each part is a whole HTTP response. */
function batch(): FormatCase {
  const answers = Array.from({ length: POSTS / POSTS_PER_ANSWER }, (_, at) => {
    const data = postTexts.slice(at * POSTS_PER_ANSWER, (at + 1) * POSTS_PER_ANSWER).join(',');
    return `--${boundary}\r\nContent-Type: application/http\r\nContent-ID: <response-${at}>\r\n\r\nHTTP/1.1 200 OK\r\nContent-Type: application/json; charset=UTF-8\r\n\r\n{"data":[${data}]}\r\n`;
  });
  const body = Buffer.from(`${answers.join('')}--${boundary}--\r\n`);
  return caseOf(
    'multipart',
    body,
    { format: 'multipart', posts: [{ json: '$.data[*]', id: 'id' }] },
    { name: 'split and JSON.parse', posts: () => answersIn(body) },
    contentType,
  );
}

/** Splits the answers like the clients of such batches, because no parser reads them. The JSON follows two heads. */
function answersIn(body: Buffer): number {
  let found = 0;
  for (const part of body.toString().split(`--${boundary}`)) {
    const json = part.split('\r\n\r\n')[2];
    if (json !== undefined) found += JSON.parse(json).data.length;
  }
  return found;
}

function caseOf(
  label: string,
  body: Uint8Array,
  route: CaseRoute,
  usual: UsualParser,
  type?: string,
): FormatCase {
  const rule = ruleOf(route);
  const chunks = chunksOf(body);
  return {
    label,
    bytes: body.length,
    posts: POSTS,
    count: () => countWith(rule, chunks, type),
    usual: [usual],
  };
}
