import assert from 'node:assert/strict';
import fc from 'fast-check';
import { TarCheck } from '../../src/archive/tarCheck.ts';
import { tarOf } from '../support/seededImage.ts';

interface Lie {
  readonly name?: string;
  readonly type?: string;
  /** What stands in the size field. */
  readonly size?: string;
}

/** A header, right but for what it is told to lie about. */
function header({ name = 'f', type = '0', size = '00000000000' }: Lie): Buffer {
  const bytes = Buffer.alloc(512);
  bytes.write(name, 0, 100);
  bytes.write('0000644\0' + '0000000\0' + '0000000\0', 100);
  bytes.write(`${size}\0`, 124, 'latin1');
  bytes.write('00000000000\0' + ' '.repeat(8) + type, 136);
  bytes.write('ustar\x0000', 257);
  const sum = bytes.reduce((total, byte) => total + byte, 0);
  bytes.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return bytes;
}

const end = Buffer.alloc(1024);
const body = Buffer.alloc(512, 'x');
const octal = (size: number): string => size.toString(8).padStart(11, '0');

function padded(text: string): Buffer {
  return Buffer.concat([Buffer.from(text), Buffer.alloc((512 - (text.length % 512)) % 512)]);
}

function count(tar: Uint8Array, pieces = tar.length): number {
  const check = new TarCheck();
  for (let at = 0; at < tar.length; at += pieces) check.push(tar.subarray(at, at + pieces));
  check.end();
  return check.entries;
}

function refuses(tar: Uint8Array, code: string, message?: RegExp): void {
  assert.throws(() => count(tar), { code, ...(message === undefined ? {} : { message }) });
}

describe('TarCheck', () => {
  it('counts entries, however the stream is cut', () => {
    const tar = Buffer.concat([header({ size: octal(700) }), body, body, header({ type: '5' }), header({}), end]);
    for (const pieces of [1, 100, 512, 513, tar.length]) assert.equal(count(tar, pieces), 3);
  });

  for (const type of ['1', '2', '3', '4', '5', '6']) {
    it(`170: takes type ${type} for a header only, whatever its size says`, () => {
      assert.equal(count(Buffer.concat([header({ type, size: octal(512) }), header({}), end])), 2);
    });
  }

  it('172: refuses a size that is none', () => {
    for (const size of ['-0000001024', '0x000000200', '00000000009']) refuses(header({ size }), 'corrupt-archive');
    const negative = header({ size: '\xff'.repeat(11) });
    refuses(negative, 'corrupt-archive');
    refuses(header({ size: `\x80\0\0\0\xff\xff\xff\xff\xff\xff\xff` }), 'corrupt-archive');
  });

  it('172: reads sizes in base 256', () => {
    const tar = Buffer.concat([header({ size: `\x80${'\0'.repeat(9)}\x02` }), header({})]);
    tar.writeUInt8(0, 135);
    const sum = [...tar.subarray(0, 512)].reduce((total, byte, at) => total + (at >= 148 && at < 156 ? 32 : byte), 0);
    tar.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
    const size = Number(tar.readBigUInt64BE(128));
    assert.equal(size, 512);
    assert.equal(count(Buffer.concat([tar.subarray(0, 512), body, header({}), end])), 2);
  });

  it('177: takes the size of a PAX record for that of the next entry only', () => {
    const record = '12 size=600\n';
    const pax = Buffer.concat([header({ type: 'x', size: octal(record.length) }), padded(record)]);
    assert.equal(count(Buffer.concat([pax, header({ size: octal(0) }), body, body, header({}), end])), 2);
  });

  it('175: does not take a size from a global PAX record', () => {
    const record = '12 size=600\n';
    const pax = Buffer.concat([header({ type: 'g', size: octal(record.length) }), padded(record)]);
    assert.equal(count(Buffer.concat([pax, header({}), header({}), end])), 2);
  });

  it('178: refuses a PAX record of 300 MiB by its header', () => {
    refuses(header({ type: 'x', size: octal(300 << 20) }), 'too-large');
  });

  it('182: stops at the end of the archive', () => {
    assert.equal(count(Buffer.concat([header({}), end, header({}), Buffer.from('junk')])), 1);
  });

  it('183: accepts an archive without end blocks, and refuses one cut in an entry', () => {
    const tar = tarOf('file', Buffer.alloc(1000));
    assert.equal(count(tar.subarray(0, 512 + 1024)), 1);
    refuses(tar.subarray(0, 512 + 1000), 'corrupt-archive', /cut short at byte 1512/);
    refuses(tar.subarray(0, 300), 'corrupt-archive', /cut short at byte 300/);
    refuses(header({ type: 'x', size: octal(100) }), 'corrupt-archive', /cut short/);
  });

  it('184: names the place of a header with a wrong checksum', () => {
    const bad = header({ name: 'x' });
    bad.write('y', 0);
    refuses(Buffer.concat([header({}), bad, end]), 'corrupt-archive', /the header at byte 512 is not one/);
  });

  it('194: refuses what is no tar', () => {
    refuses(Buffer.from('{"a":1}'.repeat(200)), 'corrupt-archive', /the header at byte 0 is not one/);
    refuses(new Uint8Array(0), 'corrupt-archive', /it is empty/);
  });

  it('throws nothing but its own errors, whatever is changed', () => {
    const tar = Buffer.concat([tarOf('a', Buffer.alloc(600)).subarray(0, 1536), tarOf('b', Buffer.alloc(10))]);
    const edit = fc.tuple(fc.nat(tar.length - 1), fc.nat(255));
    const property = fc.property(fc.array(edit, { maxLength: 8 }), fc.nat(tar.length), (edits, length) => {
      const changed = Buffer.from(tar.subarray(0, length));
      for (const [at, byte] of edits) if (at < changed.length) changed.writeUInt8(byte, at);
      try {
        assert.ok(count(changed) <= 5);
      } catch (error) {
        assert.ok(error instanceof Error && error.name === 'OciError', String(error));
      }
    });
    fc.assert(property, { numRuns: 500, seed: 20_261_305 });
  });
});
