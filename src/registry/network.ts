import { BlockList, isIP } from 'node:net';

/** Which kind of network an address is on. `reserved` is no destination: unspecified, multicast, future use. */
export type NetworkClass = 'public' | 'private' | 'loopback' | 'link-local' | 'reserved';

const subnets: readonly (readonly [NetworkClass, string, number, 'ipv4' | 'ipv6'])[] = [
  ['loopback', '127.0.0.0', 8, 'ipv4'],
  ['loopback', '::1', 128, 'ipv6'],
  ['link-local', '169.254.0.0', 16, 'ipv4'],
  // Cloud metadata services answer here too.
  ['link-local', '192.0.0.0', 24, 'ipv4'],
  ['link-local', 'fe80::', 10, 'ipv6'],
  ['private', '10.0.0.0', 8, 'ipv4'],
  ['private', '172.16.0.0', 12, 'ipv4'],
  ['private', '192.168.0.0', 16, 'ipv4'],
  ['private', '100.64.0.0', 10, 'ipv4'],
  ['private', '198.18.0.0', 15, 'ipv4'],
  ['private', 'fc00::', 7, 'ipv6'],
  ['private', 'fec0::', 10, 'ipv6'],
  ['private', '64:ff9b:1::', 48, 'ipv6'],
  ['reserved', '0.0.0.0', 8, 'ipv4'],
  ['reserved', '224.0.0.0', 3, 'ipv4'],
  ['reserved', '::', 128, 'ipv6'],
  ['reserved', 'ff00::', 8, 'ipv6'],
];

const lists = new Map<NetworkClass, BlockList>();
for (const [name, net, prefix, family] of subnets) {
  const list = lists.get(name) ?? new BlockList();
  lists.set(name, list);
  list.addSubnet(net, prefix, family);
}

/**
 * The network of a URL's hostname or of an IP address; undefined for a name that only the resolver can tell.
 * IPv4 addresses inside IPv6 ones (mapped, compatible, NAT64, 6to4) count as what they are.
 */
export function networkClass(host: string): NetworkClass | undefined {
  const bare = bareHost(host);
  if (bare === 'localhost' || bare.endsWith('.localhost')) return 'loopback';
  const family = isIP(bare);
  if (family === 0) return undefined;
  const address = family === 6 ? (embeddedIPv4(bare) ?? bare) : bare;
  const kind = isIP(address) === 6 ? 'ipv6' : 'ipv4';
  for (const [name, list] of lists) if (list.check(address, kind)) return name;
  return 'public';
}

/** True for 127.0.0.0/8, ::1, `localhost` and names below it, of a URL's hostname or `host[:port]`. */
export function isLoopback(host: string): boolean {
  return networkClass(host.replace(/:[0-9]+$/, '')) === 'loopback';
}

function bareHost(host: string): string {
  return host
    .toLowerCase()
    .replace(/^\[(.*)\]$/, '$1')
    .replace(/%.*$/, '')
    .replace(/\.+$/, '');
}

function embeddedIPv4(address: string): string | undefined {
  const words = hextets(address);
  const zeros = words.findIndex((word) => word !== 0);
  const inLast = (zeros === 5 && words[5] === 0xffff) || zeros === 6 || (words[0] === 0x64 && words[1] === 0xff9b);
  if (inLast && !(words[0] === 0x64 && words.slice(2, 6).some((word) => word !== 0))) return dotted(words[6], words[7]);
  return words[0] === 0x2002 ? dotted(words[1], words[2]) : undefined;
}

/** The eight 16-bit words of an IPv6 address; URL gives every spelling its one short form. */
function hextets(address: string): readonly number[] {
  const [head = '', tail] = new URL(`http://[${address}]/`).hostname.slice(1, -1).split('::');
  const words = (text: string): number[] => (text === '' ? [] : text.split(':').map((word) => parseInt(word, 16)));
  const [first, last] = [words(head), words(tail ?? '')];
  return [...first, ...new Array<number>(8 - first.length - last.length).fill(0), ...last];
}

function dotted(high = 0, low = 0): string {
  return [high >> 8, high & 255, low >> 8, low & 255].join('.');
}
