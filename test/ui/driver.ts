import path from 'node:path';
import type { Browser, Locator, Page } from 'playwright-core';
import { launchChromium } from '../harness/chromium.ts';
import { outDirectory, root } from '../harness/paths.ts';
import { copySample } from '../harness/sampleCopy.ts';
import { type Settings, startServer, type VscodeServer } from '../harness/vscodeServer.ts';
import { workbenchUrl } from '../harness/workbenchUrl.ts';

export interface WorkbenchWindow {
  /** Names the folder below out/ for this window's data. */
  readonly name: string;
  /** Absolute path. Default: a copy of the sample workspace. */
  readonly folder?: string;
  /** Machine settings, such as `gantry.localRegistry.directory`. */
  readonly settings?: Settings;
}

export type Theme = 'light' | 'dark';

/** Settings of every window: nothing in it that has nothing to do with Gantry. */
const quiet: Settings = {
  'chat.disableAIFeatures': true,
  'extensions.ignoreRecommendations': true,
  'git.enabled': false,
  'telemetry.telemetryLevel': 'off',
  'workbench.enableExperiments': false,
  'workbench.secondarySideBar.defaultVisibility': 'hidden',
  'workbench.startupEditor': 'none',
  // Not every port that a program of this machine listens on is news.
  'remote.autoForwardPorts': false,
  'workbench.tips.enabled': false,
};

/** A window of a real VS Code with Gantry loaded, driven as a person would: by what is visible. */
export class Workbench {
  readonly page: Page;
  readonly #browser: Browser;
  readonly #server: VscodeServer;

  private constructor(page: Page, browser: Browser, server: VscodeServer) {
    this.page = page;
    this.#browser = browser;
    this.#server = server;
  }

  /** Opens a window and waits until it can be used. `close()` it whatever happens. */
  static async open({ name, folder, settings = {} }: WorkbenchWindow): Promise<Workbench> {
    const browser = await launchChromium();
    try {
      const server = await startServer({ name, settings: { ...quiet, ...settings } });
      const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
      page.setDefaultTimeout(20_000);
      const workbench = new Workbench(page, browser, server);
      const { port, token } = server;
      await page.goto(workbenchUrl({ port, token, folder: folder ?? copySample(name), extension: root }));
      await page.locator('.monaco-workbench .activitybar .action-item').first().waitFor();
      return workbench;
    } catch (error) {
      await browser.close();
      throw error;
    }
  }

  async close(): Promise<void> {
    await this.#browser.close();
    await this.#server.stop();
  }

  /** Shows a view container by its name in the activity bar. */
  async showContainer(name: string): Promise<void> {
    const item = this.page.locator(`.activitybar .action-item:has([aria-label^="${name}"])`).first();
    await item.waitFor();
    if (!((await item.getAttribute('class')) ?? '').includes('checked')) await item.click();
  }

  /** Runs a command by its title in the command palette, `Gantry: Refresh`. */
  async run(title: string): Promise<void> {
    await this.page.keyboard.press('F1');
    const input = this.page.locator('.quick-input-widget input[type="text"], .quick-input-widget input.input').first();
    await input.fill(`>${title}`);
    const entry = this.page.locator('.quick-input-list .monaco-list-row', { hasText: title }).first();
    await entry.click();
  }

  /** Waits until a quick input asks with these words in its title; returns the whole title. */
  async question(title: string): Promise<string> {
    const asked = this.page.locator('.quick-input-title', { hasText: title });
    await asked.waitFor();
    return asked.innerText();
  }

  /** Types into the quick input that is open, and accepts. Without text it takes what is there. */
  async answer(text?: string): Promise<void> {
    if (text !== undefined) await this.page.locator('.quick-input-widget input.input').first().fill(text);
    await this.page.keyboard.press('Enter');
  }

