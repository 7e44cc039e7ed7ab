import { describe, expect, it } from 'vitest';
import { INTENTS_COLLECTION, readJetstream } from '../../../src/rights/intake/bluesky.ts';

const DID = 'did:plc:ewvi7nxzyoun6zhxrhs64oiz';
const TIME_US = 1_740_087_440_362_123;
const base = { did: DID, time_us: TIME_US };
const declaration = (operation: string, record?: object, over = {}) => ({
  ...base,
  kind: 'commit',
  commit: { operation, collection: INTENTS_COLLECTION, rkey: 'self', ...(record && { record }), ...over },
});
const stated = (message: unknown) =>
  Object.fromEntries(readJetstream(message)!.settings.map(({ state, value }) => [state, value]));

describe('an event of Jetstream', () => {
  it('states the preferences of a declaration: allowed, not allowed, or nothing', () => {
    const record = {
      $type: INTENTS_COLLECTION,
      updatedAt: '2025-02-20T21:37:20.362Z',
      publicAccessArchive: { allow: true, updatedAt: '2025-02-20T21:37:20.362Z' },
      syntheticContentGeneration: { allow: false, updatedAt: '2025-02-20T21:37:20.362Z' },
      protocolBridging: { updatedAt: '2019-02-20T22:44:20.000Z' },
    };
    const message = declaration('create', record);
    expect(stated(message)).toEqual({ no_archive: 'off', no_training: 'on', no_partner_sharing: 'unset' });
    expect(readJetstream(message)!.settings[0]).toMatchObject({
      subject: { kind: 'author', scope: '', name: DID },
      effectiveAtMs: 1_740_087_440_362,
    });
    expect(readJetstream(message)!.cursor).toBe(TIME_US);
  });

  it('withdraws the preferences of a deleted declaration, and of one that cannot be read', () => {
    const nothing = { no_archive: 'unset', no_training: 'unset', no_partner_sharing: 'unset' };
    expect(stated(declaration('delete'))).toEqual(nothing);
    const odd = { syntheticContentGeneration: { allow: null }, bulkDataset: 'no', publicAccessArchive: [] };
    expect(stated(declaration('update', odd))).toEqual(nothing);
  });

  it.each([
    [{ active: true }, null],
    [{ active: false, status: 'deleted' }, 'deleted'],
    [{ active: false, status: 'takendown' }, 'suspended'],
    [{ active: false, status: 'suspended' }, 'suspended'],
    [{ active: false, status: 'deactivated' }, 'deactivated'],
    [{ active: false, status: 'of a later version' }, 'deactivated'],
    [{ active: true, status: 'suspended' }, null],
  ])('states whether the account is active: %j', (account, state) => {
    const values = stated({ ...base, kind: 'account', account });
    expect(values).toEqual({
      ...{ deleted: 'unset', suspended: 'unset', deactivated: 'unset' },
      ...(state === null ? {} : { [state]: 'on' }),
    });
  });

  it('of another kind or collection only moves the cursor', () => {
    const others = [
      { ...base, kind: 'identity', identity: { did: DID } },
      declaration('create', {}, { collection: 'app.bsky.feed.post' }),
      declaration('create', {}, { rkey: 'other' }),
    ];
    for (const message of others) {
      expect(readJetstream(message)).toEqual({ settings: [], cursor: TIME_US });
    }
    for (const message of [undefined, 'x', {}, { ...base, kind: 'account' }, { ...base, kind: 'later' }]) {
      expect(readJetstream(message)).toBeNull();
    }
  });
});
