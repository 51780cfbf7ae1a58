import assert from 'node:assert/strict';
import { opens } from '../../src/content/bytes.ts';
import { OciError } from '../../src/errors.ts';
import { describe as describeBytes } from '../../src/oci/descriptor.ts';
import { mediaTypes } from '../../src/oci/mediaTypes.ts';
import { type FakeRegistry, type Override, startFakeRegistry } from '../support/fakeRegistry.ts';
import { testIo } from '../support/io.ts';
import { faults } from './faults.ts';
import { openRegistry } from './open.ts';

const blob = Buffer.from('the bytes of a layer');
const descriptor = describeBytes(blob, mediaTypes.layer);

/** Pushes with a fault at the given request, and says what came of it; whatever it is, it must be true. */
async function outcomeOf(
  fault: Override,
  at: number,
  chunkMinLength: number,
): Promise<'done' | 'failed' | 'not reached'> {
  const fake: FakeRegistry = await startFakeRegistry(chunkMinLength > 0 ? { chunkMinLength } : {});
  try {
    fake.override = (request, next) => {
      if (fake.requests.length !== at) return next();
      return fault(request, next);
    };
    const repository = openRegistry(fake.host, { chunkSize: 1 }).repository('app');
    const failure = await repository.push(descriptor, opens(blob), testIo()).catch((error: unknown) => error);
    const stored = fake.repositories.get('app')?.blobs.get(descriptor.digest)?.equals(blob) ?? false;
    if (failure === undefined) assert.equal(stored, true, 'it said it was done and was not');
    else assert.ok(failure instanceof OciError, 'an error of another kind');
    assert.ok(fake.requests.length <= 25, `${fake.requests.length} requests`);
    if (fake.requests.length < at) return 'not reached';
    return failure === undefined ? 'done' : 'failed';
  } finally {
    await fake.stop();
  }
}

describe('uploadBlob with one fault at any request', () => {
  for (const [shape, chunkMinLength] of [
    ['in one piece', 0],
    ['in chunks', 8],
  ] as const) {
    for (const [name, fault, transient] of faults) {
      it(`102: ${shape}: never says "done" untruly after ${name}${transient ? ', and recovers' : ''}`, async () => {
        for (let at = 1; at < 20; at++) {
          const outcome = await outcomeOf(fault, at, chunkMinLength);
          if (outcome === 'not reached') break;
          // Opening the upload is repeated by the connection, which repeats nothing here.
          if (transient && at > 1) assert.equal(outcome, 'done', `at request ${at}`);
        }
      });
    }
  }
});