  /** Types the beginning of a row's label into the list that is open, and accepts the row once it is the first. */
  async choose(label: string): Promise<void> {
    const name = this.page.locator('.label-name', { hasText: label });
    await this.page.locator('.quick-input-widget input.input').first().fill(label);
    await this.page.locator('.quick-input-list .monaco-list-row.focused').filter({ has: name }).waitFor();
    await this.page.keyboard.press('Enter');
  }

  /** The rows of the quick input that is open, each with its description and detail. */
  async answers(): Promise<readonly string[]> {
    const rows = this.page.locator('.quick-input-list .monaco-list-row');
    await rows.first().waitFor();
    return rows.evaluateAll((all) => all.map((row) => (row as { ariaLabel?: string }).ariaLabel ?? ''));
  }

  /** The text of the dialog that stands in the way; waits for it. */
  async dialog(): Promise<string> {
    const box = this.page.locator('.monaco-dialog-box');
    await box.waitFor();
    return box.locator('.dialog-message-container').innerText();
  }

  /** Presses a button of the dialog and waits until it is gone. */
  async press(button: string): Promise<void> {
    const box = this.page.locator('.monaco-dialog-box');
    await box.locator('.monaco-button', { hasText: exactly(button) }).click();
    await box.waitFor({ state: 'detached' });
  }

  /** Opens one view of the side bar by its name and closes the others, so that it has all the room. */
  async onlyView(name: string): Promise<void> {
    for (const header of await this.page.locator('.sidebar .pane-header').all()) {
      const isWanted = ((await header.getAttribute('aria-label')) ?? '').startsWith(name);
      if ((await header.getAttribute('aria-expanded')) === String(isWanted)) continue;
      await header.locator('h3').click();
      await header.and(this.page.locator(`[aria-expanded="${isWanted}"]`)).waitFor();
    }
  }

  /** The tree of a view, by the view's name. */
  tree(view: string): Locator {
    return this.page.locator(treeSelector(view));
  }

  /** The visible rows of a view's tree, each as a person reads it: label and description. */
  async rows(view: string): Promise<readonly string[]> {
    const rows = await this.tree(view).locator('.monaco-list-row').all();
    const parts = rows.map((row) => row.locator('.label-name, .label-description').allInnerTexts());
    return (await Promise.all(parts)).map((texts) => texts.join(' ').trim());
  }

  /** The row with this label; waits for it. */
  async row(view: string, label: string): Promise<Locator> {
    const name = this.page.locator('.label-name', { hasText: exactly(label) });
    const row = this.tree(view).locator('.monaco-list-row').filter({ has: name }).first();
    await row.waitFor();
    return row;
  }

  /** Clicks a row once nothing is read any more that could push it away, and waits until it is selected. */
  async select(view: string, label: string): Promise<void> {
    await this.page.locator('.sidebar .monaco-progress-container.active').waitFor({ state: 'detached' });
    const row = await this.row(view, label);
    await row.locator('.label-name').click();
    await row.and(this.page.locator('.selected')).waitFor();
  }

  /** Selects a row, presses a key there, and waits for what that shows. */
  async keyAt(view: string, label: string, key: string, shown: string): Promise<void> {
    await this.select(view, label);
    await this.page.keyboard.press(key);
    await this.page.locator(shown).first().waitFor();
  }

  /** Waits until no row has this label. */
  async gone(view: string, label: string): Promise<void> {
    const name = this.page.locator('.label-name', { hasText: exactly(label) });
    await this.tree(view).locator('.monaco-list-row').filter({ has: name }).first().waitFor({ state: 'detached' });
  }

  /** Expands rows from the root down, and waits until each shows a child. */
  async expand(view: string, ...labels: readonly string[]): Promise<void> {
    for (const label of labels) {
      const row = await this.row(view, label);
      if ((await row.getAttribute('aria-expanded')) !== 'true') await row.locator('.monaco-tl-twistie').click();
      await this.#child(view, label);
    }
  }

