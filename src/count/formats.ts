/** Maps each format to its counter. */

import { CarCounter } from './atproto/car.ts';
import { FirehoseCounter } from './atproto/firehose.ts';
import { CsvCounter } from './csv/counter.ts';
import { FeedCounter } from './feed/counter.ts';
import type { FormatCounter } from './format-counter.ts';
import type { ResponsePlan } from './graphql/request.ts';
import { responseCounter } from './graphql/response-counter.ts';
import { HtmlCounter } from './html/counter.ts';
import { NoisyJsonCounter } from './json/skip/noise.ts';
import type { PostCount } from './post-count.ts';
import type { CountedRule } from './route/rule.ts';
import { socketioCounter } from './socketio/counter.ts';
import { JsonSeqCounter } from './stream/json-seq.ts';
import { messagesCounter } from './stream/messages.ts';
import { MultipartCounter } from './stream/multipart.ts';
import { ndjsonCounter } from './stream/ndjson.ts';
import { SseCounter } from './stream/sse.ts';
import { TextCounter } from './text/counter.ts';
import { noisyXmlCounter } from './xml/noise.ts';

type GraphqlRule = Extract<CountedRule, { readonly format: 'graphql' }>;

/** A rule with which a body can be read. For GraphQL, the request has determined the location of the posts. */
export type ReadableRule =
  | Exclude<CountedRule, GraphqlRule>
  | (Omit<GraphqlRule, 'plan'> & { readonly plan: ResponsePlan });

export interface BodyMedia {
  /** Media type of the response; that of a multipart body names its boundary. */
  readonly contentType: string;
  /** Whether each chunk is one whole message of an upgraded connection. */
  readonly isMessages: boolean;
}

export function formatCounter(rule: ReadableRule, form: BodyMedia, found: PostCount): FormatCounter {
  switch (rule.format) {
    case 'graphql':
      return responseCounter(rule.plan, form.contentType, found);
    case 'json':
    case 'jsonp':
      return new NoisyJsonCounter(rule.plan, found);
    case 'ndjson':
      return ndjsonCounter(rule.plan, found);
    case 'json-seq':
      return new JsonSeqCounter(rule.plan, found);
    case 'sse':
      return new SseCounter(rule.plan, rule.events, found);
    case 'multipart':
      return new MultipartCounter(rule.plan, form.contentType, found);
    case 'websocket':
      return messagesCounter(rule.plan, found);
    case 'socketio':
      return socketioCounter(rule.plan, found, form.isMessages);
    case 'feed':
      return new FeedCounter(rule.plan, found);
    case 'xml':
      return noisyXmlCounter(rule.plan, found);
    case 'html':
      return new HtmlCounter(rule.plan, found);
    case 'csv':
      return new CsvCounter(rule.plan, found);
    case 'text':
      return new TextCounter(rule.plan, found);
    case 'car':
      return new CarCounter(rule.plan, found);
    case 'firehose':
      return new FirehoseCounter(rule.plan, found);
  }
}
