/** WordPress as a whole: the same posts are in its REST API, its feeds, its XML-RPC and its pages. */

import { anywhereLast, type Preset } from '../preset.ts';
import { wordpressHtml } from './wordpress-html.ts';
import { wordpressRest } from './wordpress-rest.ts';

export const wordpress: Preset = {
  name: 'wordpress',
  title: 'WordPress: REST API, feeds, XML-RPC and pages',
  source: [...wordpressRest.source, ...wordpressHtml.source],
  notes: {
    post: 'Entries of the type post in any form. Pages, users and terms never count.',
    reply: 'Comments in any form.',
    media: 'Attachments of /wp/v2/media or by XML-RPC, and featured media that _embed adds.',
    embedded: 'Items that _embed adds: comments of a post, the post of a comment or search result.',
    reference: 'Results of /wp/v2/search and oEmbed previews.',
  },
  doubts: [...(wordpressRest.doubts ?? []), ...(wordpressHtml.doubts ?? [])],
  // Routes with a path or query precede those with only a media type.
  routes: anywhereLast([...wordpressRest.routes, ...wordpressHtml.routes]),
};