  /** Closes a row that is open. */
  async collapse(view: string, label: string): Promise<void> {
    const row = await this.row(view, label);
    if ((await row.getAttribute('aria-expanded')) === 'true') await row.locator('.monaco-tl-twistie').click();
    await row.and(this.page.locator('[aria-expanded="false"]')).waitFor();
  }

  /** Opens the context menu of a row and chooses an entry. */
  async menu(view: string, label: string, entry: string): Promise<void> {
    await this.#choose(await this.row(view, label), entry);
  }

  async #choose(row: Locator, entry: string): Promise<void> {
    const item = this.#entry(entry).first();
    // A menu takes no mouse button right after it opened, for that may be the one that opened it.
    await this.#opens(item, async () => {
      await row.click({ button: 'right' });
      await item.hover({ timeout: 4000 });
    });
    await this.page.keyboard.press('Enter');
    await item.waitFor({ state: 'detached' });
  }

  /** Opens a menu with an entry. A tree that is drawn anew just then takes it away: a person would try again. */
  async #opens(item: Locator, open: () => Promise<void>): Promise<void> {
    for (let tries = 4; ; tries--) {
      try {
        await open();
        await item.waitFor({ timeout: 4000 });
        return;
      } catch (error) {
        if (tries <= 1) throw error;
        await this.page.keyboard.press('Escape');
      }
    }
  }

  /** Opens the context menu of what has the focus, and chooses an entry, by keys alone. */
  async menuByKeys(entry: string): Promise<void> {
    const item = this.#entry(entry).first();
    await this.#opens(item, () => this.page.keyboard.press('Shift+F10'));
    const focused = this.#entry(entry).and(this.page.locator('.focused'));
    for (let step = 0; step < 60 && !(await focused.isVisible()); step++) await this.page.keyboard.press('ArrowDown');
    await this.page.keyboard.press('Enter');
    await item.waitFor({ state: 'detached' });
  }

  /** Waits for the first row below one, which may be pushed down meanwhile. */
  async #child(view: string, label: string): Promise<void> {
    const end = Date.now() + 20_000;
    for (;;) {
      const row = await this.row(view, label);
      const level = Number(await row.getAttribute('aria-level')) + 1;
      const index = Number(await row.getAttribute('data-index')) + 1;
      const child = this.tree(view).locator(`.monaco-list-row[data-index="${index}"][aria-level="${level}"]`);
      try {
        await child.waitFor({ timeout: 500 });
        return;
      } catch (error) {
        if (Date.now() > end) throw error;
      }
    }
  }

  #entry(entry: string): Locator {
    const label = this.page.locator('.action-label', { hasText: exactly(entry) });
    return this.page.locator('.monaco-menu .action-item').filter({ has: label });
  }

  /** Waits until the editor in front has this name on its tab. */
  async tab(name: string): Promise<void> {
    const active = this.page.locator('.editor-group-container.active .tab.active .monaco-icon-label-container', {
      hasText: exactly(name),
    });
    await active.first().waitFor();
  }

  /** The text of the editor in front, as far as it is visible. */
  async editorText(): Promise<string> {
    const lines = this.page.locator('.editor-group-container.active .view-lines').first();
    await lines.waitFor();
    return (await lines.innerText()).replaceAll('\u00a0', ' ');
  }

  /** What the notifications say, the latest first. The smoke-test driver's window shows none by itself. */
  async notifications(): Promise<readonly string[]> {
    await this.run('Notifications: Show Notifications');
    await this.page.locator('.notifications-center.visible').waitFor();
    const texts = await this.page.locator(notification).locator(message).allInnerTexts();
    await this.page.keyboard.press('Escape');
    return texts;
  }

  /** Waits for a notification that says this, presses its button where one is named, and forgets all of them. Returns its text. */
  async notified(words: string, button?: string): Promise<string> {
    // Work that goes on says what it is on, too.
    const ended = this.page.locator(notification, { hasNot: this.page.locator('.monaco-progress-container.active') });
    const found = ended.filter({ has: this.page.locator(message, { hasText: words }) }).first();
    // The list closes when the last of it goes, as the progress of what is to be said here does just before that.
    for (const end = Date.now() + 20_000; ;) {
      if (!(await this.page.locator('.notifications-center.visible').isVisible()))
        await this.run('Notifications: Show Notifications');
      if (await isSeen(found, 2000, Date.now() > end)) break;
    }
    const text = await found.locator(message).innerText();
    if (button !== undefined) await found.locator('.monaco-button', { hasText: exactly(button) }).click();
    else await this.run('Notifications: Clear All Notifications');
    return text;
  }

  /** The row of a file in the Explorer; waits for it. */
  async fileRow(name: string): Promise<Locator> {
    const row = this.page.locator('.explorer-folders-view .monaco-list-row', { hasText: exactly(name) }).first();
    await row.waitFor();
    return row;
  }

  /** Opens the context menu of a file in the Explorer and chooses an entry. */
  async fileMenu(name: string, entry: string): Promise<void> {
    await this.#choose(await this.fileRow(name), entry);
  }

  /** Accepts the path that the file dialog proposes, once it is this one and its folder is listed. */
  async acceptFile(file: string): Promise<void> {
    const dialog = this.page.locator('.quick-input-widget', { has: this.page.locator('.quick-input-action') });
    const input = dialog.locator('input.input').first();
    await dialog.locator('.monaco-list-row').first().waitFor();
    const end = Date.now() + 20_000;
    while ((await input.inputValue()) !== file) {
      if (Date.now() > end) throw new Error(`the file dialog proposes ${await input.inputValue()}, not ${file}`);
    }
    await dialog.locator('.quick-input-action .monaco-button', { hasText: 'OK' }).click();
  }

  /** Chooses a colour theme by its whole name. */
  async colorTheme(name: string): Promise<void> {
    await this.run('Preferences: Color Theme');
    await this.page.locator('.quick-input-widget input.input').first().fill(name);
    await this.page.locator('.quick-input-list .monaco-list-row.focused', { hasText: name }).waitFor();
    await this.page.keyboard.press('Enter');
    await this.page.locator('.quick-input-widget').waitFor({ state: 'hidden' });
  }

  async setTheme(theme: Theme): Promise<void> {
    const wanted = this.page.locator(theme === 'dark' ? '.monaco-workbench.vs-dark' : '.monaco-workbench.vs').first();
    if (!(await wanted.isVisible())) await this.run('Preferences: Toggle between Light/Dark Themes');
    await wanted.waitFor();
    await this.page.locator('.quick-input-widget').waitFor({ state: 'hidden' });
  }

  /** Saves what a person would see as out/screenshots/NAME-light.png and NAME-dark.png. Returns the paths. */
  async screenshots(name: string): Promise<readonly string[]> {
    const files: string[] = [];
    for (const theme of ['dark', 'light'] as const) {
      await this.setTheme(theme);
      files.push(await this.screenshot(`${name}-${theme}`));
    }
    return files;
  }

  /** Saves the window as it is as out/screenshots/NAME.png. Returns the path. */
  async screenshot(name: string): Promise<string> {
    const file = path.join(outDirectory('screenshots'), `${name}.png`);
    await this.page.screenshot({ path: file, animations: 'disabled' });
    return file;
  }
}

function treeSelector(view: string): string {
  return `[role="tree"][aria-label^="${view}"]`;
}

/** Whether something becomes visible within some milliseconds. @throws Error where it does not and this was the last look */
async function isSeen(what: Locator, timeout: number, isLast: boolean): Promise<boolean> {
  return what.waitFor({ timeout }).then(
    () => true,
    (error: unknown) => (isLast ? Promise.reject(error as Error) : false),
  );
}

const notification = '.notifications-center .notification-list-item';
const message = '.notification-list-item-message';

function exactly(text: string): RegExp {
  return new RegExp(`^\\s*${text.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`)}\\s*$`);
}
