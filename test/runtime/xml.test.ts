import { describe, expect, test } from 'vitest';
import { parseXml } from '../../src/runtime/xml.ts';

describe('parseXml()', () => {
  test('makes an object of strings of the children of the root', () => {
    const text = `<?xml version="1.0" encoding="UTF-8"?>
      <xml><!-- a comment -->
        <MsgId>7654321098765432101</MsgId><Flag>true</Flag><Hex>0x1F</Hex><Zero>007</Zero>
        <Key></Key><Empty/><Blank><![CDATA[]]></Blank><中文>标签</中文>
        <Items><Item><Name>a</Name></Item><Item/><Item>c</Item></Items>
      </xml>
      <?done yes?>`;
    expect(parseXml(text)).toEqual({
      MsgId: '7654321098765432101',
      Flag: 'true',
      Hex: '0x1F',
      Zero: '007',
      Key: '',
      Empty: '',
      Blank: '',
      中文: '标签',
      Items: { Item: [{ Name: 'a' }, '', 'c'] },
    });
  });

  test.each([
    ['blanks of a leaf', ' a ', ' a '],
    ['only blanks', '  ', '  '],
    ['the five entities', '&lt;&gt;&amp;&quot;&apos;', `<>&"'`],
    ['numeric entities', '&#20013;&#x4E2d;&#x1F600;&#00065;', '中中😀A'],
    ['an entity once', '&amp;lt;', '&lt;'],
    ['CDATA verbatim', '<![CDATA[<b>&amp;&none; ]] ]>]]>', '<b>&amp;&none; ]] ]>'],
    ['CDATA made of entities', '&lt;![CDATA[x]]&gt;', '<![CDATA[x]]>'],
    ['text beside CDATA', 'a<![CDATA[b]]>c<![CDATA[]]>', 'abc'],
    ['line ends', 'a\r\nb\rc<![CDATA[\r\n]]>', 'a\nb\nc\n'],
    ['a line end as entity', '&#13;&#xD;', '\r\r'],
    ['text around a comment', 'a<!-- &none; <x> -->b', 'ab'],
    ['text around an instruction', `a<?php it's &none; ?>b`, 'ab'],
  ])('keeps %s', (_, content, value) => {
    expect(parseXml(`<x><a>${content}</a></x>`)).toEqual({ a: value });
  });

  test('takes names that mean something to JavaScript as any other', () => {
    const names = ['__proto__', '_proto__', 'constructor', 'toString', 'e.a'];
    const value = parseXml(`<x>${names.map((name) => `<${name}>v</${name}>`).join('')}</x>`);
    expect(Object.entries(value ?? {})).toEqual(names.map((name) => [name, 'v']));
    expect(({} as { v?: string }).v).toBeUndefined();
  });

  test('keeps text beside elements, and drops blanks and attributes', () => {
    expect(parseXml('<x a="1" b = \'>\'>t <a c="&lt;"/>\n</x>')).toEqual({
      a: '',
      '#text': 't \n',
    });
    expect(parseXml('<x>t</x>')).toEqual({ '#text': 't' });
    expect(parseXml('<x> \n </x>')).toEqual({});
  });

  test.each([
    ['an element that is not closed', '<x><a></x>', '<x><a/></x>'],
    ['elements that cross', '<x><a><b></a></b></x>', '<x><a><b></b></a></x>'],
    ['two roots', '<x></x><x></x>', '<x></x>'],
    ['two empty roots', '<x/><y/>', '<x/>'],
    ['text before the root', 'a<x/>', ' <x/>'],
    ['text after the root', '<x/>a', '<x/>\n'],
    ['CDATA after the root', '<x/><![CDATA[]]>', '<x><![CDATA[]]></x>'],
    ['no root', '<!-- x -->', '<!-- x --><x/>'],
    ['nothing', '', '<x/>'],
    ['a DOCTYPE', '<!DOCTYPE x><x/>', '<x/>'],
    ['a DOCTYPE inside', '<x><!DOCTYPE x></x>', '<x>DOCTYPE x</x>'],
    ['an entity of a DOCTYPE', '<!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>', '<x>a</x>'],
    ['an unknown entity', '<x>&nbsp;</x>', '<x>&amp;</x>'],
    ['an entity in capitals', '<x>&LT;</x>', '<x>&lt;</x>'],
    ['a bare &', '<x>a & b</x>', '<x>a &amp; b</x>'],
    ['an unknown entity in an attribute', '<x a="&a;"/>', '<x a="&lt;"/>'],
    ['a reference to NUL', '<x>&#0;</x>', '<x>&#9;</x>'],
    ['a reference to half a pair', '<x>&#xD83D;</x>', '<x>&#x1F600;</x>'],
    ['a reference beyond Unicode', '<x>&#x110000;</x>', '<x>&#x10FFFF;</x>'],
    ['a reference without digits', '<x>&#;</x>', '<x>&#65;</x>'],
    ['a capital X', '<x>&#X41;</x>', '<x>&#x41;</x>'],
    ['a control character', '<x>\u0001</x>', '<x>\t</x>'],
    ['"]]>" in text', '<x>]]></x>', '<x>]]&gt;</x>'],
    ['"--" in a comment', '<x><!-- a--b --></x>', '<x><!-- a-b --></x>'],
    ['an open comment', '<x/><!-- ', '<x/><!-- -->'],
    ['open CDATA', '<x><![CDATA[</x>', '<x><![CDATA[]]></x>'],
    ['"<" in an attribute', '<x a="<"/>', '<x a=">"/>'],
    ['an attribute twice', '<x a="" a=""/>', '<x a="" b=""/>'],
    ['an attribute without value', '<x a/>', '<x a=""/>'],
    ['attributes side by side', '<x a=""b=""/>', '<x a="" b=""/>'],
    ['a blank before a name', '< x/>', '<x />'],
    ['a digit before a name', '<1/>', '<x1/>'],
    ['a late declaration', ' <?xml version="1.0"?><x/>', '<?xml version="1.0"?> <x/>'],
    ['a BOM that is not the first', '\uFEFF<x/>', '<x/>'],
  ])('refuses %s', (_, refused, accepted) => {
    expect(parseXml(refused)).toBeUndefined();
    expect(parseXml(accepted)).toBeDefined();
  });

  const nested = (levels: number) => `${'<a>'.repeat(levels)}${'</a>'.repeat(levels)}`;

  test('takes 64 levels and refuses 65', () => {
    expect(parseXml(nested(64))).toBeDefined();
    expect(parseXml(nested(65))).toBeUndefined();
  });

  test.each([
    ['tags', '<a/>'],
    ['references', '&lt;'],
    ['line ends', '\r\n'],
    ['open tags', '<a>'],
    ['attributes', '<a a="b" '],
    ['open instructions', '<?a '],
  ])('refuses megabytes of %s', (_, part) => {
    expect(parseXml(`<x>${part.repeat(4_000_000 / part.length)}</x>`)).toBeUndefined();
  });
});
