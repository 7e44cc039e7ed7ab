/** The console's script in the browser. Every page works without it. */

import { startLive } from './live.ts';

startLive();
