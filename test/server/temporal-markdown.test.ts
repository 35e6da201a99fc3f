import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { serveApi } from './served-api.ts';
import type { ServedApi } from './served-api.ts';

let api: ServedApi;
let cookie: string;

beforeAll(async () => {
  api = await serveApi({ temporalUi: { origin: 'http://127.0.0.1:1' } });
  cookie = await api.logIn();
});

afterAll(() => api.close());

async function show(content: string): Promise<{ text: string; policy: string }> {
  const path = `/render?content=${encodeURIComponent(content)}&theme=light`;
  const { text, headers } = await api.fetch(path, { headers: { cookie } });
  return { text, policy: headers.get('content-security-policy') ?? '' };
}

describe('the details of a workflow, as the Temporal Web UI frames them', () => {
  test('have the link back to the console', async () => {
    const { text, policy } = await show(
      '[dlv_1](https://durahook.example/console/deliveries/dlv_1)',
    );
    expect(text).toContain('<a href="https://durahook.example/console/deliveries/dlv_1"');
    expect(text).toContain('>dlv_1</a>');
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("frame-ancestors 'self'");
  });

  test.each([
    '<img src=x onerror=alert(1)>',
    '<script>alert(1)</script>',
    '[x](javascript:alert(1))',
    '[x](data:text/html,<script>1</script>)',
    '[x](https://a.example/"onmouseover="alert(1))',
    '[<b>x</b>](https://a.example/)',
  ])('run nothing: %s', async (content) => {
    const { text } = await show(content);
    const body = text.slice(text.indexOf('<body>'));
    expect(body).not.toMatch(/<(?:img|script|b)\b/);
    expect(body).not.toMatch(/href="(?!https?:)/);
    expect(body).not.toMatch(/"\s*onmouseover/);
  });

  test('are shown to whoever is logged in, and nobody else', async () => {
    const { status } = await api.fetch('/render?content=x');
    expect(status).toBe(401);
  });
});
