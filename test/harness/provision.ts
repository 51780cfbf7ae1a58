import { execFileSync, spawnSync } from 'node:child_process';
import { findTool } from '../support/tools.ts';
import { findChromium } from './chromium.ts';

/** What tests run beside this program, and the Debian package of each. */
const packages: Readonly<Record<string, string>> = {
  'docker-registry': 'docker-registry',
  skopeo: 'skopeo',
  umoci: 'umoci',
  openssl: 'openssl',
  htpasswd: 'apache2-utils',
  zstd: 'zstd',
  chromium: 'chromium',
};

/** Tool chains for the proofs with programs that are really built and run: installed where everything is to be proven. */
const toolChains: Readonly<Record<string, string>> = {
  go: 'golang-go',
  gcc: 'gcc',
  'g++': 'g++',
  'aarch64-linux-gnu-gcc': 'gcc-aarch64-linux-gnu',
  'aarch64-linux-gnu-g++': 'g++-aarch64-linux-gnu',
  'qemu-aarch64-static': 'qemu-user-static',
  'musl-gcc': 'musl-tools',
  cargo: 'cargo',
  javac: 'default-jdk-headless',
  jsonschema: 'python3-jsonschema',
};

/**
 * Installs what tests need and this machine lacks, where that is possible: as root on Debian. Elsewhere it changes nothing and
 * prints the command to run; the tests concerned are skipped.
 */
export function provisionTools(): void {
  const all = process.env['CI'] === 'true' ? { ...packages, ...toolChains } : packages;
  const missing = Object.keys(all).filter((tool) => !isThere(tool));
  if (missing.length === 0) return;
  const wanted = missing.map((tool) => all[tool] ?? tool);
  if (process.getuid?.() !== 0 || findTool('apt-get') === undefined) {
    console.log(`Missing: ${missing.join(', ')}. Tests that need them are skipped. ${advice(wanted)}`);
    return;
  }
  console.log(`Installing ${wanted.join(', ')} with apt-get …`);
  apt('update', '-qq');
  for (const name of wanted) apt('install', '-y', '-qq', '--no-install-recommends', name);
}

function isThere(tool: string): boolean {
  if (tool === 'jsonschema') return spawnSync('python3', ['-c', 'import jsonschema']).status === 0;
  return (tool === 'chromium' ? findChromium() : findTool(tool)) !== undefined;
}

function advice(wanted: readonly string[]): string {
  return process.platform === 'linux'
    ? `On Debian or Ubuntu: sudo apt-get install -y ${wanted.join(' ')}`
    : `They are packages of Debian and Ubuntu: ${wanted.join(', ')}.`;
}

/** A package that cannot be had leaves its tests skipped: it does not end the run. */
function apt(...args: readonly string[]): void {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  try {
    execFileSync('apt-get', args, { env, stdio: ['ignore', 'ignore', 'inherit'], timeout: 300_000 });
  } catch (error) {
    console.error(`apt-get ${args.join(' ')}: ${error instanceof Error ? error.message : String(error)}`);
  }
}
