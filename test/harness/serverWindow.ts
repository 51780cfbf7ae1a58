import { createWriteStream } from 'node:fs';
import path from 'node:path';
import type { Page } from 'playwright-core';
import { launchChromium } from './chromium.ts';
import { outDirectory } from './paths.ts';
import { startServer } from './vscodeServer.ts';
import { workbenchUrl } from './workbenchUrl.ts';

const name = 'host-window';

/**
 * Stands in for the VS Code executable where that cannot be downloaded: takes its arguments as `runTests` gives them, opens
 * a window of VS Code's server in Chromium, and returns the exit code of the tests that ran in its extension host.
 */
async function runWindow(args: readonly string[]): Promise<number> {
  const extension = required(args, 'extensionDevelopmentPath');
  const tests = required(args, 'extensionTestsPath');
  const folder = args.find((arg) => !arg.startsWith('-')) ?? extension;
  const browser = await launchChromium();
  const server = await startServer({ name });
  try {
    const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
    const ended = exitCode(page);
    await logConsole(page);
    const { port, token } = server;
    await page.goto(workbenchUrl({ port, token, folder, extension, tests }));
    return await ended;
  } finally {
    await browser.close();
    await server.stop();
  }
}

/** The code that the window ends with; 1 where it crashes or its tests do not end. */
async function exitCode(page: Page): Promise<number> {
  const { promise: ended, resolve: end } = Promise.withResolvers<number>();
  const timer = setTimeout(() => {
    console.error('the tests in VS Code did not end within 3 minutes');
    const picture = path.join(outDirectory(name), 'stuck.png');
    void page
      .screenshot({ path: picture })
      .catch(() => undefined)
      .then(() => end(1));
  }, 180_000);
  page.once('close', () => end(1));
  page.once('crash', () => end(1));
  await page.exposeFunction('codeAutomationExit', end);
  return ended.finally(() => clearTimeout(timer));
}

/** The console of the window and its extension host: kept, not printed, for VS Code itself has much to say there. */
async function logConsole(page: Page): Promise<void> {
  const log = createWriteStream(path.join(outDirectory(name), 'console.log'));
  await page.exposeFunction('codeAutomationLog', (type: string, words: readonly unknown[]) => {
    log.write(`${type}: ${words.map(String).join(' ')}\n`);
  });
}

function required(args: readonly string[], option: string): string {
  const value = args.find((arg) => arg.startsWith(`--${option}=`))?.slice(option.length + 3);
  if (value === undefined || value === '') throw new Error(`--${option}= is missing`);
  return value;
}

process.exitCode = await runWindow(process.argv.slice(2));
