// The ways by which photos come in, and what is asked about them.

import assert from 'node:assert/strict';
import { run } from './harness.mjs';
import { askFor, otherPhoto, shelfPhoto, shop, teaPhoto } from './shop.mjs';

/** Sends an event that brings a file, as dropping and pasting do. */
const bring = (page, kind, photo) =>
  page.evaluate(
    ([type, name, bytes]) => {
      const data = new DataTransfer();
      data.items.add(new File([Uint8Array.from(bytes)], name, { type: 'image/png' }));
      const options = { bubbles: true, cancelable: true };
      const event =
        type === 'drop'
          ? new DragEvent('drop', { ...options, dataTransfer: data })
          : new ClipboardEvent('paste', { ...options, clipboardData: data });
      document.querySelector('.drop').dispatchEvent(event);
    },
    [kind, photo.name, [...photo.buffer]],
  );

await run(
  {
    async 'dropped and pasted'({ page, open }) {
      await open();
      await bring(page, 'drop', teaPhoto());
      await page.getByText('table.png').waitFor();
      await bring(page, 'paste', otherPhoto());
      await page.getByText('street.png').waitFor();
      await page.getByRole('button', { name: 'Ask 2 photos' }).click();
      await page.getByRole('heading', { level: 1, name: 'Green tea' }).waitFor();
      await page.getByRole('navigation', { name: 'Photos' }).getByRole('link', { name: 'street.png' }).click();
      await page.getByRole('heading', { level: 1, name: 'Not in the catalogue' }).waitFor();
    },

    async 'taken with the live camera'({ page, open }) {
      await open();
      await page.getByRole('button', { name: 'Take a photo' }).click();
      await page
        .getByRole('dialog', { name: 'Take a photo' })
        .locator('video')
        .evaluate(
          (video) =>
            new Promise((resolve) => {
              if (video.videoWidth) resolve();
              else video.addEventListener('loadeddata', resolve);
            }),
        );
      await page.getByRole('button', { name: 'Take it' }).click();
      await page.getByText('camera.jpg').waitFor();
      await page.getByRole('button', { name: 'Remove camera.jpg' }).click();
      assert.equal(await page.locator('.asked li').count(), 0);
    },

    async 'the original is sent, also when a part of it is asked'({ page, open }) {
      // The browser does not show a test the bytes of a file, so what is sent is looked at where it leaves.
      await page.addInitScript(() => {
        const send = globalThis.fetch;
        globalThis.fetch = (path, options) => {
          if (options?.body instanceof Blob) globalThis.sent = options.body;
          return send(path, options);
        };
      });
      await open();
      const photo = shelfPhoto();
      await page.setInputFiles('#files', photo);
      await page.getByText('900 × 380 px').waitFor();
      await page.getByRole('button', { name: 'Crop shelf.png' }).click();
      const stage = await page.locator('.crop-stage').boundingBox();
      const at = (x, y) => [stage.x + x * stage.width, stage.y + y * stage.height];
      await page.mouse.move(...at(0.55, 0.1));
      await page.mouse.down();
      await page.mouse.move(...at(0.8, 0.5));
      await page.mouse.move(...at(0.97, 0.97));
      await page.mouse.up();
      await page.getByRole('button', { name: 'Use this part' }).click();
      const request = page.waitForRequest(/v1\/query/);
      await page.getByRole('button', { name: 'Ask', exact: true }).click();
      assert.match((await request).url(), /crop=\d+%2C\d+%2C\d+%2C\d+/);
      assert.deepEqual(
        Buffer.from(await page.evaluate(async () => [...new Uint8Array(await globalThis.sent.arrayBuffer())])),
        photo.buffer,
      );
      await page.getByRole('heading', { level: 1, name: 'ware/cup' }).waitFor();
      // Its outline lies where the cup is in the whole photo.
      const points = await page.locator('.outline.accepted .line').getAttribute('points');
      const [left] = points
        .split(' ')
        .map((point) => Number(point.split(',')[0]))
        .sort((a, b) => a - b);
      assert.ok(Math.abs(left - 520) < 12, points);
      // The whole photo again.
      await page.getByRole('link', { name: 'Ask', exact: true }).click();
      await page.getByRole('button', { name: 'Crop shelf.png' }).click();
      await page.getByRole('button', { name: 'Whole photo' }).click();
      await askFor(page, []);
      await page.getByRole('heading', { level: 1, name: '2 items found' }).waitFor();
    },

    async 'a filter on metadata'({ page, open }) {
      page.expectsFailures = true;
      await open();
      await page.setInputFiles('#files', teaPhoto());
      await page.getByText('Filter and options').click();
      await page.getByRole('button', { name: 'Add a condition' }).click();
      await page.getByRole('combobox', { name: 'Column' }).fill('kind');
      await page.getByRole('textbox', { name: 'is' }).fill('ware');
      await askFor(page, []);
      await page.getByRole('heading', { level: 1, name: 'Not in the catalogue' }).waitFor();
      await page.getByText('Looked for among the 2 items that satisfy the filter.').waitFor();
      await page.getByRole('link', { name: 'Ask', exact: true }).click();
      await page.getByRole('textbox', { name: 'is' }).fill('plate');
      await askFor(page, []);
      await page.getByText('No item satisfies the filter, so no photo could have shown one.').waitFor();
      await page.getByRole('link', { name: 'Ask', exact: true }).click();
      await page.getByRole('combobox', { name: 'Column' }).fill('colour');
      await page.getByRole('button', { name: 'Ask', exact: true }).click();
      await page.getByRole('alert').filter({ hasText: 'colour' }).waitFor(); // no item has that column
    },

    async 'every photo that was asked keeps its answer, until it is removed'({ page, open }) {
      await open('#/answer');
      await page.getByRole('heading', { name: 'Nothing has been asked yet' }).waitFor();
      await page.getByRole('link', { name: 'Ask a photo' }).click();
      await page.setInputFiles('#files', [teaPhoto(), shelfPhoto()]);
      let asked = 0;
      page.on('request', (request) => {
        asked += request.url().includes('v1/query') ? 1 : 0;
      });
      await page.getByRole('button', { name: 'Ask 2 photos' }).click();
      await page.getByRole('heading', { level: 1, name: 'Green tea' }).waitFor();
      await page.goBack();
      await page.getByRole('link', { name: 'Found 1 item' }).waitFor();
      await page.setInputFiles('#files', otherPhoto());
      await page.getByRole('button', { name: 'Ask', exact: true }).click();
      await page.getByRole('heading', { level: 1, name: 'Not in the catalogue' }).waitFor();
      assert.equal(asked, 3); // those with an answer are not asked again
    },
  },
  { make: shop() },
);
