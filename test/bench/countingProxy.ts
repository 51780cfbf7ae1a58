import net from 'node:net';

/** A TCP proxy on loopback that counts what a registry sends. */
export interface CountingProxy {
  /** `127.0.0.1:PORT` */
  readonly host: string;
  /** Bytes that came from the registry since this was called last. */
  take(): number;
  stop(): void;
}

/** Starts a proxy to `127.0.0.1:PORT`. */
export async function startCountingProxy(upstream: string): Promise<CountingProxy> {
  const port = Number(upstream.slice(upstream.lastIndexOf(':') + 1));
  const sockets = new Set<net.Socket>();
  let bytes = 0;
  const server = net.createServer((near) => {
    const far = net.connect(port, '127.0.0.1');
    far.on('data', (chunk: Buffer) => (bytes += chunk.length));
    for (const [socket, other] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(socket);
      socket.on('error', () => other.destroy()).on('close', () => other.destroy());
      socket.pipe(other);
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return {
    host: `127.0.0.1:${address.port}`,
    take: () => {
      const taken = bytes;
      bytes = 0;
      return taken;
    },
    stop: () => {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}
