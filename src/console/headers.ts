/** The content security policy of pages: nothing inline, nothing from other sites, in no frame. */

import type { MiddlewareHandler } from 'hono';
import { secureHeaders } from 'hono/secure-headers';

const own = ["'self'"];
const none = ["'none'"];

export const pageHeaders: MiddlewareHandler = secureHeaders({
  contentSecurityPolicy: {
    defaultSrc: none,
    scriptSrc: own,
    styleSrc: own,
    imgSrc: [...own, 'data:'],
    connectSrc: own,
    formAction: own,
    frameAncestors: none,
    baseUri: none,
  },
});
