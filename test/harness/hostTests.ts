import { chmodSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { runTests } from '@vscode/test-electron';
import { buildHostTests } from './build.ts';
import { findChromium } from './chromium.ts';
import { type Counts, readCounts, skippedRun } from './counts.ts';
import { outDirectory, outPath, root } from './paths.ts';
import { copySample } from './sampleCopy.ts';
import { provisionServer } from './vscodeServer.ts';

const title = 'the extension inside VS Code';

/** Runs test/host inside a real VS Code: the downloaded one, or VS Code's server from npm in Chromium. */
export async function runHostTests(): Promise<Counts> {
  const desktop = await canDownload();
  if (!desktop && process.platform === 'win32') return skippedRun(title, 'VS Code cannot be downloaded here');
  if (!desktop && findChromium() === undefined) return skippedRun(title, 'there is no Chromium on this machine');
  if (!desktop) await provisionServer();
  const countsFile = path.join(outDirectory('host'), 'counts.json');
  const reportFile = path.join(outDirectory('host'), 'report.txt');
  for (const file of [countsFile, reportFile]) rmSync(file, { force: true });
  const exitCode = await runTests({
    ...(desktop ? {} : { vscodeExecutablePath: serverExecutable() }),
    extensionDevelopmentPath: root,
    extensionTestsPath: await buildHostTests(),
    extensionTestsEnv: { COUNTS_FILE: countsFile, REPORT_FILE: reportFile },
    launchArgs: [
      copySample('host'),
      '--disable-extensions',
      `--user-data-dir=${outPath('host-user-data')}`,
      `--extensions-dir=${outPath('host-extensions')}`,
    ],
  }).catch((error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    return 1;
  });
  if (existsSync(reportFile)) console.log(readFileSync(reportFile, 'utf8'));
  return readCounts(countsFile, exitCode);
}

/**
 * Whether VS Code itself is to be downloaded. VSCODE_DOWNLOAD=1 or 0 decides; else where its server can be reached and there
 * is a display to run it on.
 */
async function canDownload(): Promise<boolean> {
  const wanted = process.env['VSCODE_DOWNLOAD'];
  if (wanted !== undefined && wanted !== '') return wanted === '1';
  const noDisplay = process.env['DISPLAY'] === undefined && process.env['WAYLAND_DISPLAY'] === undefined;
  if (process.platform === 'linux' && noDisplay) return false;
  try {
    const url = 'https://update.code.visualstudio.com/api/releases/stable';
    return (await fetch(url, { method: 'HEAD', signal: AbortSignal.timeout(5000) })).ok;
  } catch {
    return false;
  }
}

/** A small executable for `runTests`, which starts one program and knows nothing of interpreters. */
function serverExecutable(): string {
  const file = path.join(outDirectory('host'), 'vscode');
  const script = path.join(import.meta.dirname, 'serverWindow.ts');
  writeFileSync(file, `#!/bin/sh\nexec ${quoted(process.execPath)} ${quoted(script)} "$@"\n`);
  chmodSync(file, 0o755);
  return file;
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
