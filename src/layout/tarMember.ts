const block = 512;
const nameBytes = 100;
/** The largest size that the eleven octal digits of a ustar header hold. */
const maxOctal = 0o77777777777;

/** What ends a tar: two blocks of zeros (POSIX ustar). */
export const endOfTar: Uint8Array = Buffer.alloc(2 * block);

/**
 * The header of a file in a tar (POSIX ustar, PAX records for a name or size that does not fit): mode 0644, owner 0:0, dated
 * 1970, so that equal content makes equal archives. The name is ASCII.
 */
export function memberHeader(name: string, size: number): Uint8Array {
  const records: string[] = [];
  if (name.length > nameBytes) records.push(paxRecord('path', name));
  if (size > maxOctal) records.push(paxRecord('size', String(size)));
  const own = header(name.slice(-nameBytes), size > maxOctal ? 0 : size, '0');
  if (records.length === 0) return own;
  const pax = Buffer.from(records.join(''), 'latin1');
  const padding = Buffer.alloc(paddingOf(pax.length));
  return Buffer.concat([header('pax', pax.length, 'x'), pax, padding, own]);
}

/** Bytes of zeros between the content of a member and the next header. */
export function paddingOf(size: number): number {
  return (block - (size % block)) % block;
}

function header(name: string, size: number, typeflag: string): Buffer {
  const bytes = Buffer.alloc(block);
  const fields: readonly (readonly [number, string])[] = [
    [0, name],
    [100, '0000644\0'],
    [108, '0000000\0'],
    [116, '0000000\0'],
    [124, `${size.toString(8).padStart(11, '0')}\0`],
    [136, '00000000000\0'],
    [148, '        '],
    [156, typeflag],
    [257, 'ustar\x0000'],
    [329, '0000000\0'],
    [337, '0000000\0'],
  ];
  for (const [at, text] of fields) bytes.write(text, at, 'latin1');
  const sum = bytes.reduce((total, byte) => total + byte, 0);
  bytes.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  return bytes;
}

/** `LENGTH KEY=VALUE\n`, where the length counts its own digits. */
function paxRecord(key: string, value: string): string {
  const rest = ` ${key}=${value}\n`;
  let length = rest.length;
  while (String(length).length + rest.length !== length) length = String(length).length + rest.length;
  return `${length}${rest}`;
}
