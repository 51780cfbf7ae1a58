import net from 'node:net';

/**
 * A TCP proxy on loopback that makes a far place of a near one: every byte arrives `delay` milliseconds later, in both
 * directions, and a connection costs one round-trip more. Run as a process: `delayProxy.ts PORT DELAY`; prints its own port.
 */
const [port, delay] = process.argv.slice(2).map(Number);
if (port === undefined || delay === undefined) throw new Error('usage: delayProxy.ts PORT DELAY');

const server = net.createServer({ allowHalfOpen: true, noDelay: true }, (near) => {
  const far = net.connect({ host: '127.0.0.1', port, allowHalfOpen: true, noDelay: true });
  const arrival = performance.now() + 3 * delay;
  carry(near, far, () => Math.max(delay, arrival - performance.now()));
  carry(far, near, () => delay);
});

function carry(from: net.Socket, to: net.Socket, wait: () => number): void {
  // One queue and one timer: timers of different lengths do not fire in the order in which they were set.
  const queue: { readonly at: number; readonly action: () => void }[] = [];
  const pump = (): void => {
    while (queue[0] !== undefined && queue[0].at <= performance.now()) queue.shift()?.action();
    if (queue[0] !== undefined) setTimeout(pump, Math.max(0, queue[0].at - performance.now()));
  };
  const later = (action: () => void): void => {
    queue.push({ at: performance.now() + wait(), action });
    if (queue.length === 1) setTimeout(pump, wait());
  };
  from.on('data', (chunk) =>
    later(() => {
      if (!to.destroyed) to.write(chunk);
    }),
  );
  from.on('end', () => later(() => to.end()));
  // What is on its way still arrives: the close that follows comes after it.
  from.on('error', () => undefined);
  from.on('close', () => later(() => to.destroySoon()));
}

server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  if (address !== null && typeof address === 'object') process.stdout.write(`${address.port}\n`);
});
