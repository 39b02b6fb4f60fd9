// A server that is slow, busy, gone, or says no: each is said in words, and nothing of what a person has
// done is lost.

import assert from 'node:assert/strict';
import { axe, run } from './harness.mjs';
import { asFile, ppm, photoOf } from './pictures.mjs';
import { TEA, askFor, shop, teaPhoto } from './shop.mjs';

const problem = (status, type, detail) => ({
  status,
  contentType: 'application/problem+json',
  headers: status === 503 || status === 429 ? { 'Retry-After': '1' } : {},
  body: JSON.stringify({ type: `urn:inlier:problem:${type}`, title: '', status, detail }),
});

const STATUSES = [
  [400, 'invalid_argument', 'The request was refused'],
  [403, 'key_may_not', 'That is not allowed'],
  [404, 'not_found', 'It is not there'],
  [405, 'method_not_allowed', 'The request was refused'],
  [408, 'body_timeout', 'The request was refused'],
  [412, 'item_has_changed', 'Somebody else was faster'],
  [413, 'body_too_large', 'Too large'],
  [415, 'not_a_picture', 'Not a picture that can be read'],
  [422, 'damaged_picture', 'The picture is damaged'],
  [431, 'header_too_large', 'The request was refused'],
  [500, 'internal', 'The server failed'],
  [501, 'transfer_encoding', 'The server failed'],
  [507, 'disk_full', 'The server’s disk is full'],
];

