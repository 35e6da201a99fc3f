import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { isOperationalType } from '../../src/domain/operational-events.ts';
import { serveApi } from './served-api.ts';
import type { ServedApi } from './served-api.ts';

let api: ServedApi;
const folder = mkdtempSync(join(tmpdir(), 'durahook-console-'));
const build = join(folder, 'build');

beforeAll(async () => {
  mkdirSync(join(build, 'assets'), { recursive: true });
  mkdirSync(join(build, 'docs'));
  writeFileSync(join(folder, 'secret.txt'), 'secret');
  writeFileSync(join(build, 'index.html'), '<p>console</p>');
  writeFileSync(join(build, 'docs/index.html'), '<p>docs</p>');
  writeFileSync(join(build, 'assets/main-1a2b.js'), 'run()');
  api = await serveApi({ consoleFolder: build });
});

afterAll(async () => {
  await api.close();
  rmSync(folder, { recursive: true });
});

describe('the console', () => {
  test.each(['/console/', '/console/events', '/console/deliveries/dlv_1?state=dead'])(
    '%s is the one page, which no cache keeps unasked',
    async (path) => {
      const { status, text, headers } = await api.fetch(path);
      expect({ status, text }).toEqual({ status: 200, text: '<p>console</p>' });
      expect(headers.get('content-type')).toContain('text/html');
      expect(headers.get('cache-control')).toMatch(/max-age=0/);
    },
  );

  test.each(['/', '/console'])('%s leads to it', async (path) => {
    const { status, headers } = await api.fetch(path);
    expect([status, headers.get('location')]).toEqual([302, '/console/']);
  });

  test('its files are kept for a year: their names change with them', async () => {
    const { text, headers } = await api.fetch('/console/assets/main-1a2b.js');
    expect(text).toBe('run()');
    expect(headers.get('content-type')).toContain('javascript');
    expect(headers.get('cache-control')).toBe('max-age=31536000,immutable');
  });

  test('runs scripts of its own alone, and none that are inline', async () => {
    const policy = (await api.fetch('/console/')).headers.get('content-security-policy') ?? '';
    expect(policy).toContain("script-src 'self';");
    expect(policy).toContain("default-src 'self'");
    expect(policy).toContain("frame-ancestors 'self'");
  });

  test.each([
    '/console/assets/gone-9f9f.js',
    '/console/assets/../../secret.txt',
    '/console/assets/%2e%2e/%2e%2e/secret.txt',
    '/console/assets/..%2f..%2fsecret.txt',
    '/console/assets/%00',
    '/console/assets/%zz',
  ])('%s is not there', async (path) => {
    const { status, text } = await api.fetch(path);
    expect(text).not.toContain('secret');
    // An address that leaves the folder is the browser's to fold: it is the console then, or nothing.
    expect(path.includes('/../') ? [200, 404] : [404]).toContain(status);
  });

  test('says how it is built where it is not', async () => {
    const bare = await serveApi({ consoleFolder: join(folder, 'nothing') });
    const { status, body } = await bare.fetch('/console/');
    expect(status).toBe(404);
    expect(body['detail']).toContain('npm run build:console');
    await bare.close();
  });
});

describe('the page of the API', () => {
  test.each(['/docs', '/docs/'])('is at %s', async (path) => {
    const { status, text } = await api.fetch(path);
    expect({ status, text }).toEqual({ status: 200, text: '<p>docs</p>' });
  });

  test('the document has an entry for each event type that consumers get', async () => {
    const { body } = await api.fetch('/openapi.json');
    const calls = Object.keys(body['webhooks'] as object);
    const webhooks = calls.filter((name) => !name.startsWith('agent.session.')); // The agent's.
    expect(webhooks.filter((name) => !isOperationalType(name))).toHaveLength(9);
    expect(webhooks).toContain('endpoint.failing');
    expect(webhooks).toContain('session.created');
    expect(JSON.stringify(body['webhooks'])).toContain('"example"');
  });
});
