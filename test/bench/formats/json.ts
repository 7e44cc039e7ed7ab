/** JSON, alone and in the frames of streams and batches: the page of posts that the proxies are measured with. */

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

/** What stands in the list becomes an object, one by one, as its README has it. */
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

/** Now and then a sign of life and an event that holds no post, as Mastodon's streams have them. */
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

/** Answers to a batch of requests, each a whole HTTP response in a part. */
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

/** As the clients of such batches do it, for want of a parser that reads them: the JSON is behind two heads. */
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
