// On a phone: nothing is cut off at the side, and nothing that is tapped is smaller than 44 px.

import assert from 'node:assert/strict';
import { axe, run } from './harness.mjs';
import { drawing, png } from './pictures.mjs';
import { otherPhoto, shelfPhoto, shop, teaPhoto } from './shop.mjs';

async function fits(page, where) {
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  assert.ok(wide <= 0, `${where} is ${wide} px too wide`);
  const small = await page.evaluate(() =>
    [
      ...document.querySelectorAll(
        'button, summary, nav a, .button, .tile a, select, input:not(.sr):not([type="checkbox"])',
      ),
    ]
      .filter((element) => element.checkVisibility() && !element.closest('.sr'))
      .map((element) => ({ text: element.textContent || element.type, box: element.getBoundingClientRect() }))
      .filter(({ box }) => box.width < 43.5 || box.height < 43.5)
      .map(({ text, box }) => `${text}: ${box.width} × ${box.height}`),
  );
  assert.deepEqual(small, [], where);
  await axe(page, where);
}

/** Taps until `shown` is there: on a busy machine the browser may take a tap for a long press, which
 * clicks nothing, and a person taps again. */
async function tap(target, shown) {
  for (let more = 2; ; --more) {
    await target.tap();
    try {
      return await shown.waitFor({ timeout: more ? 5_000 : 15_000 });
    } catch (error) {
      if (!more || !(await target.isVisible())) throw error;
    }
  }
}

await run(
  {
    async 'every view'({ page, open }) {
      await open();
      await page.getByRole('heading', { level: 1 }).waitFor();
      await fits(page, 'ask');
      await page.setInputFiles('#files', [shelfPhoto(), otherPhoto()]);
      await page.getByText('900 × 380 px').waitFor();
      await fits(page, 'ask with photos');
      await tap(
        page.getByRole('button', { name: 'Ask 2 photos' }),
        page.getByRole('heading', { level: 1, name: '2 items found' }),
      );
      await fits(page, 'answer');
      await tap(page.getByRole('link', { name: /^See why/ }).first(), page.locator('.over-stage canvas'));
      await fits(page, 'match');
      const [photo, item] = await page
        .locator('.sides image')
        .evaluateAll((images) => images.map((image) => image.getBoundingClientRect().top));
      assert.ok(item > photo + 50, 'the pictures are above each other');
      await tap(page.getByRole('link', { name: 'Catalogue' }), page.locator('.tile').first());
      await fits(page, 'catalogue');
      await tap(page.locator('.tile a').first(), page.getByRole('button', { name: 'Draw features' }).first());
      await fits(page, 'item');
      await tap(page.getByRole('link', { name: 'Status' }), page.locator('.figures'));
      await fits(page, 'status');
      assert.equal(await page.getByRole('heading', { name: 'Shards' }).count(), 0, 'one server has none');
      await tap(page.getByRole('link', { name: 'Match' }), page.getByRole('button', { name: 'Compare', exact: true }));
      await fits(page, 'two pictures');
    },

    async 'crop with a finger'({ page, open, context }) {
      await open();
      await page.setInputFiles('#files', teaPhoto());
      await page.getByText('500 × 380 px').waitFor();
      await tap(page.getByRole('button', { name: /^Crop/ }), page.locator('.crop-stage'));
      await fits(page, 'crop');
      const box = await page.locator('.crop-stage').boundingBox();
      const at = (x, y) => ({ x: box.x + x * box.width, y: box.y + y * box.height });
      const client = await context.newCDPSession(page);
      const touch = (type, points) => client.send('Input.dispatchTouchEvent', { type, touchPoints: points });
      await touch('touchStart', [at(0.1, 0.1)]);
      await touch('touchMove', [at(0.5, 0.5)]);
      await touch('touchMove', [at(0.9, 0.9)]);
      await touch('touchEnd', []);
      const width = Number(await page.getByLabel('Width').inputValue());
      assert.ok(Math.abs(width - 400) < 12, `${width}`);
      await tap(page.getByRole('button', { name: 'Use this part' }), page.getByText(/cropped to/));
    },

    async 'the camera of the device'({ page, open }) {
      await open();
      const shot = page.locator('#shot');
      assert.equal(await shot.getAttribute('capture'), 'environment');
      await shot.setInputFiles(teaPhoto());
      await page.getByText('1 photo added.').waitFor({ state: 'attached' });
    },

    async 'nothing overflows with long words'({ page, open, server }) {
      await server.put(`long-${'x'.repeat(200)}`, [png(drawing(8))], { note: 'y'.repeat(300), title: 'z'.repeat(120) });
      await open('#/items');
      await page.locator('.tile').first().waitFor();
      await fits(page, 'catalogue with long words');
    },
  },
  {
    make: shop(),
    options: { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, isMobile: true, hasTouch: true },
  },
);
