import fc from 'fast-check';
import { summed } from './tarWriter.ts';

/** Changes bytes, whole fields and blocks of a tar; header blocks get their checksum right again, or it would all end there. */
export const mutations: fc.Arbitrary<(tar: Buffer) => Buffer> = fc
  .tuple(
    fc.array(fc.tuple(fc.nat(), fc.nat(511), fc.uint8Array({ minLength: 1, maxLength: 12 }), fc.boolean()), {
      maxLength: 6,
    }),
    fc.option(fc.nat()),
    fc.option(fc.tuple(fc.nat(), fc.nat(), fc.constantFrom(512, 512, 513, 100))),
  )
  .map(([edits, cut, move]) => (tar) => {
    let changed: Buffer = Buffer.from(tar);
    for (const [block, at, bytes, repair] of edits)
      changed = edited(changed, (block * 512) % (changed.length || 1), at, bytes, repair);
    if (move !== null) changed = moved(changed, move);
    return cut === null ? changed : changed.subarray(0, cut % (changed.length + 1));
  });

function edited(tar: Buffer, block: number, at: number, bytes: Uint8Array, repair: boolean): Buffer {
  const start = block - (block % 512);
  tar.set(bytes.subarray(0, Math.max(0, tar.length - start - at)), Math.min(tar.length, start + at));
  const header = tar.subarray(start, start + 512);
  if (repair && header.length === 512) summed(header);
  return tar;
}

/** Takes a piece out and puts it elsewhere. */
function moved(tar: Buffer, [from, to, length]: readonly [number, number, number]): Buffer {
  const start = (from * 512) % (tar.length || 1);
  const piece = tar.subarray(start, start + length);
  const rest = Buffer.concat([tar.subarray(0, start), tar.subarray(start + length)]);
  const place = (to * 512) % (rest.length || 1);
  return Buffer.concat([rest.subarray(0, place), piece, rest.subarray(place)]);
}
