import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatSearch, parseSearch } from '../../console/address.ts';
import { freshIds } from '../../console/api/fresh-ids.ts';
import { nextReadMs } from '../../console/api/refresh.ts';
import { pathOfId } from '../../console/id-path.ts';
import { fieldsOf } from '../../console/pages/event-types/schema-fields.ts';
import { channelOptions } from '../../console/parts/channels.ts';
import { attemptReasons, reasonWords } from '../../console/parts/reason-words.ts';
import { safeUrl } from '../../console/parts/safe-url.ts';
import { relativeWords } from '../../console/parts/time-words.ts';
import { visibleLine, visibleText } from '../../console/parts/visible-text.ts';
import { channelNames } from '../../src/domain/channel.ts';
import { readSources } from '../support/source.ts';

/** What strangers write, as the console shows it, follows it and reads it from an address. */

describe('visibleText()', () => {
  test.each([
    ['invoice\u202Efdp.exe', 'invoice⟨U+202E⟩fdp.exe'],
    ['\u2066a\u2069', '⟨U+2066⟩a⟨U+2069⟩'],
    ['\u001B[31mred\u001B[0m', '⟨U+001B⟩[31mred⟨U+001B⟩[0m'],
    ['\u009B2J', '⟨U+009B⟩2J'],
    ['a\u0000b\u007F', 'a⟨U+0000⟩b⟨U+007F⟩'],
    ['pay\u200Bpal\uFEFF\u00AD', 'pay⟨U+200B⟩pal⟨U+FEFF⟩⟨U+00AD⟩'],
    ['\u{E0041}\uD800', '⟨U+E0041⟩⟨U+D800⟩'],
    ['over\rwritten', 'over⟨U+000D⟩written'],
  ])('names what hides, reorders or commands: %j', (text, shown) => {
    expect(visibleText(text)).toBe(shown);
  });

  test.each(['已完成 ✅', '👩‍👩‍👧', 'a\n\tb', 'שלום', '<b>&amp;'])('leaves %j as it is', (text) => {
    expect(visibleText(text)).toBe(text);
  });

  test('ends lines in one way, and visibleLine() shows them on one', () => {
    expect(visibleText('a\r\nb')).toBe('a\nb');
    expect(visibleLine('a\r\nb\tc')).toBe('a⏎b⇥c');
  });

  test('leaves no control in anything, and takes a megabyte at once', () => {
    const text = fc.string({ unit: 'binary', maxLength: 60 });
    fc.assert(
      fc.property(text, (any) => {
        expect(visibleLine(any)).not.toMatch(/[\p{Cc}\p{Cs}\u202A-\u202E\u2066-\u2069]/u);
      }),
    );
    expect(visibleText('\u202E'.repeat(1_000_000))).toHaveLength(8_000_000);
  });
});

describe('pathOfId()', () => {
  test.each([
    ['evt_0199', '/events/evt_0199'],
    [' dlv_0199-c2 ', '/deliveries/dlv_0199'],
    ['ep_a', '/integrations/webhooks/endpoints/ep_a'],
    ['ses_a', '/sessions/ses_a'],
    ['imp_a', '/imports/imp_a'],
  ])('%j leads to %s', (text, path) => {
    expect(pathOfId(text)).toBe(path);
  });

  test.each([
    '',
    'evt_',
    'xyz_1',
    'constructor_1',
    'evt_../../login',
    'evt_a/b',
    'evt_a?x=1',
    'evt_a#x',
    'evt_%2e%2e',
    'evt_a\nevt_b',
    'evt_a\u0000',
    'evt_\u202Ea',
    'javascript:evt_a',
    `evt_${'a'.repeat(101)}`,
    `evt_${'a'.repeat(1_000_000)}`,
  ])('%j leads nowhere', (text) => {
    expect(pathOfId(text)).toBeUndefined();
  });
});

describe('safeUrl()', () => {
  const origin = 'https://durahook.example';

  test.each([
    ['https://example.com/a?b#c', 'https://example.com/a?b#c'],
    ['HTTP://example.com', 'http://example.com/'],
    ['/temporal/x', 'https://durahook.example/temporal/x'],
  ])('%j is a link', (text, url) => {
    expect(safeUrl(text, origin)).toBe(url);
  });

  test.each([
    'javascript:alert(1)',
    'JaVaScRiPt:alert(1)',
    ' \u0000javascript:alert(1)',
    'java\nscript:alert(1)',
    'javascript://example.com/%0Aalert(1)',
    'data:text/html,<script>alert(1)</script>',
    'vbscript:x',
    'blob:https://durahook.example/1',
    'file:///etc/passwd',
    'https://',
    'http://[',
  ])('%j is text', (text) => {
    expect(safeUrl(text, origin)).toBeUndefined();
  });
});

describe('parseSearch()', () => {
  test('takes the last of a name, and names of objects as any other', () => {
    expect(parseSearch('?a=1&a=2&b=%00%E2%80%AE')).toEqual({ a: '2', b: '\0\u202E' });
    const search = parseSearch('?__proto__=x&constructor=y');
    expect(Object.entries(search)).toEqual([
      ['__proto__', 'x'],
      ['constructor', 'y'],
    ]);
    expect(Object.getPrototypeOf(search)).toBe(Object.prototype);
    expect(parseSearch('?%zz=%&=')).toEqual({ '%zz': '%', '': '' });
  });

  test('reads what formatSearch() wrote, whatever it was', () => {
    const texts = fc.dictionary(
      fc.string({ minLength: 1, unit: 'grapheme' }),
      fc.string({ minLength: 1, unit: 'grapheme' }),
    );
    fc.assert(
      fc.property(texts, (search) => {
        expect(parseSearch(formatSearch(search))).toEqual({ ...search });
      }),
    );
    expect(formatSearch({ a: '', b: undefined, c: 1 })).toBe('');
  });
});

