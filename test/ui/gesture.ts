import assert from 'node:assert/strict';
import type { Workbench } from './driver.ts';

/** The gesture that makes images, in a window: what a person does with it and sees of it. */
export class Gesture {
  readonly #workbench: Workbench;

  constructor(workbench: Workbench) {
    this.#workbench = workbench;
  }

  /** Starts it on a row of the Explorer, by the keyboard. */
  async start(name: string): Promise<void> {
    await this.#workbench.showContainer('Explorer');
    await (await this.#workbench.fileRow(name)).click();
    await this.#workbench.menuByKeys('Containerize This…');
  }

  /** Starts it from the title of the editor in front. */
  async startInEditor(): Promise<void> {
    await this.#workbench.page.locator('.editor-actions .action-label[aria-label^="Containerize This…"]').click();
  }

  /** Answers the last two questions: scratch, and where the image goes. */
  async onScratch(target: string): Promise<void> {
    const total = /\/(\d)\)/.exec(await this.#workbench.question(' ('))?.[1] ?? '';
    await this.#workbench.question(`(${Number(total) - 1}/${total})`);
    await this.#workbench.answer('scratch');
    await this.#workbench.question(`(${total}/${total})`);
    await this.#workbench.answer(target);
  }

  /** Waits for the plan; its rows. */
  async plan(): Promise<readonly string[]> {
    await this.#workbench.question('the plan for');
    return this.#workbench.answers();
  }

  /** The digest that the plan says the image will have, as far as it is shown. */
  async digest(): Promise<string> {
    const rows = (await this.plan()).join('\n');
    const digest = /the image will be (sha256:[0-9a-f]{12})/.exec(rows)?.[1];
    assert.ok(digest !== undefined, rows);
    return digest;
  }

  /** Changes a setting of the plan, and waits for the plan that comes of it. */
  async change(setting: string, text: string): Promise<void> {
    await this.plan();
    await this.#workbench.choose(setting);
    const { page } = this.#workbench;
    await page
      .locator('.quick-input-title')
      .filter({ hasText: /^Containerize (?!.*: )/ })
      .waitFor();
    await this.#workbench.answer(text);
    await this.plan();
  }

  /** The text above the list that is open. */
  async prompt(): Promise<string> {
    return this.#workbench.page.locator('.quick-input-message').filter({ visible: true }).innerText();
  }

  async goBack(): Promise<void> {
    await this.#workbench.page.keyboard.press('Control+Alt+Minus');
  }

  /** Leaves the question that is open, and waits until no other comes. */
  async giveUp(): Promise<void> {
    await this.#workbench.page.keyboard.press('Escape');
    await this.#workbench.page.locator('.quick-input-widget').waitFor({ state: 'hidden' });
  }

  /** Waits for a progress notification that says this, and cancels what it is about. Returns its text. */
  async cancel(words: string | RegExp): Promise<string> {
    const { page } = this.#workbench;
    await this.#workbench.run('Notifications: Show Notifications');
    const text = page.locator('.notification-list-item-message');
    const found = page
      .locator('.notifications-center .notification-list-item')
      .filter({ has: text.filter({ hasText: words }) });
    await found.first().waitFor();
    const said = await found.first().locator(text).innerText();
    await found.first().locator('.monaco-button', { hasText: 'Cancel' }).click();
    await found.waitFor({ state: 'detached' });
    return said;
  }

  /** Types a folder into the dialog that asks for one, and accepts: the first time may only open the folder there. */
  async chooseFolder(folder: string): Promise<void> {
    const { page } = this.#workbench;
    const dialog = page.locator('.quick-input-widget', { has: page.locator('.quick-input-action') });
    await dialog.locator('.monaco-list-row').first().waitFor();
    const title = await dialog.locator('.quick-input-title').innerText();
    await dialog.locator('input.input').first().fill(`${folder}/`);
    const asked = page.locator('.quick-input-title', { hasText: title });
    for (let tries = 5; tries > 0 && (await asked.isVisible()); tries--) {
      await dialog.locator('.quick-input-action .monaco-button').first().click();
      await asked.waitFor({ state: 'hidden', timeout: 2000 }).catch(() => undefined);
    }
  }

  /** Drops a file of this machine on a row of the registries, as a drag from the Explorer does. */
  async drop(label: string, file: string): Promise<void> {
    const { page } = this.#workbench;
    const uri = `vscode-remote://${new URL(page.url()).host}${encodeURI(file)}`;
    const transfer = await page.evaluateHandle((text) => {
      const window = globalThis as unknown as { DataTransfer: new () => { setData(type: string, data: string): void } };
      const made = new window.DataTransfer();
      made.setData('text/uri-list', text);
      return made;
    }, uri);
    const row = await this.#workbench.row('Registries', label);
    for (const event of ['dragenter', 'dragover', 'drop']) await row.dispatchEvent(event, { dataTransfer: transfer });
  }
}
