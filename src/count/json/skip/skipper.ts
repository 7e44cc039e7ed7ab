/** The skipper that all JSON scanners of the process share: each uses it for one chunk at a time. */

import { PlainSkipper, type Skipper } from './skip.ts';
import { wasmSkipper } from './skip-wasm.ts';

export const jsonSkipper: Skipper = wasmSkipper() ?? new PlainSkipper();
