import { existsSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';
import { findTool } from '../support/tools.ts';

const flags = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--disable-dev-shm-usage',
];

const elsewhere = [
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  String.raw`C:\Program Files\Google\Chrome\Application\chrome.exe`,
  String.raw`C:\Program Files (x86)\Microsoft\Edge\Application\msedge.exe`,
];

/** The executable of a Chromium of this machine; undefined where there is none. */
export function findChromium(): string | undefined {
  const wanted = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
  return wanted.map(findTool).find((found) => found !== undefined) ?? elsewhere.find((file) => existsSync(file));
}

/** Starts a headless Chromium. @throws Error where there is none */
export async function launchChromium(): Promise<Browser> {
  const executablePath = findChromium();
  if (executablePath === undefined)
    throw new Error('there is no Chromium: apt-get install chromium, or install Chrome');
  return chromium.launch({ executablePath, args: flags, headless: true });
}
