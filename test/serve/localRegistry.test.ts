import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import net from 'node:net';
import path from 'node:path';
import { LayoutStore } from '../../src/layout/layoutStore.ts';
import { digestOf } from '../../src/oci/digest.ts';
import { LocalRegistry } from '../../src/serve/localRegistry.ts';
import { startChild } from '../support/childProcess.ts';
import { pushContractImage } from '../support/contractImage.ts';
import { testIo } from '../support/io.ts';
import { listen } from '../support/listen.ts';
import { send } from '../support/send.ts';
import { digest, image, json, layerDigest, serveEach, text } from '../support/servedRegistry.ts';
import { needs } from '../support/tools.ts';

describe('LocalRegistry', () => {
  const served = serveEach();

  it('keeps what belongs to one repository out of the others', async () => {
    await served.pushImage('one', 'v1');
    for (const url of [`blobs/${layerDigest}`, `manifests/${digest}`, 'manifests/v1']) {
      assert.equal((await served.ask('GET', `/v2/one/${url}`)).status, 200);
      assert.equal((await served.ask('GET', `/v2/two/${url}`)).status, 404);
    }
  });

  it('says that it speaks the served.registry API', async () => {
    const answer = await served.ask('GET', '/v2/');
    assert.equal(answer.status, 200);
    assert.equal(answer.headers['docker-distribution-api-version'], 'registry/2.0');
    assert.equal(await served.head('/v2/'), 200);
    assert.equal((await served.ask('GET', '/v2')).status, 200);
  });

  it('logs one line a request without the query', async () => {
    await served.pushImage('app', 'v1');
    assert.equal(served.lines.length, 3);
    assert.match(served.lines[0] ?? '', /^POST \/v2\/app\/blobs\/uploads\/ 201 \d+ ms$/);
    assert.match(served.lines[2] ?? '', /^PUT \/v2\/app\/manifests\/v1 201 \d+ ms$/);
  });
});

describe('LocalRegistry.start', () => {
  const served = serveEach();

  const restart = async (): Promise<void> => {
    await served.registry.close();
    await served.start();
  };

  it('keeps its port and everything it holds', async () => {
    await served.pushImage('app', 'v1');
    await served.putManifest('app', digest, image.manifest);
    const before = served.host;
    await restart();
    assert.equal(served.host, before);
    assert.deepEqual((await served.ask('GET', '/v2/app/manifests/v1')).body, image.manifest);
    assert.equal(await served.head(`/v2/app/blobs/${layerDigest}`), 200);
    assert.equal(await served.head(`/v2/other/blobs/${layerDigest}`), 404);
  });

  it('takes another port where its own is taken, and keeps that', async () => {
    const before = served.host;
    await served.registry.close();
    const stranger = await listen(
      net.createServer((socket) => socket.end('no')),
      Number(before.split(':')[1]),
    );
    try {
      await served.start();
      assert.notEqual(served.host, before);
      const second = served.host;
      await restart();
      assert.equal(served.host, second);
    } finally {
      await stranger.stop();
    }
  });

  it('ends uploads and removes their files', async () => {
    const location = await served.startUpload('app');
    await served.ask('PATCH', location, { body: 'half' });
    await restart();
    assert.equal((await served.ask('GET', location)).code, 'BLOB_UPLOAD_UNKNOWN');
    assert.deepEqual(await readdir(path.join(served.directory, '.registry', 'uploads')), []);
  });

  it('holds what was finished, and nothing half, after it was killed', async () => {
    const directory = path.join(served.directory, '.killed');
    const script = path.join(import.meta.dirname, '../support/serveProcess.ts');
    const child = startChild(process.execPath, [script, directory], served.directory);
    while (!child.output().includes('\n')) {
      assert.equal(child.hasEnded(), false, child.output());
      await new Promise(setImmediate);
    }
    const host = child.output().trim();
    await send(host, 'POST', `/v2/app/blobs/uploads/?digest=${digestOf(image.layer)}`, { body: image.layer });
    await send(host, 'POST', `/v2/app/blobs/uploads/?digest=${digestOf(image.config)}`, { body: image.config });
    const headers = { 'content-type': image.descriptor.mediaType };
    await send(host, 'PUT', '/v2/app/manifests/v1', { body: image.manifest, headers });
    const half = await send(host, 'POST', '/v2/app/blobs/uploads/');
    await send(host, 'PATCH', half.headers.location ?? '', { body: 'half of a' });
    await child.stop();
    const next = new LocalRegistry({ directory });
    try {
      assert.equal((await next.start()).host, host);
      assert.deepEqual((await send(host, 'GET', '/v2/app/manifests/v1')).body, image.manifest);
      assert.equal((await send(host, 'GET', half.headers.location ?? '')).code, 'BLOB_UPLOAD_UNKNOWN');
      assert.equal((await readdir(path.join(directory, 'blobs', 'sha256'))).length, 3);
    } finally {
      await next.close();
    }
  });

  it('starts over a damaged address file', async () => {
    await served.registry.close();
    await writeFile(path.join(served.directory, '.registry', 'address.json'), '{"port":');
    await served.start();
    assert.equal((await served.ask('GET', '/v2/')).status, 200);
  });

  it('starts once, however often it is asked', async () => {
    await served.registry.close();
    const hosts = await Promise.all([served.registry.start(), served.registry.start(), served.registry.start()]);
    assert.equal(new Set(hosts.map((each) => each.host)).size, 1);
    await served.start();
    assert.equal(served.host, hosts[0].host);
  });

  it('can be closed twice, and before it was started', async () => {
    await served.registry.close();
    await served.registry.close();
    await new LocalRegistry({ directory: served.directory }).close();
  });
});

