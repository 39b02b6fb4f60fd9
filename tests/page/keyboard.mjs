// Everything by keyboard alone: no case here uses the mouse.

import assert from 'node:assert/strict';
import { run, until } from './harness.mjs';
import { shelfPhoto, shop, teaPhoto } from './shop.mjs';

const focused = (page) =>
  page.evaluate(() => {
    const element = document.activeElement;
    return (element.getAttribute('aria-label') ?? element.labels?.[0]?.textContent ?? element.textContent).trim();
  });

/** Presses Tab until the element of this name has the focus. */
async function tabTo(page, name, key = 'Tab') {
  for (let i = 0; i < 80; ++i) {
    await page.keyboard.press(key);
    if (name.test(await focused(page))) {
      // Who has the focus is seen.
      assert.notEqual(
        await page.evaluate(() => {
          const label =
            document.activeElement.id === 'files'
              ? document.querySelector('label[for="files"]')
              : document.activeElement;
          if (label.matches('.outline'))
            return getComputedStyle(label.querySelector('.halo')).strokeWidth === '10px' ? 'solid' : 'none';
          const tile = label.closest('.tile') ?? label;
          return getComputedStyle(tile).outlineStyle;
        }),
        'none',
      );
      return;
    }
  }
  assert.fail(`the Tab key does not reach ${name}`);
}

await run(
  {
    async 'ask, answer, match'({ page, open }) {
      await open();
      await page.getByRole('heading', { level: 1 }).waitFor();
      await page.keyboard.press('Tab');
      assert.equal(await focused(page), 'Skip to the content');
      await page.keyboard.press('Enter');
      await tabTo(page, /^Choose photos/);
      const chooser = page.waitForEvent('filechooser');
      await page.keyboard.press('Enter');
      await (await chooser).setFiles(shelfPhoto());
      await until(page, () => document.activeElement.textContent === 'Ask');
      await page.keyboard.press('Enter');
      await page.waitForURL(/#\/answer/);
      await page.getByRole('heading', { level: 1, name: '2 items found' }).waitFor();
      // The outlines are one stop; arrows go between them, and Enter goes to the card.
      await tabTo(page, /^1\. /);
      await page.keyboard.press('ArrowRight');
      assert.match(await focused(page), /^2\. /);
      await page.keyboard.press('Enter');
      assert.equal(await page.evaluate(() => document.activeElement.closest('.card').dataset.rank), '2');
      await tabTo(page, /^See why/);
      await page.keyboard.press('Enter');
      await page.locator('.over-stage canvas').waitFor();
      await tabTo(page, /^Edge between/);
      const clip = () => page.locator('.over-stage canvas').evaluate((canvas) => canvas.style.clipPath);
      const before = await clip();
      await page.keyboard.press('ArrowRight');
      assert.notEqual(await clip(), before);
      await tabTo(page, /^Blink/);
      await page.keyboard.press('Space');
      assert.equal(await page.evaluate(() => document.activeElement.getAttribute('aria-pressed')), 'true');
      await page.keyboard.press('Space');
      assert.equal(await page.evaluate(() => document.activeElement.getAttribute('aria-pressed')), 'false');
    },

    async 'crop by numbers'({ page, open }) {
      await open();
      await tabTo(page, /^Choose photos/);
      const chooser = page.waitForEvent('filechooser');
      await page.keyboard.press('Enter');
      await (await chooser).setFiles(shelfPhoto());
      await page.getByText('900 × 380 px').waitFor();
      await tabTo(page, /^Crop/, 'Shift+Tab');
      await page.keyboard.press('Enter');
      await page.getByRole('dialog').waitFor();
      for (const [side, value] of [
        ['Left', '480'],
        ['Width', '400'],
      ]) {
        await tabTo(page, new RegExp(`^${side}`));
        await page.keyboard.press('ControlOrMeta+A');
        await page.keyboard.type(value);
      }
      await tabTo(page, /^Use this part/);
      await page.keyboard.press('Enter');
      await page.getByText('cropped to 400 × 380 px').waitFor();
      const request = page.waitForRequest(/v1\/query/);
      await tabTo(page, /^Ask$/);
      await page.keyboard.press('Enter');
      assert.match((await request).url(), /crop=480%2C0%2C400%2C380/);
      await page.getByRole('heading', { level: 1, name: 'ware/cup' }).waitFor();
    },

    async 'the views, a dialog and its end'({ page, open }) {
      await open();
      await tabTo(page, /^Catalogue$/);
      await page.keyboard.press('Enter');
      await page.locator('.tile').first().waitFor();
      assert.equal(await page.evaluate(() => document.activeElement.id), 'main'); // the new view has the focus
      await tabTo(page, /^Add an item/);
      await page.keyboard.press('Enter');
      await page.getByRole('dialog', { name: 'Add an item' }).waitFor();
      await page.keyboard.press('Escape');
      assert.equal(await page.getByRole('dialog').count(), 0);
      assert.equal(await focused(page), 'Add an item');
      await tabTo(page, /Green tea/);
      await page.keyboard.press('Enter');
      await page.getByRole('heading', { level: 1, name: 'Green tea' }).waitFor();
      await tabTo(page, /^Draw features/);
      await page.keyboard.press('Enter');
      await page.locator('.features path').first().waitFor({ state: 'attached' });
    },

    async 'what happens is said'({ page, open }) {
      await open();
      await page.setInputFiles('#files', teaPhoto());
      const said = () => page.getByRole('status').first().textContent();
      assert.equal(await said(), '1 photo added.');
      await page.keyboard.press('Enter');
      await page.waitForURL(/#\/answer/);
      await until(page, () => document.querySelector('[role="status"]').textContent === 'Green tea');
    },
  },
  { make: shop() },
);
