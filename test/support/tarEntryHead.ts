import type { EstargzFile } from './estargz.ts';

const typeFlags = { reg: '0', hardlink: '1', symlink: '2', char: '3', block: '4', dir: '5', fifo: '6' } as const;

/** The header of one entry of a tar: ustar, with PAX records before it where a name is long or there are attributes. */
export function tarEntryHead(file: EstargzFile): Buffer {
  const { name, linkname = '', xattrs = {} } = file;
  const records = Object.entries(xattrs).map(([key, value]) => record(`SCHILY.xattr.${key}`, value));
  if (Buffer.byteLength(name) > 100) records.push(record('path', name));
  if (Buffer.byteLength(linkname) > 100) records.push(record('linkpath', linkname));
  const own = header(file, typeFlags[file.type ?? 'reg'], file.content?.length ?? 0);
  if (records.length === 0) return own;
  const pax = Buffer.concat(records);
  const filled = Buffer.alloc(Math.ceil(pax.length / 512) * 512);
  pax.copy(filled);
  return Buffer.concat([header({ name: 'PaxHeaders/x', mode: 0o644 }, 'x', pax.length), filled, own]);
}

function record(key: string, value: string): Buffer {
  const rest = Buffer.byteLength(` ${key}=${value}\n`);
  let length = rest + 1;
  while (String(length).length + rest !== length) length = String(length).length + rest;
  return Buffer.from(`${length} ${key}=${value}\n`);
}

function header(file: EstargzFile, typeFlag: string, size: number): Buffer {
  const { name, mode = 0o644, uid = 0, gid = 0, mtime = 0, linkname = '', device } = file;
  const bytes = Buffer.alloc(512);
  bytes.write(name, 0, 100);
  bytes.write(`${octal(mode, 7)}${octal(uid, 7)}${octal(gid, 7)}${octal(size, 11)}${octal(mtime, 11)}`, 100);
  bytes.write(' '.repeat(8), 148);
  bytes.write(typeFlag, 156);
  bytes.write(linkname, 157, 100);
  bytes.write('ustar\x0000', 257);
  if (device !== undefined) bytes.write(octal(device.major, 7) + octal(device.minor, 7), 329);
  const sum = bytes.reduce((total, byte) => total + byte, 0);
  bytes.write(`${octal(sum, 6)} `, 148);
  return bytes;
}

function octal(value: number, digits: number): string {
  return `${value.toString(8).padStart(digits, '0')}\0`;
}
