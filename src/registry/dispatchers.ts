import type { LookupFunction } from 'node:net';
import type { Agent as AgentType, Dispatcher } from 'undici';
import connect from 'undici/lib/api/api-connect.js';
import Agent from 'undici/lib/dispatcher/agent.js';
import Pool from 'undici/lib/dispatcher/pool.js';
import ProxyAgent from 'undici/lib/dispatcher/proxy-agent.js';
import { OciError } from '../errors.ts';
import type { TlsOptions } from './tls.ts';

/** How the connections of one kind are made. */
export interface DispatcherOptions {
  readonly timeoutSeconds: number;
  /** Most connections to one origin. */
  readonly connections: number;
  readonly tls: TlsOptions;
  readonly lookup: LookupFunction;
}

/** What this program uses of a dispatcher. undici sends any iterable body; its own types know only some of them. */
export interface Sender {
  dispatch(options: SendOptions, handler: Dispatcher.DispatchHandler): boolean;
  close(): Promise<void>;
}

export type SendOptions = Omit<Dispatcher.DispatchOptions, 'body'> & {
  body?: Dispatcher.DispatchOptions['body'] | AsyncIterable<Uint8Array>;
};

/** A dispatcher that connects directly; it pools connections by origin. */
export function directDispatcher(options: DispatcherOptions): Sender {
  const { timeoutSeconds, lookup } = options;
  return new Agent({ ...common(options), connect: { ...options.tls, lookup, timeout: timeoutSeconds * 1000 } });
}

/**
 * A dispatcher that goes through an HTTP proxy.
 * @param proxy with the login, where it wants one; it reaches nobody but the proxy
 */
export function proxyDispatcher(proxy: URL, proxyTls: TlsOptions, options: DispatcherOptions): Sender {
  const { timeoutSeconds } = options;
  const login = proxy.username === '' && proxy.password === '' ? undefined : `${proxy.username}:${proxy.password}`;
  return new ProxyAgent({
    ...common(options),
    uri: proxy.origin,
    ...(login === undefined ? {} : { token: `Basic ${Buffer.from(decode(login)).toString('base64')}` }),
    connectTimeout: timeoutSeconds * 1000,
    requestTls: options.tls,
    proxyTls,
    clientFactory: (origin, pool) => Object.assign(new Pool(origin, pool), { connect }),
  });
}

/** @throws OciError unavailable where the setting is no http or https URL; its text is not shown, as it may hold a password */
export function parseProxy(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol === 'http:' || url?.protocol === 'https:') return url;
  throw new OciError(
    'unavailable',
    'The proxy in your settings or environment is not an http:// or https:// address. Correct http.proxy or HTTPS_PROXY.',
  );
}

function common({ connections }: DispatcherOptions): AgentType.Options {
  return {
    allowH2: false,
    connections,
    pipelining: 1,
    maxHeaderSize: 16 << 10,
    keepAliveTimeout: 15_000,
    keepAliveMaxTimeout: 60_000,
  };
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
