import type { RawRequest } from '../../src/domain/channel.ts';

/**
 * Read a request as it stands on the wire: request line, headers, an empty line, the body.
 *
 * The lines of the head end in CRLF or LF; those that `curl -v` marks with `> ` are taken without the
 * mark. A first line that is no request line is read as a header of a POST. The body is what follows,
 * byte for byte: nothing is taken off its end.
 *
 * @throws Error when there is no empty line, or a line of the head is no header
 */
export function readRawHttp(dump: Buffer): RawRequest {
  const text = dump.toString('latin1');
  const gap = /(?:^|\r?\n)(?:> ?)?\r?\n/.exec(text);
  if (!gap) {
    throw new Error('Cannot read the request: after the headers there must be an empty line');
  }
  const lines = text
    .slice(0, gap.index)
    .split(/\r?\n/)
    .map((line) => line.replace(/^> /, ''))
    .filter((line) => line !== '' && !line.startsWith('* '));
  const [, method, target = ''] = requestLine.exec(lines[0] ?? '') ?? [];
  return {
    method: method ?? 'POST',
    query: target.split('?').slice(1).join('?'),
    headers: (method === undefined ? lines : lines.slice(1)).map(readHeader),
    body: dump.subarray(gap.index + gap[0].length),
  };
}

const requestLine = /^([A-Z]+) (\S+)(?: HTTP\/[\d.]+)?$/;

function readHeader(line: string): readonly [string, string] {
  const [, name, value = ''] = /^([^\s:]+):[ \t]*([^]*)$/.exec(line) ?? [];
  if (name !== undefined) return [name, value];
  throw new Error('Cannot read the request: a line before the empty one is no "Name: value"');
}
