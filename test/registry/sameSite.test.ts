import assert from 'node:assert/strict';
import { isSameSite } from '../../src/registry/sameSite.ts';

const pairs: readonly (readonly [string, string, boolean])[] = [
  ['registry-1.docker.io', 'auth.docker.io', true],
  ['registry.gitlab.com', 'gitlab.com', true],
  ['docker.elastic.co', 'docker-auth.elastic.co', true],
  ['example.com', 'auth.example.com', true],
  ['Registry.Example.com.', 'registry.example.com', true],
  ['registry.team.example.com', 'auth.team.example.com', true],
  ['registry.team.example.com', 'auth.example.com', false],
  ['example.com', 'example.org', false],
  ['registry.example.com', 'evilexample.com', false],
  ['registry.example.com', 'registry.example.com.evil.net', false],
  ['alice.co.uk', 'evil.co.uk', false],
  ['registry.alice.co.uk', 'auth.alice.co.uk', true],
  ['alice.com.br', 'evil.com.br', false],
  ['alice.github.io', 'evil.github.io', false],
  ['alice.azurecr.io', 'evil.azurecr.io', false],
  ['1234.dkr.ecr.us-east-1.amazonaws.com', '9999.dkr.ecr.us-east-1.amazonaws.com', false],
  ['1234.dkr.ecr.us-east-1.amazonaws.com', 'ec2-1-2-3-4.us-east-1.amazonaws.com', false],
  ['alice.jfrog.io', 'evil.jfrog.io', false],
  ['10.0.0.1', '10.0.0.2', false],
  ['registry', 'auth', false],
  ['registry.lan', 'auth.lan', false],
];

describe('isSameSite', () => {
  for (const [first, second, expected] of pairs) {
    it(`37: says ${expected ? 'yes' : 'no'} to ${first} and ${second}`, () => {
      assert.equal(isSameSite(first, second), expected);
    });
  }
});
