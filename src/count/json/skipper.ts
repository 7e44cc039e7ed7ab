/** The skipper of all JSON scanners of this process: each holds it for one chunk at a time. */

import { PlainSkipper, type Skipper } from './skip.ts';
import { wasmSkipper } from './skip-wasm.ts';

export const jsonSkipper: Skipper = wasmSkipper() ?? new PlainSkipper();
