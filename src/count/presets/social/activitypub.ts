/** ActivityPub: outboxes and other collections of activities or objects, and objects at their own address. */

import type { PostsInput, Preset, RouteInput } from '../preset.ts';

/** Types of objects that are posts (Activity Streams 2.0 vocabulary). */
const OBJECTS = '["Note", "Article", "Question", "Page", "Video", "Image", "Audio", "Event"]';

/**
 * An activity with its object, or the object alone. An object that is only named by its address is not served. A
 * forum publishes its own posts with an Announce of the object or of its Create.
 */
function objectsAt(json: string): PostsInput {
  const own = { json, sameOrigin: ['actor', 'object.id'] as [string, string], id: 'object.id' };
  return [
    { json, where: 'object.object.inReplyTo != null', id: 'object.object.id', kind: 'reply' },
    { json, where: `object.object.type in ${OBJECTS}`, id: 'object.object.id', kind: 'post' },
    { ...own, where: 'object.inReplyTo != null', kind: 'reply' },
    { ...own, where: `object.type in ${OBJECTS}`, kind: 'post' },
    { json, where: 'type == "Announce"', id: 'id', kind: 'repost' },
    { json, where: 'object.inReplyTo != null', id: 'object.id', kind: 'reply' },
    { json, where: `object.type in ${OBJECTS}`, id: 'object.id', kind: 'post' },
    { json, where: 'inReplyTo != null', id: 'id', kind: 'reply' },
    { json, where: `type in ${OBJECTS}`, id: 'id', kind: 'post' },
  ];
}

const POSTS: PostsInput = [
  // In JSON-LD a list of one item may be the item alone, and a first page may be inside its collection.
  ...['$', '$..orderedItems[*]', '$..orderedItems', '$..items[*]', '$..items'].flatMap(objectsAt),
  { json: '$..orderedItems[*]', where: 'type == "Create"', id: 'object', kind: 'reference' },
  { json: '$..object', where: `type in ${OBJECTS}`, id: 'id', kind: 'embedded' },
  {
    json: '$..attachment[*]',
    where: 'type in ["Document", "Image", "Video", "Audio"]',
    id: 'url',
    kind: 'media',
  },
];

export const activitypub: Preset = {
  name: 'activitypub',
  title: 'ActivityPub',
  source: [
    'https://www.w3.org/TR/activitypub/',
    'https://www.w3.org/TR/activitystreams-vocabulary/',
    'https://docs.joinmastodon.org/spec/activitypub/',
  ],
  notes: {
    post: 'Objects such as notes and articles: alone, in the activity that created them, in the Announce of that activity by a forum, or in an Announce by an actor of their own server.',
    reply: 'Objects with inReplyTo.',
    repost: 'Other Announce activities.',
    media: 'Attachments of objects.',
    embedded: 'The whole object of another server in an Announce.',
    reference: 'Activities that only name the created object.',
  },
  doubts: [
    'A forum announces the Create of posts of other servers like that of its own: both count as posts, not as reposts.',
    'An Announce of a whole object by an actor of the same server may be a publication of a forum or a repost of a person: it counts as a post.',
    'An Announce of an address is a repost, even on the same server, because forums announce their own posts whole.',
    'An object that an activity only names by its address is not served; it counts at its own address.',
  ],
  routes: ['application/activity+json', 'application/ld+json'].map(
    (contentType): RouteInput => ({
      path: '/**',
      name: 'activitypub',
      methods: ['GET'],
      contentType,
      posts: POSTS,
    }),
  ),
};
