/** The skipper of all JSON scanners of this process: each holds it for one chunk at a time. */

import { PlainSkipper, type Skipper } from './json-skip.ts';

export const jsonSkipper: Skipper = new PlainSkipper();
