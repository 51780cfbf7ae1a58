import type http from 'node:http';
import type https from 'node:https';
import type net from 'node:net';

/** A server of the tests that listens on loopback. */
export interface Listening {
  /** `127.0.0.1:PORT` */
  readonly host: string;
  readonly port: number;
  /** Destroys every connection and stops listening. */
  stop(): Promise<void>;
}

/** Listens on 127.0.0.1 on a free port, and never keeps the process alive by itself. */
export async function listen(server: http.Server | https.Server | net.Server, port = 0): Promise<Listening> {
  const sockets = new Set<net.Socket>();
  server.on('connection', (socket: net.Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    socket.on('error', () => socket.destroy());
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  server.unref();
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('not listening on a port');
  return {
    host: `127.0.0.1:${address.port}`,
    port: address.port,
    stop: async () => {
      const closed = new Promise<void>((resolve) => void server.close(() => resolve()));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

/** The whole body of a request or response of a test, at most 64 MiB. */
export async function readBody(message: http.IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of message as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > 64 << 20) throw new Error('a body of more than 64 MiB in a test');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
