import http from 'node:http';
import https from 'node:https';
import net from 'node:net';
import { readFileSync } from 'node:fs';
import { listen } from '../support/listen.ts';
import { newTempDir, removeTempDir } from '../support/tempDir.ts';
import { certificateAuthority } from '../support/tls.ts';
import { type Answerer, recording, type Seen } from './harness.ts';

/** Servers with public names, reached through a proxy on loopback: the client never resolves a name. */
export interface Internet {
  /** What each host answers, `https://host` or `http://host`. A host that is missing here answers 599. */
  readonly sites: Map<string, Answerer>;
  /** Every request, `host` with its scheme: `https://registry.example.com`. */
  readonly seen: Seen[];
  /** Headers of the requests that the proxy itself got. */
  readonly atProxy: http.IncomingHttpHeaders[];
  /** The proxy's address. */
  readonly proxy: string;
  /** The authority that vouches for all names, PEM. */
  readonly ca: string;
  stop(): Promise<void>;
}

/** Starts the servers; needs `openssl`. @param names host names that the certificate holds */
export async function startInternet(names: readonly string[]): Promise<Internet> {
  const directory = await newTempDir();
  const authority = certificateAuthority(directory);
  const certificate = authority.issue('sites', { subjectAltName: names.map((name) => `DNS:${name}`).join(',') });
  const sites = new Map<string, Answerer>();
  const seen: Seen[] = [];
  const answerer =
    (scheme: string): Answerer =>
    (request) => {
      const host = `${scheme}://${request.host}`;
      seen.push({ ...request, host });
      return (sites.get(host) ?? (() => ({ status: 599 })))(request);
    };
  const files = { cert: readFileSync(certificate.certFile), key: readFileSync(certificate.keyFile) };
  const secure = await listen(https.createServer(files, recording([], answerer('https'))));
  const plain = await listen(http.createServer(recording([], answerer('http'))));
  const atProxy: http.IncomingHttpHeaders[] = [];
  const server = http.createServer((request, response) => {
    atProxy.push(request.headers);
    const { host, pathname, search } = new URL(request.url ?? '', 'http://proxy');
    const headers = { ...request.headers, host };
    const options = { port: plain.port, host: '127.0.0.1', method: request.method, path: pathname + search, headers };
    const onward = http.request(options, (answer) => {
      response.writeHead(answer.statusCode ?? 0, answer.headers);
      answer.pipe(response);
    });
    onward.on('error', () => response.destroy());
    request.pipe(onward);
  });
  server.on('connect', (request: http.IncomingMessage, socket: net.Socket) => {
    atProxy.push(request.headers);
    const onward = net.connect(secure.port, '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n');
      socket.pipe(onward).pipe(socket);
    });
    for (const end of [socket, onward]) end.on('error', () => [socket, onward].forEach((one) => one.destroy()));
  });
  const proxy = await listen(server);
  return {
    sites,
    seen,
    atProxy,
    proxy: `http://${proxy.host}`,
    ca: authority.pem,
    stop: async () => {
      await Promise.all([proxy.stop(), secure.stop(), plain.stop()]);
      await removeTempDir(directory);
    },
  };
}
