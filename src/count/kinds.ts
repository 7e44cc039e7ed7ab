/** The kinds of posts, and the operator's switches that decide which of them count. */

import { z } from 'zod';

/** The kind of an item, as specified by the selector that found it. */
export const KINDS = ['post', 'reply', 'repost', 'media', 'embedded', 'reference'] as const;
export type Kind = (typeof KINDS)[number];

const kindSwitch = (what: string) => z.boolean().describe(what);

const switches = {
  post: kindSwitch('Posts and articles, including image and video posts.'),
  reply: kindSwitch('Replies and comments.'),
  repost: kindSwitch('Reposts of another author.'),
  media: kindSwitch('Media that are listed separately, with or without their post.'),
  embedded: kindSwitch(
    'Posts inside another post: quotes, the context of a reply. Each id counts once per response, and not at all if the response also contains the post itself.',
  ),
  reference: kindSwitch('Links and previews that refer to a post without containing it.'),
} satisfies Record<Kind, z.ZodBoolean>;

/** Some of the switches; the others keep their values. */
export const kindsSchema = z.strictObject(switches).partial();

export type Kinds = Readonly<Record<Kind, boolean>>;

/**
 * The kinds that the clause names: posts, reply posts, video posts, image posts (which are posts) and any other post,
 * which includes reposts. Doubtful cases (does a quote inside a post count?) favour the client.
 */
export const DEFAULT_KINDS: Kinds = {
  post: true,
  reply: true,
  repost: true,
  media: false,
  embedded: false,
  reference: false,
};

/** Returns the switches with some of them changed. */
export function withKinds(kinds: Kinds, changes: z.output<typeof kindsSchema> | undefined): Kinds {
  if (changes === undefined) return kinds;
  const entries = KINDS.map((kind) => [kind, changes[kind] ?? kinds[kind]] as const);
  return Object.fromEntries(entries) as Record<Kind, boolean>;
}
