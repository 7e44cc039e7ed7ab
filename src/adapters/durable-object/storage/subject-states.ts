/** The registry of rights in an object's SQLite storage: the states of subjects, and up to which setting. */

import type { DurableObjectStorage } from '@cloudflare/workers-types';
import type { RegistryAge, SubjectChange } from '../../../rights/port.ts';
import { NO_STATES, type SubjectStates } from '../../../rights/state.ts';
import { type Subject, subjectText } from '../../../rights/subject.ts';
import { ObjectMeta } from './object-meta.ts';

/** Each write is billed, so the time of the last read is stored this often. After an eviction it counts as older. */
const STORE_AGE_EVERY_MS = 30_000;

type Row = { on_states: number; off_states: number };

export class SqlSubjectStates {
  readonly #storage: DurableObjectStorage;
  readonly #meta: ObjectMeta;
  #readAtMs: number | null;
  #storedAgeMs: number;
  #sequence: number;

  constructor(storage: DurableObjectStorage) {
    this.#storage = storage;
    storage.sql.exec(
      'create table if not exists subjects (subject text primary key, on_states integer not null, off_states integer not null) without rowid',
    );
    this.#meta = new ObjectMeta(storage.sql);
    this.#sequence = this.#meta.get<number>('sequence') ?? 0;
    this.#readAtMs = this.#meta.get<number>('read_at_ms');
    this.#storedAgeMs = this.#readAtMs ?? 0;
  }

  /** Sequence of the last setting that is included. */
  get sequence(): number {
    return this.#sequence;
  }

  /** Null until the registry has been read to its end. */
  get asOf(): RegistryAge | null {
    return this.#readAtMs === null ? null : { sequence: this.#sequence, readAtMs: this.#readAtMs };
  }

  get(subject: Subject): SubjectStates {
    const [row] = this.#storage.sql
      .exec<Row>('select on_states, off_states from subjects where subject = ?', subjectText(subject))
      .toArray();
    return row === undefined ? NO_STATES : { on: row.on_states, off: row.off_states };
  }

  /** Adds changes in the order of their sequences. */
  add(changes: readonly SubjectChange[]): void {
    const last = changes.at(-1);
    if (last === undefined) return;
    this.#storage.transactionSync(() => {
      for (const change of changes) this.#set(change);
      this.#meta.set('sequence', last.sequence);
    });
    this.#sequence = last.sequence;
  }

  /** The registry is complete as of this time. */
  confirm(readAtMs: number): void {
    this.#readAtMs = readAtMs;
    if (readAtMs - this.#storedAgeMs < STORE_AGE_EVERY_MS) return;
    this.#meta.set('read_at_ms', readAtMs);
    this.#storedAgeMs = readAtMs;
  }

  clear(): void {
    this.#storage.transactionSync(() => {
      this.#storage.sql.exec('delete from subjects');
      this.#meta.set('sequence', 0);
      this.#meta.set('read_at_ms', null);
    });
    this.#sequence = 0;
    this.#readAtMs = null;
    this.#storedAgeMs = 0;
  }

  #set({ subject, states: { on, off } }: SubjectChange): void {
    const text = subjectText(subject);
    if ((on | off) === 0) {
      this.#storage.sql.exec('delete from subjects where subject = ?', text);
      return;
    }
    this.#storage.sql.exec(
      'insert into subjects (subject, on_states, off_states) values (?, ?, ?) on conflict (subject) do update set on_states = excluded.on_states, off_states = excluded.off_states',
      text,
      on,
      off,
    );
  }
}
