import assert from 'node:assert/strict';
import { htpasswdUser, startDockerRegistry } from './dockerRegistry.ts';
import { needs } from './tools.ts';

describe('startDockerRegistry', () => {
  before(function () {
    needs(this, 'docker-registry');
  });

  it('serves the registry API on loopback until it is stopped', async () => {
    const registry = await startDockerRegistry();
    try {
      const answer = await fetch(`http://${registry.host}/v2/`);
      assert.equal(answer.status, 200);
      assert.equal(answer.headers.get('docker-distribution-api-version'), 'registry/2.0');
    } finally {
      await registry.stop();
    }
    await assert.rejects(fetch(`http://${registry.host}/v2/`));
  });

  it('asks for the password where it is to', async () => {
    const registry = await startDockerRegistry({ auth: 'htpasswd' });
    try {
      const login = Buffer.from(`${htpasswdUser.username}:${htpasswdUser.password}`).toString('base64');
      const withLogin = { headers: { authorization: `Basic ${login}` } };
      assert.equal((await fetch(`http://${registry.host}/v2/`)).status, 401);
      assert.equal((await fetch(`http://${registry.host}/v2/`, withLogin)).status, 200);
    } finally {
      await registry.stop();
    }
  });
});