describe('LocalRegistry of a second window', () => {
  const served = serveEach();

  it('uses the server of the first, and takes over when that has gone', async () => {
    await served.pushImage('app', 'v1');
    const second = new LocalRegistry({ directory: served.directory });
    try {
      assert.equal((await second.start()).host, served.host);
      await second.close();
      assert.equal((await served.ask('GET', '/v2/')).status, 200);
      await served.registry.close();
      assert.equal((await second.start()).host, served.host);
      assert.equal(await served.head('/v2/app/manifests/v1'), 200);
    } finally {
      await second.close();
    }
  });

  it('is one registry when several windows start it at once', async () => {
    const directory = path.join(served.directory, '.new');
    const windows = [1, 2, 3, 4].map(() => new LocalRegistry({ directory }));
    try {
      const hosts = await Promise.all(windows.map((window) => window.start()));
      assert.deepEqual(hosts, [hosts[0], hosts[0], hosts[0], hosts[0]]);
    } finally {
      await Promise.all(windows.map((window) => window.close()));
    }
  });

  it('keeps its secret from other users', async function () {
    if (process.platform === 'win32') this.skip();
    const { mode } = await stat(path.join(served.directory, '.registry', 'address.json'));
    assert.equal(mode & 0o777, 0o600);
  });

  it('does not take a stranger at the remembered port for the registry', async () => {
    const before = served.host;
    await served.registry.close();
    const lie = 'HTTP/1.1 200 OK\r\ngantry-proof: sha256:00\r\ncontent-length: 2\r\n\r\n{}';
    const stranger = await listen(
      net.createServer((socket) => socket.end(lie)),
      Number(before.split(':')[1]),
    );
    try {
      await served.start();
      assert.notEqual(served.host, before);
    } finally {
      await stranger.stop();
    }
  });
});

describe('LocalRegistry and its folder', () => {
  const served = serveEach();

  it('is an OCI layout that names repository and tag', async () => {
    await served.pushImage('team/app', 'v1');
    const store = await LayoutStore.open(served.directory, testIo());
    assert.equal((await store.resolve('team/app:v1', testIo())).digest, digest);
  });

  it('serves what another tool wrote there, its parts and referrers too', async () => {
    const store = await LayoutStore.open(served.directory, testIo());
    await pushContractImage(store, image, 'team/app:v1');
    assert.deepEqual((await served.ask('GET', '/v2/team/app/manifests/v1')).body, image.manifest);
    assert.equal((await served.ask('GET', `/v2/team/app/blobs/${layerDigest}`)).status, 200);
    assert.deepEqual(json(await served.ask('GET', '/v2/_catalog')), { repositories: ['team/app'] });
  });

  it('answers 404 for what has gone from the disk', async () => {
    await served.pushImage('app', 'v1');
    await rm(path.join(served.directory, 'blobs', 'sha256', layerDigest.slice(7)));
    assert.equal((await served.ask('GET', `/v2/app/blobs/${layerDigest}`)).code, 'BLOB_UNKNOWN');
    assert.equal((await served.ask('GET', '/v2/app/manifests/v1')).status, 200);
    await served.pushBlob('app', image.layer);
    assert.equal((await served.ask('GET', `/v2/app/blobs/${layerDigest}`)).status, 200);
  });

  it('is not made where something else is', async () => {
    const folder = path.join(served.directory, '..', path.basename(served.directory), 'blobs');
    await assert.rejects(new LocalRegistry({ directory: folder }).start(), { code: 'already-exists' });
  });

  it('tells nothing of its path to clients, but to the log', async () => {
    await writeFile(path.join(served.directory, 'index.json'), 'broken');
    const answer = await served.ask('GET', '/v2/app/manifests/v1');
    assert.equal(answer.status, 500);
    assert.equal(text(answer).includes(served.directory), false);
    assert.ok(served.lines.some((line) => line.includes('index.json')));
  });
});

describe('LocalRegistry beside other tools', () => {
  const served = serveEach();

  const run = (program: string, ...args: string[]): Promise<string> =>
    import('node:child_process').then(
      ({ execFile }) =>
        new Promise((resolve, reject) => {
          execFile(program, args, { timeout: 15_000 }, (error, stdout, stderr) => {
            if (error === null) resolve(stdout);
            else reject(new Error(stderr, { cause: error }));
          });
        }),
    );

  it('takes images from skopeo and gives them back', async function () {
    needs(this, 'skopeo');
    const source = path.join(served.directory, '.source');
    await pushContractImage(await LayoutStore.open(source, testIo(), { create: true }), image, 'v1');
    const remote = `docker://${served.host}/team/app:v1`;
    await run('skopeo', 'copy', '--preserve-digests', '--dest-tls-verify=false', `oci:${source}:v1`, remote);
    const back = path.join(served.directory, '.back');
    await run('skopeo', 'copy', '--preserve-digests', '--src-tls-verify=false', remote, `oci:${back}:v1`);
    assert.equal((await (await LayoutStore.open(back, testIo())).resolve('v1', testIo())).digest, digest);
    const tags = await run('skopeo', 'list-tags', '--tls-verify=false', `docker://${served.host}/team/app`);
    assert.deepEqual((JSON.parse(tags) as { Tags: string[] }).Tags, ['v1']);
    await run('skopeo', 'delete', '--tls-verify=false', remote);
    assert.equal(await served.head('/v2/team/app/manifests/v1'), 404);
  });

  it('keeps its images in a layout that umoci reads', async function () {
    needs(this, 'umoci');
    await served.pushImage('app', 'v1');
    assert.equal(execFileSync('umoci', ['ls', '--layout', served.directory], { encoding: 'utf8' }), 'app:v1\n');
    assert.ok((await readFile(path.join(served.directory, 'index.json'), 'utf8')).includes(digest));
  });
});
