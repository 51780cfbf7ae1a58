import { cpus } from 'node:os';
import { setTimeout } from 'node:timers/promises';

/** Milliseconds over which the processors are watched. */
const window = 400;
/** Their share of work that counts as none: VS Code itself does something all the time. */
const quiet = 0.2;

/** Waits until the processors have had little to do for a while, at most 20 seconds: VS Code goes on starting after its first extension ran. */
export async function quietMachine(): Promise<void> {
  let calm = 0;
  for (let tries = 20_000 / window; tries > 0 && calm < 4; tries--) {
    const before = spent();
    await setTimeout(window);
    const after = spent();
    calm = (after.busy - before.busy) / (after.all - before.all) < quiet ? calm + 1 : 0;
  }
}

/** Milliseconds since the machine was started, of all processors together. */
function spent(): { readonly busy: number; readonly all: number } {
  const times = cpus().map((cpu) => cpu.times);
  const idle = times.reduce((sum, time) => sum + time.idle, 0);
  const all = times.reduce((sum, { user, nice, sys, idle: none, irq }) => sum + user + nice + sys + none + irq, 0);
  return { busy: all - idle, all };
}
