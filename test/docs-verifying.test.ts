import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { deliveryHeaders } from '../src/runtime/delivery-request.ts';
import { makeEndpointSecret, makeSigningKey } from '../src/runtime/signature.ts';

/** The code of docs/verifying.md, run as it stands there, against what an attempt would send. */

const page = readFileSync('docs/verifying.md', 'utf8');
const folder = mkdtempSync(join(tmpdir(), 'durahook-verifying-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const secret = makeEndpointSecret();
const earlier = makeEndpointSecret();
const { secret: signingKey, publicKey } = makeSigningKey();
const body = Buffer.from('{"type":"session.archived","data":{"name":"Zoë — 你好 \\u0000"}}');

interface Vector {
  readonly name: string;
  readonly headers: Record<string, string>;
  readonly body: Buffer;
  /** Whether the standard scheme, the platform's, and Ed25519 accept it. */
  readonly expected: string;
}

function sent(secrets: readonly string[], secondsAgo = 0): Record<string, string> {
  return deliveryHeaders({
    webhookId: 'dlv_1',
    eventType: 'session.archived',
    body,
    traceparent: null,
    secrets,
    userAgent: 'test',
    number: 1,
    startedAt: new Date(Date.now() - secondsAgo * 1000),
  });
}

const fresh = sent([secret, signingKey]);
const vectors: readonly Vector[] = [
  { name: 'as it is sent', headers: fresh, body, expected: 'true true true' },
  {
    name: 'while secrets are rotated',
    headers: sent([earlier, secret, signingKey]),
    body,
    expected: 'true true true',
  },
  {
    name: 'a minute under way',
    headers: sent([secret, signingKey], 60),
    body,
    expected: 'true true true',
  },
  { name: 'another secret', headers: sent([earlier]), body, expected: 'false false false' },
  {
    name: 'another body',
    headers: fresh,
    body: Buffer.from(body.toString().replace('你', '我')),
    expected: 'false false false',
  },
  {
    name: 'ten minutes old',
    headers: sent([secret, signingKey], 600),
    body,
    expected: 'false false false',
  },
  {
    name: 'another time than was signed',
    headers: {
      ...fresh,
      'webhook-timestamp': String(Number(fresh['webhook-timestamp']) + 1),
      'x-webhook-timestamp': String(Number(fresh['x-webhook-timestamp']) + 1),
    },
    body,
    expected: 'false false false',
  },
  {
    name: 'no signature',
    headers: { ...fresh, 'webhook-signature': '', 'x-webhook-signature': '' },
    body,
    expected: 'false false false',
  },
];

const columns = [
  'webhook-id',
  'webhook-timestamp',
  'webhook-signature',
  'x-webhook-timestamp',
  'x-webhook-signature',
];

/** One vector per line: headers in the order of `columns`, then the body in base64. */
const lines = vectors
  .map(({ headers, body: bytes }) =>
    [...columns.map((name) => headers[name]), bytes.toString('base64')].join('\t'),
  )
  .join('\n');

/** What the page has for a language, and in its part on Ed25519. */
function codeOf(language: string, about = ''): string {
  const found = new RegExp(`\`\`\`${language}${about}\n([^]*?)\`\`\``).exec(page)?.[1];
  if (found === undefined) throw new Error(`docs/verifying.md has no code of ${language}${about}`);
  return found;
}

function write(name: string, text: string): void {
  mkdirSync(join(folder, name, '..'), { recursive: true });
  writeFileSync(join(folder, name), text);
}

/** What a program says of each vector. */
function judge(command: string, args: readonly string[], cwd = folder): string[] {
  const environment = { GOFLAGS: '-mod=mod', GOPROXY: 'off', GOTOOLCHAIN: 'local' };
  const output = execFileSync(command, args, {
    cwd,
    input: `${secret}\t${publicKey}\n${lines}\n`,
    env: { ...process.env, ...environment },
    encoding: 'utf8',
  });
  return output.trim().split('\n');
}

const isThere = (command: string): boolean => spawnSync(command, ['--help']).error === undefined;

const expected = vectors.map((vector) => vector.expected);
/** Of a page that has no code of Ed25519 in a language. */
const expectedOfTwo = expected.map((text) => text.split(' ').slice(0, 2).join(' '));

test('the code in TypeScript', () => {
  write('verify.ts', codeOf('ts'));
  write('ed25519.ts', codeOf('ts', ' ed25519'));
  write(
    'main.ts',
    `import { readFileSync } from 'node:fs';
     import { verifyStandard, verifyPlatform } from './verify.ts';
     import { verifyEd25519 } from './ed25519.ts';
     const [[secret, key], ...rows] = readFileSync(0, 'utf8').trim().split('\\n').map((line) => line.split('\\t'));
     const names = ${JSON.stringify(columns)};
     for (const row of rows) {
       const headers = Object.fromEntries(names.map((name, index) => [name, row[index]]));
       const body = Buffer.from(row[5], 'base64');
       const checks = [verifyStandard(secret, headers, body), verifyPlatform(secret, headers, body), verifyEd25519(key, headers, body)];
       console.log(checks.join(' '));
     }`,
  );
  const main = join(folder, 'main.ts');
  const plain = judge(process.execPath, ['--import', 'tsx', main], process.cwd());
  expect(plain).toEqual(expected);
});

test.skipIf(!isThere('python3'))('the code in Python (skipped where there is no python3)', () => {
  write('verify.py', codeOf('python'));
  write(
    'main.py',
    [
      'import base64, sys',
      'from verify import verify_standard, verify_platform',
      'head, *rows = [line.rstrip("\\n").split("\\t") for line in sys.stdin]',
      `names = ${JSON.stringify(columns)}`,
      'for row in rows:',
      '    headers = dict(zip(names, row))',
      '    body = base64.b64decode(row[5])',
      '    print(*[str(check(head[0], headers, body)).lower() for check in (verify_standard, verify_platform)])',
    ].join('\n'),
  );
  expect(judge('python3', ['main.py'])).toEqual(expectedOfTwo);
});

test.skipIf(!isThere('go'))(
  'the code in Go (skipped where there is no go)',
  () => {
    write('go/go.mod', 'module example.test/verifying\n\ngo 1.21\n');
    write('go/webhook/verify.go', codeOf('go'));
    write('go/webhook/ed25519.go', codeOf('go', ' ed25519'));
    write(
      'go/main.go',
      `package main
       import ("bufio"; "encoding/base64"; "fmt"; "net/http"; "os"; "strings"; "example.test/verifying/webhook")
       func main() {
         lines := bufio.NewScanner(os.Stdin)
         lines.Scan()
         keys := strings.Split(lines.Text(), "\\t")
         names := []string{${columns.map((name) => JSON.stringify(name)).join(', ')}}
         for lines.Scan() {
           row := strings.Split(lines.Text(), "\\t")
           header := http.Header{}
           for i, name := range names { header.Set(name, row[i]) }
           body, _ := base64.StdEncoding.DecodeString(row[5])
           fmt.Println(webhook.VerifyStandard(keys[0], header, body), webhook.VerifyPlatform(keys[0], header, body), webhook.VerifyEd25519(keys[1], header, body))
         }
       }`,
    );
    expect(judge('go', ['run', '.'], join(folder, 'go'))).toEqual(expected);
  },
  180_000,
);

test.skipIf(!isThere('java'))(
  'the code in Java (skipped where there is no java)',
  () => {
    const code = codeOf('java');
    const [imports = '', rest = ''] = code.split('\nfinal class ');
    write(
      'Main.java',
      `${imports}
       import java.io.*; import java.util.*;
       public class Main {
         public static void main(String[] args) throws Exception {
           BufferedReader in = new BufferedReader(new InputStreamReader(System.in));
           String secret = in.readLine().split("\\t")[0];
           String[] names = {${columns.map((name) => JSON.stringify(name)).join(', ')}};
           for (String line = in.readLine(); line != null; line = in.readLine()) {
             String[] row = line.split("\\t", -1);
             Map<String, String> headers = new HashMap<>();
             for (int i = 0; i < names.length; i++) headers.put(names[i], row[i]);
             byte[] body = Base64.getDecoder().decode(row[5]);
             System.out.println(Webhooks.verifyStandard(secret, headers, body) + " " + Webhooks.verifyPlatform(secret, headers, body));
           }
         }
       }
       final class ${rest}`,
    );
    expect(judge('java', ['Main.java'])).toEqual(expectedOfTwo);
  },
  120_000,
);

test.skipIf(!isThere('openssl'))('the code for a shell (skipped where there is no openssl)', () => {
  write('body', body.toString());
  const printed = execFileSync('sh', ['-c', codeOf('sh')], {
    cwd: folder,
    encoding: 'utf8',
    env: {
      PATH: process.env['PATH'],
      SECRET: secret,
      ID: fresh['webhook-id'],
      T: fresh['webhook-timestamp'],
    },
  });
  const [standard, platform] = printed.trim().split('\n');
  expect(fresh['webhook-signature']?.split(' ')).toContain(standard);
  expect(fresh['x-webhook-signature']).toBe(platform);
});
