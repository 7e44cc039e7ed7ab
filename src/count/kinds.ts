/** The kinds of posts, and the operator's switches that say which of them count. */

import { z } from 'zod';

/** What an item is, as the selector that found it says. */
export const KINDS = ['post', 'reply', 'repost', 'media', 'embedded', 'reference'] as const;
export type Kind = (typeof KINDS)[number];

const kindSwitch = (what: string) => z.boolean().describe(what);

const switches = {
  post: kindSwitch('Posts and articles, image and video posts among them.'),
  reply: kindSwitch('Replies and comments.'),
  repost: kindSwitch('Posts of others, passed on.'),
  media: kindSwitch('Media that are listed by themselves, beside or without their post.'),
  embedded: kindSwitch(
    'Posts inside another one: quotes, the context of a reply. Each id once in a response, and not where the post itself is in the response too.',
  ),
  reference: kindSwitch('Links and previews that stand for a post without holding it.'),
} satisfies Record<Kind, z.ZodBoolean>;

/** Some of the switches; the others stay as they are. */
export const kindsSchema = z.strictObject(switches).partial();

export type Kinds = Readonly<Record<Kind, boolean>>;

/**
 * What the clause names: posts, reply posts, video posts, image posts (which are posts), and any other post, so
 * reposts too. What is doubtful (is a quote inside a post one more?) favours the client.
 */
export const DEFAULT_KINDS: Kinds = {
  post: true,
  reply: true,
  repost: true,
  media: false,
  embedded: false,
  reference: false,
};

/** The switches with some of them set anew. */
export function withKinds(kinds: Kinds, changes: z.output<typeof kindsSchema> | undefined): Kinds {
  if (changes === undefined) return kinds;
  const entries = KINDS.map((kind) => [kind, changes[kind] ?? kinds[kind]] as const);
  return Object.fromEntries(entries) as Record<Kind, boolean>;
}
