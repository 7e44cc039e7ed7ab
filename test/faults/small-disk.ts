/**
 * A disk for one journal that can be filled: a tmpfs of some MB if this user may mount one, otherwise a limit on file
 * sizes.
 */

import { execFileSync, spawnSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface SmallDisk {
  /** An empty folder on the disk. */
  readonly folder: string;
  /** True for a real disk, false for a limit on a process. */
  readonly isReal: boolean;
  /** From now on the process can write nothing more there. */
  fill(pid: number): void;
  /** The process can write there again. */
  free(pid: number): void;
  remove(): void;
}

/**
 * Returns false if no disk can be mounted, and prints it on stderr, because tests that need a real disk are skipped
 * then.
 */
export function canMount(): boolean {
  const disk = smallDisk(1);
  disk.remove();
  if (!disk.isReal) process.stderr.write('SKIPPED: tests that need a disk that is really full\n');
  return disk.isReal;
}

/** Prints on stderr which of the two it is. */
export function smallDisk(mebibytes: number): SmallDisk {
  const folder = mkdtempSync(join(tmpdir(), 'postmeter-disk-'));
  const size = `size=${mebibytes}m,mode=711`;
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', size, 'postmeter', folder]);
  if (mounted.status === 0) return tmpfs(folder);
  process.stderr.write(
    `NO tmpfs may be mounted here (${String(mounted.stderr ?? mounted.error).trim()}): ` +
      'a limit on file sizes replaces the full disk (EFBIG instead of ENOSPC)\n',
  );
  return limited(folder);
}

function tmpfs(folder: string): SmallDisk {
  process.stderr.write(`the full disk is a tmpfs, ${folder}\n`);
  const filler = join(folder, 'filler');
  const unmount = () => spawnSync('umount', ['-l', folder]);
  process.once('exit', unmount);
  return {
    folder,
    isReal: true,
    fill: () => fillWith(filler),
    free: () => rmSync(filler, { force: true }),
    remove: () => {
      process.off('exit', unmount);
      execFileSync('umount', ['-l', folder]);
      rmSync(folder, { recursive: true });
    },
  };
}

/** Fills every remaining page, and then every byte. */
function fillWith(path: string): void {
  const file = openSync(path, 'w');
  try {
    for (const bytes of [65_536, 4_096, 1]) {
      const block = Buffer.alloc(bytes);
      while (writes(file, block));
    }
  } finally {
    closeSync(file);
  }
}

function writes(file: number, block: Buffer): boolean {
  try {
    return writeSync(file, block) === block.length;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOSPC') return false;
    throw error;
  }
}

/** Limits the size of every file of the process. Node ignores the signal that comes with it. */
export function limitFiles(pid: number, bytes: string): void {
  execFileSync('prlimit', ['--pid', String(pid), `--fsize=${bytes}:`]);
}

function limited(folder: string): SmallDisk {
  return {
    folder,
    isReal: false,
    fill: (pid) => limitFiles(pid, '1'),
    free: (pid) => limitFiles(pid, 'unlimited'),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
