import assert from 'node:assert/strict';
import { chooseProxy, type ProxySettings } from '../../src/ui/proxyChoice.ts';

const none: ProxySettings = { support: 'override', proxy: '', noProxy: [], env: {} };
const set = { ...none, proxy: 'http://proxy.example:3128' };

describe('chooseProxy', () => {
  const table: readonly (readonly [string, string, ProxySettings, string | undefined])[] = [
    ['nothing where nothing is set', 'https://r.example', none, undefined],
    ['what the setting says', 'https://r.example', set, 'http://proxy.example:3128'],
    ['the setting before the environment', 'https://r.example', { ...set, env: { HTTPS_PROXY: 'x' } }, set.proxy],
    ['nothing where proxies are off', 'https://r.example', { ...set, support: 'off' }, undefined],
    ['http:// for a bare host', 'https://r.example', { ...none, proxy: 'p.example:1' }, 'http://p.example:1'],
    ['HTTPS_PROXY', 'https://r.example', { ...none, env: { HTTPS_PROXY: 'http://p:1' } }, 'http://p:1'],
    ['no HTTPS_PROXY for http', 'http://r.example', { ...none, env: { HTTPS_PROXY: 'http://p:1' } }, undefined],
    ['HTTP_PROXY for both', 'https://r.example', { ...none, env: { http_proxy: 'http://p:1' } }, 'http://p:1'],
    ['NO_PROXY', 'https://r.example', { ...set, env: { NO_PROXY: 'a, .example' } }, undefined],
    ['http.noProxy in its place', 'https://r.example', { ...set, noProxy: ['x'], env: { NO_PROXY: '*' } }, set.proxy],
    ['nothing for every host but by *', 'https://r.example', { ...set, noProxy: ['*'] }, undefined],
    ['a host of a domain', 'https://a.r.example', { ...set, noProxy: ['*.r.example'] }, undefined],
    ['no host that only ends like it', 'https://bad-r.example', { ...set, noProxy: ['r.example'] }, set.proxy],
    ['a host at its port', 'https://r.example:5000', { ...set, noProxy: ['r.example:5000'] }, undefined],
    ['no host at another port', 'https://r.example', { ...set, noProxy: ['r.example:5000'] }, set.proxy],
    ['the usual port', 'https://r.example', { ...set, noProxy: ['r.example:443'] }, undefined],
  ];
  for (const [what, url, settings, proxy] of table) {
    it(`takes ${what}`, () => assert.equal(chooseProxy(new URL(url), settings), proxy));
  }

  for (const url of ['http://localhost:5000', 'http://127.0.0.1:1', 'http://[::1]:1', 'http://a.localhost']) {
    it(`reaches ${url} directly`, () => assert.equal(chooseProxy(new URL(url), set), undefined));
  }
});
