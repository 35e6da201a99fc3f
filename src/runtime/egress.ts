import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';

/** Addresses that belong to nobody on the public internet, or that tunnel to such (reliability of `range()` alone: `::/96` passes it). */
const blockedV6 = [
  '::/96',
  '64:ff9b::/96',
  '64:ff9b:1::/48',
  '100::/64',
  '2001::/23',
  '2001:db8::/32',
  '2002::/16',
  '3fff::/20',
  '5f00::/16',
  'fc00::/7',
  'fe80::/10',
  'fec0::/10',
  'ff00::/8',
].map((range) => ipaddr.IPv6.parseCIDR(range));

/** Cloud metadata: reachable only by someone who names the very range, never through a wider one. */
const metadataRanges = [
  { range: ipaddr.IPv4.parseCIDR('169.254.0.0/16'), bitsMin: 16 },
  { range: ipaddr.IPv6.parseCIDR('fd00:ec2::/32'), bitsMin: 32 },
] as const;

const urlLengthMax = 2048;

/** Always this machine (RFC 6761). */
const loopbackName = /^(.+\.)?localhost$/;

/** Names that no public resolver knows: reachable only where the operator allows something. */
const privateName = /^[^.]+$|\.(internal|local|home\.arpa)$/;

type Address = ipaddr.IPv4 | ipaddr.IPv6;
type Range = [Address, number];

/** What deliveries may reach. */
export interface Egress {
  /** Why a URL can't be an endpoint's, or `undefined`. Its address is judged at each connection, not here. */
  refuseUrl(raw: string): string | undefined;
  /** As `refuseUrl`, and why the address that stands in a URL may not be reached. A name is judged at each connection. */
  readonly refuseTarget: (raw: string) => string | undefined;
  /**
   * The address to connect to for a host name or literal.
   *
   * @throws EgressBlocked when any address of it may not be reached
   */
  resolve(host: string): Promise<string>;
}

/** The reason is the same for every blocked address, so that nobody maps our network with it. */
export class EgressBlocked extends Error {
  override readonly name = 'EgressBlocked';

  constructor() {
    super('The address is not allowed: it is not on the public internet');
  }
}

/**
 * Let only the public internet through, and what the operator allowed.
 *
 * @param allow - CIDRs, addresses or exact host names (`EGRESS_ALLOW`)
 * @param resolveName - every address of a name; once per connection
 */
export function makeEgress(
  allow: readonly string[],
  resolveName: (name: string) => Promise<readonly string[]> = addressesOf,
): Egress {
  const { ranges, names } = parseAllowed(allow);
  return {
    refuseUrl,
    refuseTarget(raw) {
      const why = refuseUrl(raw);
      if (why !== undefined) return why;
      const name = new URL(raw).hostname.replace(/^\[|\]$|\.$/g, '').toLowerCase();
      const address = loopbackName.test(name) ? '127.0.0.1' : name;
      const isAllowed =
        isIP(address) === 0
          ? allow.length > 0 || !privateName.test(name)
          : isReachable(address, { ranges, isNameAllowed: names.has(name) });
      return isAllowed ? undefined : new EgressBlocked().message;
    },
    async resolve(host) {
      const name = host.replace(/^\[|\]$/g, '').toLowerCase();
      const addresses = isIP(name) === 0 ? await resolveName(name) : [name];
      const [first] = addresses;
      if (first === undefined) throw new EgressBlocked();
      const allowed = { ranges, isNameAllowed: names.has(name) };
      if (!addresses.every((address) => isReachable(address, allowed))) throw new EgressBlocked();
      return first;
    },
  };
}

/** IPv4 first: one address is tried, and not every host reaches IPv6. */
async function addressesOf(name: string): Promise<string[]> {
  return (await lookup(name, { all: true, verbatim: false })).map(({ address }) => address);
}

function parseAllowed(allow: readonly string[]): { ranges: Range[]; names: Set<string> } {
  const ranges: Range[] = [];
  const names = new Set<string>();
  for (const item of allow) {
    if (item.includes('/')) ranges.push(ipaddr.parseCIDR(item));
    else if (isIP(item) !== 0) ranges.push(single(ipaddr.parse(item)));
    else names.add(item.toLowerCase());
  }
  return { ranges, names };
}

function single(address: Address): Range {
  return [address, address.kind() === 'ipv4' ? 32 : 128];
}

interface Allowed {
  readonly ranges: readonly Range[];
  /** The name was allowed: whatever it answers, but never metadata. */
  readonly isNameAllowed: boolean;
}

function isReachable(text: string, { ranges, isNameAllowed }: Allowed): boolean {
  const address = ipaddr.process(text); // Folds IPv4-mapped addresses to IPv4.
  for (const { range, bitsMin } of metadataRanges) {
    if (isWithin(address, range)) return isNamed(address, ranges, bitsMin);
  }
  return isNameAllowed || isNamed(address, ranges, 0) || isPublic(address);
}

function isNamed(address: Address, allowed: readonly Range[], bitsMin: number): boolean {
  return allowed.some((range) => range[1] >= bitsMin && isWithin(address, range));
}

function isPublic(address: Address): boolean {
  if (address.range() !== 'unicast') return false;
  return !blockedV6.some((range) => isWithin(address, range));
}

function isWithin(address: Address, [network, bits]: Range): boolean {
  return address.kind() === network.kind() && address.match(network, bits);
}

function refuseUrl(raw: string): string | undefined {
  if (raw.length > urlLengthMax) return `The URL is longer than ${urlLengthMax} characters`;
  // URL parsing drops these in silence: what was checked would not be what was meant.
  // oxlint-disable-next-line no-control-regex -- they are what is refused
  if (/[\u0000-\u0020\u007f\\]/.test(raw))
    return 'The URL has blanks, control characters or a backslash';
  if (!/^https?:\/\//i.test(raw)) return 'The URL must begin with http:// or https://';
  if (!URL.canParse(raw)) return 'The URL can not be parsed';
  const url = new URL(raw);
  if (url.username !== '' || url.password !== '')
    return 'The URL must not carry a user or password';
  return undefined;
}
