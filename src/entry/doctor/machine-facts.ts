/** Reads what `postmeter doctor` judges about this machine: the data folder, and the limit of open files. */

import { existsSync, mkdtempSync, readFileSync, rmdirSync, statfsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import type { DiskFacts } from '../../doctor/facts.ts';

/** Magic numbers of statfs(2): NFS, SMB, CIFS, SMB2, Ceph, FUSE (s3fs, sshfs). */
const NETWORK = new Set([0x6969, 0x517b, 0xff534d42, 0xfe534d42, 0x00c36400, 0x65735546]);

/** A folder that does not exist yet is judged by the nearest one that does, in which it would be made. */
export function readDiskFacts(folder: string): DiskFacts {
  let existing = resolve(folder);
  while (!existsSync(existing)) existing = dirname(existing);
  const { type, bavail, bsize } = statfsSync(existing);
  return {
    folder,
    isWritable: isWritable(existing),
    freeBytes: bavail * bsize,
    isNetwork: NETWORK.has(type >>> 0),
  };
}

/** Tries it: the rights of a folder do not tell of a read-only mount, nor that root may write in /proc by name only. */
function isWritable(folder: string): boolean {
  try {
    rmdirSync(mkdtempSync(join(folder, '.postmeter-doctor-')));
    return true;
  } catch {
    return false;
  }
}

/** Null if there is no limit, or on a system other than Linux. */
export function readMaxFiles(limitsFile = '/proc/self/limits'): number | null {
  if (!existsSync(limitsFile)) return null;
  const [, soft] = /^Max open files\s+(\d+)/m.exec(readFileSync(limitsFile, 'utf8')) ?? [];
  return soft === undefined ? null : Number(soft);
}
