/** Whether a program is installed, for tests that need one which other machines may lack. */

import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/** True if an executable file of this name is in PATH. */
export function isInstalled(program: string): boolean {
  return (process.env.PATH ?? '').split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
