/** The console's script in the browser. Every page works without it. */

import { startCursor } from './cursor.ts';
import { startLive } from './live.ts';

startLive();
startCursor();
