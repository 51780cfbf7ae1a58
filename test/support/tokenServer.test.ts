import assert from 'node:assert/strict';
import { startDockerRegistry } from './dockerRegistry.ts';
import { withTempDir } from './tempDir.ts';
import { startTokenServer } from './tokenServer.ts';
import { needs } from './tools.ts';

describe('startTokenServer', () => {
  before(function () {
    needs(this, 'docker-registry', 'openssl');
  });

  it('makes tokens that a real registry accepts, until they expire', async () => {
    await withTempDir(async (directory) => {
      const tokens = await startTokenServer({ directory, users: { alice: 'secret' } });
      const registry = await startDockerRegistry({ auth: tokens });
      try {
        const login = Buffer.from('alice:secret').toString('base64');
        const ask = async (): Promise<number> => {
          const scope = `scope=repository:team/app:pull`;
          const answer = await fetch(`${tokens.realm}?service=x&${scope}`, {
            headers: { authorization: `Basic ${login}` },
          });
          const { token } = (await answer.json()) as { token: string };
          const headers = { authorization: `Bearer ${token}` };
          return (await fetch(`http://${registry.host}/v2/team/app/manifests/latest`, { headers })).status;
        };
        assert.equal(await ask(), 404);
        tokens.denied.add('repository:team/app:pull');
        assert.equal(await ask(), 401);
        tokens.denied.clear();
        tokens.lifetimeSeconds = -1;
        assert.equal(await ask(), 401);
        assert.deepEqual(tokens.requests[0], {
          method: 'GET',
          scopes: ['repository:team/app:pull'],
          user: 'alice',
          status: 200,
        });
      } finally {
        await registry.stop();
        await tokens.stop();
      }
    });
  });
});
