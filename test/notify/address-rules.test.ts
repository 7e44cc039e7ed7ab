import { describe, expect, it } from 'vitest';
import { addressFault, urlFault } from '../../src/notify/address-rules.ts';

const STRICT = { allowPrivate: false };
const OPEN = { allowPrivate: true };

describe('addresses', () => {
  it.each([
    '169.254.169.254',
    '::ffff:169.254.169.254',
    'fe80::1',
    'fd00:ec2::254',
    '100.100.100.200',
    '168.63.129.16',
    '0.0.0.0',
    '::',
    '224.0.0.1',
    'ff02::1',
    '255.255.255.255',
    '192.0.0.192',
    '64:ff9b::a9fe:a9fe',
    '2002:a9fe:a9fe::1',
    'not an address',
  ])('%s is always refused', (address) => {
    expect(addressFault(address, STRICT)).not.toBeNull();
    expect(addressFault(address, OPEN)).not.toBeNull();
  });

  it.each([
    '127.0.0.1',
    '::1',
    '::ffff:127.0.0.1',
    '10.0.0.1',
    '192.168.1.1',
    '172.16.0.1',
    'fd12::1',
    '100.64.0.1',
  ])('%s needs allowPrivate', (address) => {
    expect(addressFault(address, STRICT)).not.toBeNull();
    expect(addressFault(address, OPEN)).toBeNull();
  });

  it.each(['8.8.8.8', '2606:4700::1111'])('%s is public', (address) => {
    expect(addressFault(address, STRICT)).toBeNull();
  });
});

describe('URLs', () => {
  it.each([
    ['https://hooks.example/a?b=c', true, true],
    ['https://hooks.example:8443/', true, true],
    ['http://hooks.example/', false, false],
    ['http://10.0.0.1/', false, false],
    ['https://10.0.0.1/', false, true],
    ['http://127.0.0.1:9/', false, true],
    ['http://[::1]:9/', false, true],
    ['http://localhost:9/', false, true],
    ['https://localhost./', false, true],
    ['https://intranet/', false, true],
    ['https://2130706433/', false, true],
    ['https://0x7f.1/', false, true],
    ['https://169.254.169.254/latest/meta-data', false, false],
    ['https://[fe80::1]/', false, false],
    ['https://metadata.google.internal/', false, false],
    ['https://user:password@hooks.example/', false, false],
    ['ftp://hooks.example/', false, false],
    ['hooks.example', false, false],
    ['', false, false],
  ])('%s is allowed: %s, with allowPrivate: %s', (url, strictly, openly) => {
    expect(urlFault(url, STRICT) === null).toBe(strictly);
    expect(urlFault(url, OPEN) === null).toBe(openly);
  });
});
