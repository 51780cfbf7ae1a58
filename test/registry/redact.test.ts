import assert from 'node:assert/strict';
import { redactUrl } from '../../src/registry/redact.ts';

describe('redactUrl', () => {
  it('50: shows neither user nor query nor fragment', () => {
    assert.equal(
      redactUrl(new URL('https://u:canary@r.example:8443/v2/a?token=canary#canary')),
      'https://r.example:8443/v2/a',
    );
  });

  it('is short', () => assert.equal(redactUrl(new URL(`https://r.example/${'a'.repeat(9000)}`)).length, 301));
});
