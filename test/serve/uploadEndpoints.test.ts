import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readdir, rm, symlink } from 'node:fs/promises';
import net from 'node:net';
import path from 'node:path';
import { digestOf } from '../../src/oci/digest.ts';
import type { Answer } from '../support/send.ts';
import { image, layerDigest, serveEach, text } from '../support/servedRegistry.ts';

describe('startUpload, appendUpload and finishUpload', () => {
  const served = serveEach();

  it('takes a blob by POST and PUT', async () => {
    const location = await served.startUpload('app');
    const answer = await served.ask('PUT', `${location}?digest=${layerDigest}`, { body: image.layer });
    assert.equal(answer.status, 201);
    assert.equal(answer.headers.location, `/v2/app/blobs/${layerDigest}`);
    assert.equal(text(await served.ask('GET', answer.headers.location ?? '')), 'the bytes of a layer');
    assert.deepEqual(await readdir(path.join(served.directory, '.registry', 'uploads')), []);
  });

  it('takes a blob as one stream without length', async () => {
    const location = await served.startUpload('app');
    const chunked = await served.ask('PATCH', location, {
      body: image.layer,
      headers: { 'transfer-encoding': 'chunked' },
    });
    assert.equal(chunked.status, 202);
    assert.equal(chunked.headers.range, '0-19');
    assert.equal((await served.ask('PUT', `${location}?digest=${layerDigest}`)).status, 201);
    assert.equal(await served.head(`/v2/app/blobs/${layerDigest}`), 200);
  });

  it('takes a blob in chunks and says how far it is', async () => {
    const location = await served.startUpload('app');
    const chunk = async (bytes: string, range: string): Promise<Answer> =>
      served.ask('PATCH', location, { body: bytes, headers: { 'content-range': range } });
    assert.equal((await chunk('the bytes ', '0-9')).headers.range, '0-9');
    const status = await served.ask('GET', location);
    assert.deepEqual([status.status, status.headers.range, status.headers.location], [204, '0-9', location]);
    assert.equal((await chunk('of a', '10-13')).headers.range, '0-13');
    const last = { body: ' layer', headers: { 'content-range': '14-19' } };
    assert.equal((await served.ask('PUT', `${location}?digest=${layerDigest}`, last)).status, 201);
    assert.equal(text(await served.ask('GET', `/v2/app/blobs/${layerDigest}`)), 'the bytes of a layer');
  });

  for (const range of ['10-20', '5-15', '0-9', '0-11', 'abc', '-5', '99999999999999999999-1']) {
    it(`refuses 11 bytes with Content-Range: ${range}, and the upload goes on`, async () => {
      const location = await served.startUpload('app');
      const headers = { 'content-range': range };
      const refused = await served.ask('PATCH', location, { body: ' of a layer', headers });
      assert.deepEqual([refused.status, refused.code], [416, 'BLOB_UPLOAD_INVALID']);
      assert.deepEqual([refused.headers.location, refused.headers['range']], [location, '0-0']);
      assert.equal((await served.ask('PUT', `${location}?digest=${layerDigest}`, { body: image.layer })).status, 201);
    });
  }

  it('ends an upload whose stream is longer than its Content-Range', async () => {
    const location = await served.startUpload('app');
    const headers = { 'content-range': '0-4', 'transfer-encoding': 'chunked' };
    const refused = await served.ask('PATCH', location, { body: image.layer, headers });
    assert.deepEqual([refused.status, refused.code], [400, 'SIZE_INVALID']);
    assert.equal((await served.ask('GET', location)).status, 404);
  });

  it('goes on where a chunk was cut off', async () => {
    const location = await served.startUpload('app');
    const [hostname = '', port = ''] = served.host.split(':');
    const socket = net.connect(Number(port), hostname);
    socket.write(`PATCH ${location} HTTP/1.1\r\nHost: ${served.host}\r\nContent-Length: 20\r\n\r\nthe bytes`);
    const received = async (): Promise<string> => (await served.ask('GET', location)).headers.range ?? '';
    while ((await received()) !== '0-8') await new Promise(setImmediate);
    socket.destroy();
    let answer: Answer;
    do {
      const options = { body: ' of a layer', headers: { 'content-range': '9-19' } };
      answer = await served.ask('PATCH', location, options);
    } while (answer.status === 409);
    assert.equal(answer.headers.range, '0-19');
    assert.equal((await served.ask('PUT', `${location}?digest=${layerDigest}`)).status, 201);
    assert.equal(text(await served.ask('GET', `/v2/app/blobs/${layerDigest}`)), 'the bytes of a layer');
  });

  it('takes an empty blob', async () => {
    const empty = `sha256:${createHash('sha256').digest('hex')}`;
    const location = await served.startUpload('app');
    assert.equal((await served.ask('PUT', `${location}?digest=${empty}`)).status, 201);
    const answer = await served.ask('GET', `/v2/app/blobs/${empty}`);
    assert.deepEqual([answer.status, answer.headers['content-length'], text(answer)], [200, '0', '']);
  });

  it('takes a blob under a sha512 digest, in one request or in chunks', async () => {
    const named = `sha512:${createHash('sha512').update(image.layer).digest('hex')}`;
    assert.equal((await served.ask('POST', `/v2/a/blobs/uploads/?digest=${named}`, { body: image.layer })).status, 201);
    const location = await served.startUpload('b');
    assert.equal((await served.ask('PATCH', location, { body: image.layer })).status, 202);
    const answer = await served.ask('PUT', `${location}?digest=${named}`);
    assert.deepEqual([answer.status, answer.headers['docker-content-digest']], [201, named]);
    assert.equal(text(await served.ask('GET', `/v2/b/blobs/${named}`)), 'the bytes of a layer');
  });

  it('refuses content of another digest and ends the upload', async () => {
    const location = await served.startUpload('app');
    const answer = await served.ask('PUT', `${location}?digest=${layerDigest}`, { body: 'the bytes of a lbyer' });
    assert.deepEqual([answer.status, answer.code], [400, 'DIGEST_INVALID']);
    assert.equal(await served.head(`/v2/app/blobs/${layerDigest}`), 404);
    assert.equal((await served.ask('GET', location)).code, 'BLOB_UPLOAD_UNKNOWN');
    assert.deepEqual(await readdir(path.join(served.directory, '.registry', 'uploads')), []);
  });

  for (const query of ['', '?digest=', '?digest=sha256:abc', '?digest=latest']) {
    it(`refuses to finish an upload with ${query || 'no digest'}`, async () => {
      const answer = await served.ask('PUT', `${await served.startUpload('app')}${query}`, { body: 'x' });
      assert.deepEqual([answer.status, answer.code], [400, 'DIGEST_INVALID']);
    });
  }

  it('takes the same PUT again when its answer was lost', async () => {
    const location = await served.startUpload('app');
    const put = async (): Promise<Answer> =>
      served.ask('PUT', `${location}?digest=${layerDigest}`, { body: image.layer });
    assert.deepEqual([(await put()).status, (await put()).status], [201, 201]);
    const other = digestOf(Buffer.from('other'));
    assert.equal((await served.ask('PUT', `${location}?digest=${other}`, { body: 'other' })).status, 404);
  });

  it('cancels an upload', async () => {
    const location = await served.startUpload('app');
    await served.ask('PATCH', location, { body: 'the bytes' });
    assert.equal((await served.ask('DELETE', location)).status, 204);
    assert.equal((await served.ask('GET', location)).code, 'BLOB_UPLOAD_UNKNOWN');
    assert.deepEqual(await readdir(path.join(served.directory, '.registry', 'uploads')), []);
  });

  it('says that the disk is full, ends the upload and lives on', async function () {
    if (!existsSync('/dev/full')) this.skip();
    const location = await served.startUpload('app');
    const file = path.join(served.directory, '.registry', 'uploads', path.basename(location));
    await rm(file);
    await symlink('/dev/full', file);
    const answer = await served.ask('PATCH', location, { body: Buffer.alloc(3 << 20) });
    assert.deepEqual([answer.status, answer.code], [507, 'UNKNOWN']);
    assert.equal((await served.ask('GET', location)).status, 404);
    await served.pushBlob('app', image.layer);
  });

  it('does not let another repository use an upload', async () => {
    const location = await served.startUpload('app');
    const answer = await served.ask('PATCH', location.replace('/app/', '/other/'), { body: 'x' });
    assert.deepEqual([answer.status, answer.code], [404, 'BLOB_UPLOAD_UNKNOWN']);
  });

  it('allows only so many uploads at once', async () => {
    for (let at = 0; at < 256; at++) await served.startUpload('app');
    const answer = await served.ask('POST', '/v2/app/blobs/uploads/');
    assert.deepEqual([answer.status, answer.code], [429, 'TOOMANYREQUESTS']);
  });
});

