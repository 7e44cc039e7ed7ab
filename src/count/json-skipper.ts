/** The skipper of all JSON scanners of this process: each holds it for one chunk at a time. */

import { PlainSkipper, type Skipper } from './json-skip.ts';
import { wasmSkipper } from './json-skip-wasm.ts';

export const jsonSkipper: Skipper = wasmSkipper() ?? new PlainSkipper();
