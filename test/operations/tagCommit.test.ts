import assert from 'node:assert/strict';
import { OciError } from '../../src/errors.ts';
import { digestOf } from '../../src/oci/digest.ts';
import { writeTag } from '../../src/operations/tagCommit.ts';
import { testIo } from '../support/io.ts';

const [digest, old] = [digestOf(Buffer.from('new')), digestOf(Buffer.from('old'))];

/** A registry that loses the acknowledgement of what it did, and then calls the tag absent. */
const target = { resolve: () => Promise.reject(new OciError('not-found', 'no such tag')) };
const put = (): Promise<void> => Promise.reject(new OciError('unavailable', 'the connection broke'));

describe('writeTag', () => {
  it('95: leaves it to the registry to say that there is no tag after a failure', async () => {
    const change = { doing: 'Copying', tag: 'v1', digest, old: undefined };
    await assert.rejects(writeTag(target, change, put, testIo()), {
      message: 'Copying failed: the connection broke. The registry says that there is no tag v1.',
    });
  });

  it('95: says what a tag named that the registry calls gone', async () => {
    const message = new RegExp(`The registry says that the tag v1 is gone, which named ${old} when this began`);
    await assert.rejects(writeTag(target, { doing: 'Copying', tag: 'v1', digest, old }, put, testIo()), { message });
  });
});