await run(
  {
    async 'an error of each status, where photos are asked'({ page, open }) {
      page.expectsFailures = true;
      await open();
      await page.setInputFiles('#files', teaPhoto());
      for (const [status, type, title] of STATUSES) {
        const detail = `Detail number ${status}.`;
        await page.route(/v1\/query/, (route) => route.fulfill(problem(status, type, detail)), { times: 1 });
        await page.getByRole('button', { name: 'Ask', exact: true }).click();
        const alert = page.getByRole('alert').filter({ hasText: detail });
        await alert.waitFor();
        assert.match(await alert.innerText(), new RegExp(title));
      }
      await axe(page, 'a photo that was refused');
      // The photo is still there and can be asked again.
      await askFor(page, []);
      await page.getByRole('heading', { level: 1, name: 'Green tea' }).waitFor();
    },

    async 'an error in every other view'({ page, open }) {
      page.expectsFailures = true;
      for (const [hash, path] of [
        ['#/items', /v1\/items\?/],
        ['#/item/tea', /v1\/items\/tea$/],
        ['#/status', /v1\/stats/],
      ]) {
        for (const [status, type, title] of [STATUSES[1], STATUSES.at(-3)]) {
          // From the click on requests succeed. Those before wait for it, since the status also asks
          // again by itself, which on a busy machine may come before the click.
          let clicked = null;
          const failing = problem(status, type, `Detail ${status}.`);
          await page.route(path, async (route) => {
            if (!clicked) return route.fulfill(failing);
            await clicked;
            await route.continue();
          });
          await page.goto('about:blank');
          await open(hash);
          const alert = page.getByRole('alert').filter({ hasText: `Detail ${status}.` });
          await alert.waitFor();
          assert.match(await alert.innerText(), new RegExp(title));
          clicked = page.getByRole('button', { name: 'Try again' }).click();
          await clicked;
          await alert.waitFor({ state: 'detached' });
          await page.unroute(path);
          assert.equal(await page.getByRole('alert').count(), 0, hash);
        }
      }
    },

    async 'what the server itself refuses'({ page, open }) {
      page.expectsFailures = true;
      await open();
      const files = [
        asFile('note.png', Buffer.from('no picture')),
        asFile('cut.png', teaPhoto().buffer.subarray(0, 4000)),
        asFile('large.png', Buffer.alloc(300_000, 1)),
        asFile('empty.png', Buffer.alloc(0)),
      ];
      await page.setInputFiles('#files', files);
      await page.getByRole('button', { name: 'Ask 4 photos' }).click();
      await page.getByText('Not a picture that can be read').waitFor();
      await page.getByText('The picture is damaged').waitFor();
      await page.getByText('Too large').waitFor();
      await page.getByText('The picture is empty.').waitFor();
      assert.equal(await page.locator('.unreadable').count(), 3); // of a cut one, the browser shows what there is
    },

    async 'an SVG is never shown'({ page, open }) {
      page.expectsFailures = true;
      await open();
      const text =
        '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><image href="http://127.0.0.1:9/x.png"/></svg>';
      await page.setInputFiles('#files', asFile('drawing.svg', Buffer.from(text), 'image/svg+xml'));
      await page.getByText('This browser cannot show it').waitFor();
      assert.equal(await page.locator('.asked img[src]').count(), 0);
      await page.getByRole('button', { name: 'Ask', exact: true }).click();
      await page.getByText('Not a picture that can be read').waitFor();
    },

    async 'a photo that the browser cannot show'({ page, open }) {
      await open();
      await page.setInputFiles('#files', asFile('table.ppm', ppm(photoOf(TEA, 20, 10)), 'image/x-portable-pixmap'));
      await page.getByText('This browser cannot show it').waitFor();
      await page.getByRole('button', { name: 'Ask', exact: true }).click();
      await page.getByRole('heading', { level: 1, name: 'Green tea' }).waitFor();
      assert.equal(await page.locator('.outlines').getAttribute('viewBox'), '0 0 360 260');
      assert.equal(await page.locator('.outline').count(), 1);
      await page.getByRole('link', { name: 'See why: Green tea' }).click();
      await page.locator('.sides').waitFor();
      await page.getByText('This browser cannot show the photo, so').waitFor();
    },

    async 'a slow server can be waited for or stopped'({ page, open }) {
      let release;
      await page.route(/v1\/query/, async (route) => {
        await new Promise((resolve) => {
          release = resolve;
        });
        await route.continue().catch(() => {});
      });
      await open();
      await page.setInputFiles('#files', teaPhoto());
      await page.getByRole('button', { name: 'Ask', exact: true }).click();
      await page.getByRole('progressbar').waitFor();
      await axe(page, 'a photo that is being asked');
      await page.getByRole('button', { name: 'Stop' }).click();
      await page.getByRole('progressbar').waitFor({ state: 'detached' });
      assert.match(page.url(), /#?\/?(ask)?$/);
      release();
      await page.getByRole('button', { name: 'Ask', exact: true }).click();
      await page.getByRole('progressbar').waitFor();
      // Other views work meanwhile, and the answer is there afterwards.
      await page.getByRole('link', { name: 'Answer' }).click();
      await page.locator('.view.answer').getByText('Looking …').waitFor();
      release();
      await page.getByRole('heading', { level: 1, name: 'Green tea' }).waitFor();
    },

    async 'a busy server is asked again'({ page, open }) {
      page.expectsFailures = true;
      for (const [status, type] of [
        [503, 'queue_full'],
        [429, 'too_many_requests'],
      ]) {
        await page.route(/v1\/query/, (route) => route.fulfill(problem(status, type, 'Later.')), { times: 1 });
        await page.goto('about:blank');
        await open();
        await page.setInputFiles('#files', teaPhoto());
        await page.getByRole('button', { name: 'Ask', exact: true }).click();
        await page.getByText('The server is busy; asking again in 1 s.').waitFor();
        await page.getByRole('heading', { level: 1, name: 'Green tea' }).waitFor();
      }
    },

    async 'one that does not answer at all'({ page, open }) {
      page.expectsFailures = true;
      await open();
      await page.setInputFiles('#files', teaPhoto());
      await page.route(/v1\/query/, (route) => route.abort('connectionrefused'), { times: 1 });
      await page.getByRole('button', { name: 'Ask', exact: true }).click();
      await page.getByText('The server does not answer').waitFor();
      await askFor(page, []);
    },
  },
  { make: shop(() => ['--max-body-kb', '290']) },
);
