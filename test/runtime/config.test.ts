import { randomBytes } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { deliverySchedule } from '../../src/domain/retry.ts';
import { readConfig } from '../../src/runtime/config.ts';

const needed = {
  DATABASE_URL: 'postgres://durahook@localhost:5432/durahook',
  TEMPORAL_ADDRESS: 'localhost:7233',
  MASTER_KEY: randomBytes(32).toString('base64'),
};

function mistakesOf(environment: Record<string, string | undefined>): string {
  try {
    readConfig(environment);
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  return '';
}

describe('readConfig()', () => {
  test('needs three settings, and has a default for the others', () => {
    expect(readConfig(needed)).toMatchObject({
      TEMPORAL_NAMESPACE: 'default',
      HOST: '127.0.0.1',
      PORT: 8080,
      DELIVERY_SCHEDULE: [...deliverySchedule],
      DELIVERY_TIMEOUT: 2000,
      PROBE_INTERVAL: 30_000,
      SESSION_IDLE: 86_400_000,
      MAINTENANCE_INTERVAL: 60_000,
      EGRESS_ALLOW: [],
      TIMESTAMP_TOLERANCE: 300,
      MAX_BODY: 26_214_400,
      LOG_LEVEL: 'info',
    });
    expect(readConfig(needed).MASTER_KEY).toHaveLength(32);
  });

  test('an empty setting is one that is not set', () => {
    expect(readConfig({ ...needed, PORT: '', AGENT_URL: '' })).toMatchObject({ PORT: 8080 });
    expect(mistakesOf({ ...needed, MASTER_KEY: '' })).toContain(
      'MASTER_KEY: is required, and not set',
    );
  });

  test.each([
    ['DELIVERY_TIMEOUT', '500ms', 500],
    ['DELIVERY_TIMEOUT', '30s', 30_000],
    ['SESSION_IDLE', '1s', 1000],
    ['PROBE_INTERVAL', '1s', 1000],
    ['MAINTENANCE_INTERVAL', '1s', 1000],
    ['MAINTENANCE_INTERVAL', '2m', 120_000],
    ['DELIVERY_SCHEDULE', '0s,30s,2m,10m,1h', [0, 30_000, 120_000, 600_000, 3_600_000]],
    ['DELIVERY_SCHEDULE', '1ms, 1d', [1, 86_400_000]],
    ['MAX_BODY', '1000', 1000],
    ['MAX_BODY', '512KiB', 524_288],
    ['MAX_BODY', '25MiB', 26_214_400],
    [
      'EGRESS_ALLOW',
      ' 10.0.0.0/8 , ::1, gerrit.corp.example,',
      ['10.0.0.0/8', '::1', 'gerrit.corp.example'],
    ],
    ['PORT', '0', 0],
  ])('reads %s "%s"', (name, text, value) => {
    expect(readConfig({ ...needed, [name]: text })).toMatchObject({ [name]: value });
  });

  test.each([
    ['DELIVERY_TIMEOUT', '2', 'is no duration'],
    ['DELIVERY_TIMEOUT', '-2s', 'is no duration'],
    ['DELIVERY_TIMEOUT', '1.5s', 'is no duration'],
    ['DELIVERY_TIMEOUT', `${'9'.repeat(10)}d`, 'is no duration'],
    ['DELIVERY_TIMEOUT', '0s', 'at most 30s'],
    ['DELIVERY_TIMEOUT', '31s', 'at most 30s'],
    ['SESSION_IDLE', '999ms', 'at least 1s'],
    ['PROBE_INTERVAL', '999ms', 'at least 1s'],
    ['MAINTENANCE_INTERVAL', '0s', 'at least 1s'],
    ['MAINTENANCE_INTERVAL', '1500ms', 'whole seconds'],
    ['DELIVERY_SCHEDULE', '0s,1s,1s,1s,1s,1s', 'is no schedule'],
    ['DELIVERY_SCHEDULE', '0s,,1s', 'is no schedule'],
    ['DELIVERY_SCHEDULE', '0s;1s', 'is no schedule'],
    ['MAX_BODY', '25MB', 'is no size'],
    ['MAX_BODY', '0', 'at least 1'],
    ['RETENTION_METADATA', '36501d', 'at most 36500d'],
    ['DELIVERY_SCHEDULE', '0s,36501d', 'is no schedule'],
    ['EGRESS_ALLOW', '10.0.0.0/33', 'is no address, CIDR or exact host name'],
    ['EGRESS_ALLOW', '*.corp.example', 'is no address, CIDR or exact host name'],
    ['PORT', '65536', ''],
    ['PORT', 'http', ''],
    ['TEMPORAL_ADDRESS', 'localhost', 'Must be host:port'],
    ['TIMESTAMP_TOLERANCE', '0', ''],
    ['LOG_LEVEL', 'loud', ''],
  ])('refuses %s "%s"', (name, text, message) => {
    expect(mistakesOf({ ...needed, [name]: text })).toContain(`\n  ${name}: `);
    expect(mistakesOf({ ...needed, [name]: text })).toContain(message);
  });

  test('names every mistake at once', () => {
    const message = mistakesOf({ PORT: 'x', MAX_BODY: '1GB', DELIVERY_SCHEDULE: 'soon' });
    const names = [...message.matchAll(/^ {2}(\w+): /gm)].map(([, name]) => name);
    expect(names.toSorted((a = '', b = '') => a.localeCompare(b))).toEqual([
      'DATABASE_URL',
      'DELIVERY_SCHEDULE',
      'MASTER_KEY',
      'MAX_BODY',
      'PORT',
      'TEMPORAL_ADDRESS',
    ]);
  });

  test.each([
    ['MASTER_KEY', 'hunter2hunter2'],
    ['DATABASE_URL', 'mysql://root:hunter2@db/x'],
    ['DATABASE_URL', 'hunter2'],
  ])('does not repeat %s, which is a secret', (name, value) => {
    const message = mistakesOf({ ...needed, [name]: value });
    expect(message).toContain(`${name}: `);
    expect(message).not.toContain('hunter2');
  });
});
