import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { Frame, Locator, Page } from 'playwright-core';
import { root } from '../harness/paths.ts';

/** The frame of the image report in front; waits until it is drawn. */
export async function reportFrame(page: Page): Promise<Frame> {
  const main = page.frameLocator('iframe.webview').frameLocator('iframe#active-frame').locator('main:not([aria-busy])');
  await main.locator('.tile').first().waitFor();
  const frame = await (await main.elementHandle()).ownerFrame();
  if (frame === null) throw new Error('the report has no frame');
  return frame;
}

/** The treemap's tiles, by the name that they show or say. */
export function tile(frame: Frame, name: string): Locator {
  return frame.locator(`.tile[aria-label^="${name} "]`);
}

/** What axe-core, with every rule of its own default on, finds wrong with the page: `rule: element`. */
export async function axeViolations(frame: Frame): Promise<readonly string[]> {
  // The page's policy stops scripts, not the debugger.
  await frame.evaluate(readFileSync(path.join(root, 'node_modules/axe-core/axe.min.js'), 'utf8'));
  return frame.evaluate(async () => {
    const { axe } = globalThis as unknown as { axe: { run(): Promise<AxeResults> } };
    const { violations } = await axe.run();
    return violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html.slice(0, 100)}`));
  });
}

interface AxeResults {
  readonly violations: readonly { readonly id: string; readonly nodes: readonly { readonly html: string }[] }[];
}