describe('startUpload with mount', () => {
  const served = serveEach();

  const mount = async (to: string, query: string): Promise<Answer> =>
    served.ask('POST', `/v2/${to}/blobs/uploads/?mount=${layerDigest}${query}`);

  for (const [what, query] of [
    ['from the repository that holds it', '&from=one'],
    ['from wherever it is', ''],
  ] as const) {
    it(`takes a blob over ${what}`, async () => {
      await served.pushBlob('one', image.layer);
      const answer = await mount('two', query);
      assert.equal(answer.status, 201);
      assert.equal(answer.headers.location, `/v2/two/blobs/${layerDigest}`);
      assert.equal(text(await served.ask('GET', `/v2/two/blobs/${layerDigest}`)), 'the bytes of a layer');
    });
  }

  for (const query of ['&from=three', '&from=..', '&from=']) {
    it(`starts an upload where it can not mount with ${query}`, async () => {
      await served.pushBlob('one', image.layer);
      const answer = await mount('two', query);
      assert.equal(answer.status, 202);
      const put = await served.ask('PUT', `${answer.headers.location ?? ''}?digest=${layerDigest}`, {
        body: image.layer,
      });
      assert.equal(put.status, 201);
    });
  }

  it('does not mount a blob that nobody has', async () => {
    assert.equal((await mount('two', '')).status, 202);
    assert.equal(await served.head(`/v2/two/blobs/${layerDigest}`), 404);
  });

  it('refuses to mount what is no digest', async () => {
    const answer = await served.ask('POST', '/v2/two/blobs/uploads/?mount=latest&from=one');
    assert.deepEqual([answer.status, answer.code], [400, 'DIGEST_INVALID']);
  });
});
