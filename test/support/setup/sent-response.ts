/**
 * Loads the marker of a response that is already sent, before a server of @hono/node-server replaces the global
 * Response. A marker of the replacement would be sent as a response. The program loads the marker first, but files of
 * tests share their modules.
 */

import '@hono/node-server/utils/response';