describe('fieldsOf()', () => {
  test('puts a schema into words', () => {
    const properties = {
      url: { type: 'string', format: 'uri' },
      count: { type: 'integer', minimum: 0, maximum: Number.MAX_SAFE_INTEGER },
      share: { type: 'number', minimum: 0, maximum: 1 },
      last: {
        anyOf: [
          { type: 'integer', minimum: Number.MIN_SAFE_INTEGER, maximum: Number.MAX_SAFE_INTEGER },
          { type: 'null' },
        ],
      },
      what: {},
    };
    expect(fieldsOf({ properties, required: ['url'] })).toEqual([
      { name: 'url', type: 'URL', isRequired: true },
      { name: 'count', type: 'whole number, from 0', isRequired: false },
      { name: 'share', type: 'number, from 0 to 1', isRequired: false },
      { name: 'last', type: 'whole number, or null', isRequired: false },
      { name: 'what', type: 'anything', isRequired: false },
    ]);
  });

  test.each([null, undefined, 'x', 1, [], {}, { properties: null }, { properties: 'ab' }])(
    'finds no field in %j',
    (schema) => {
      expect(fieldsOf(schema)).toEqual([]);
    },
  );

  test('is not led astray by odd types', () => {
    const type = { toString: null, valueOf: null };
    const schema = {
      properties: { a: null, b: { type: '__proto__' }, c: { type } },
      required: 'a',
    };
    expect(fieldsOf(schema).map((field) => field.isRequired)).toEqual([false, false, false]);
    expect(fieldsOf(schema).map((field) => field.type)).toEqual([
      'anything',
      'anything',
      'anything',
    ]);
  });
});

describe('reasonWords()', () => {
  test.each(
    `timeout status gone connect dns tls blocked too_large protocol auth interrupted ack_pending
     ack_timeout ack_refused exhausted rate_limited in_flight_limit outage held endpoint_paused
     endpoint_disabled endpoint_deleted event_expired payload_dropped superseded discarded operator
     failing filter_error timed_out`.split(/\s+/),
  )('%s is told in words', (reason) => {
    expect(reasonWords(reason)).toMatch(/^[A-Z][^_]+$/);
  });

  test('why an attempt failed has words, whatever is added, and may be filtered by', () => {
    const file = [...readSources(['activities']).values()].find(({ text }) =>
      text.includes('type FailureReason ='),
    );
    const union = /type FailureReason =([^;]*);/.exec(file?.text ?? '')?.[1] ?? '';
    const reasons = [...union.matchAll(/'(\w+)'/g)].map(([, reason = '']) => reason);
    expect(reasons).toContain('timeout');
    for (const reason of reasons) expect(reasonWords(reason)).not.toBe(reason);
    expect(attemptReasons).toEqual(expect.arrayContaining(reasons));
  });

  test.each([
    ['status 503', 'Answered 503'],
    [
      'filter_error: no such key: total\u202E',
      'The filter of the endpoint has no value for the event: no such key: total⟨U+202E⟩',
    ],
    ['made_up\u0000', 'made_up⟨U+0000⟩'],
  ])('%j reads %j', (reason, words) => {
    expect(reasonWords(reason)).toBe(words);
  });
});

describe('relativeWords()', () => {
  const now = Date.parse('2026-06-01T12:00:00Z');

  test.each([
    [0, 'just now'],
    [-9, 'just now'],
    [4, 'just now'],
    [-11, '11 sec. ago'],
    [20, 'in 20 sec.'],
    [-180, '3 min. ago'],
    [7200, 'in 2 hr.'],
    [-86_400, 'yesterday'],
    [-40 * 86_400, '40 days ago'],
  ])('%i s from now: %s', (seconds, words) => {
    expect(relativeWords(now + seconds * 1000, now)).toBe(words);
  });

  test('of what is no instant says so, for the page that shows it must not fail', () => {
    expect(relativeWords(Date.parse('\u202Esoon'), now)).toBe('at no known time');
    expect(relativeWords(Number.POSITIVE_INFINITY, now)).toBe('at no known time');
  });
});

describe('nextReadMs()', () => {
  test('asks again after a success and after a fault, but not for what does not exist', () => {
    expect(nextReadMs(2000, null)).toBe(2000);
    expect(nextReadMs(2000, { status: 503 })).toBe(2000);
    expect(nextReadMs(2000, { status: 0 })).toBe(2000);
    expect(nextReadMs(2000, { status: 404 })).toBe(false);
    expect(nextReadMs(false, null)).toBe(false);
  });
});

describe('freshIds()', () => {
  test('puts what came in front, once, and forgets what no page shows any more', () => {
    expect(freshIds(['a'], { id: 'b' })).toEqual(['b', 'a']);
    expect(freshIds(['a', 'b'], { id: 'b' })).toEqual(['b', 'a']);
    const many = Array.from({ length: 50 }, (_, index) => `id_${index}`);
    expect(freshIds(many, { id: 'b' })).toEqual(['b', ...many.slice(0, 49)]);
  });

  test.each([undefined, null, 'id', { id: 1 }, {}, [], { topic: 'events' }])(
    'takes nothing from %j',
    (row) => {
      expect(freshIds(['a'], row)).toEqual(['a']);
    },
  );
});

describe('channelOptions', () => {
  test('are all channels, and no page has a list of its own', () => {
    expect(channelOptions.map(({ value }) => value).toSorted()).toEqual(channelNames.toSorted());
    const ownList = [...readSources(['console']).values()].filter(({ text }) =>
      /'gerrit',\s*'lark'/.test(text),
    );
    expect(ownList.map(({ path }) => path)).toEqual([]);
  });
});
