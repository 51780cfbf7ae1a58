import { execFileSync } from 'node:child_process';
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

/**
 * Installs what tests need and this machine lacks, where that is possible: as root on Debian. Elsewhere it changes nothing and
 * prints the command to run; the tests concerned are skipped.
 */
export function provisionTools(): void {
  const missing = Object.keys(packages).filter((tool) => !isThere(tool));
  if (missing.length === 0) return;
  const wanted = missing.map((tool) => packages[tool] ?? tool);
  if (process.getuid?.() !== 0 || findTool('apt-get') === undefined) {
    console.log(`Missing: ${missing.join(', ')}. Tests that need them are skipped. ${advice(wanted)}`);
    return;
  }
  console.log(`Installing ${wanted.join(', ')} with apt-get …`);
  apt('update', '-qq');
  for (const name of wanted) apt('install', '-y', '-qq', '--no-install-recommends', name);
}

function isThere(tool: string): boolean {
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
