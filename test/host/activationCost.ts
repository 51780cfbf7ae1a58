import Module from 'node:module';
import { performance } from 'node:perf_hooks';

/** What loading the bundle and its `activate()` cost, in milliseconds. */
export interface ActivationCost {
  /** Undefined until the bundle has been activated. */
  milliseconds(): number | undefined;
  /** The part of it that loading the bundle was. */
  loading(): number;
  restore(): void;
}

type Load = (this: unknown, request: string, ...rest: unknown[]) => unknown;
type Activate = (...args: unknown[]) => unknown;

/**
 * Times the extension's own part of an activation: what VS Code does around it takes longer than the budget. Of the wall clock
 * and the CPU the smaller one counts, for a busy machine is not the extension's fault.
 */
export function measureActivation(bundle: string): ActivationCost {
  const loader = Module as unknown as { _load: Load };
  const load = loader._load;
  let total: number | undefined;
  let loadingTook = 0;
  loader._load = function (request, ...rest) {
    if (!request.endsWith(bundle)) return Reflect.apply(load, this, [request, ...rest]);
    const loading = stopwatch();
    const loaded = Reflect.apply(load, this, [request, ...rest]) as { readonly activate: Activate };
    loadingTook = loading();
    const activate = async (...args: unknown[]): Promise<unknown> => {
      const activating = stopwatch();
      const result = await loaded.activate(...args);
      total = loadingTook + activating();
      return result;
    };
    return { ...loaded, activate };
  };
  return {
    milliseconds: () => total,
    loading: () => loadingTook,
    restore: () => {
      loader._load = load;
    },
  };
}

/** Milliseconds since it was called: of the wall clock and the CPU the smaller. */
function stopwatch(): () => number {
  const wall = performance.now();
  const cpu = process.cpuUsage();
  return () => {
    const { user, system } = process.cpuUsage(cpu);
    return Math.min(performance.now() - wall, (user + system) / 1000);
  };
}
