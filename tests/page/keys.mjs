// Keys: asked for, refused, of several roles, one that expires, and one that is forgotten.

import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { Server, axe, run, until } from './harness.mjs';
import { png } from './pictures.mjs';
import { TEA, teaPhoto } from './shop.mjs';

const READ = 'read-key-0123456789',
  WRITE = 'write-key-0123456789',
  BOSS = 'admin-key-0123456789',
  FRESH = 'fresh-key-0123456789';
const KEYS = `read shelf ${READ}\nwrite shop ${WRITE}\nadmin boss ${BOSS}\n`;

async function make(folder) {
  const file = folder.write('keys', KEYS);
  const server = await Server.start(`${folder.path}/db`, ['--keys-file', file]);
  await server.put('tea', [png(TEA)], { title: 'Green tea' }, { Authorization: `Bearer ${WRITE}` });
  /** Puts other keys in place, and waits until the server knows them. */
  const change = async (text, key, status) => {
    writeFileSync(file, text);
    server.signal('SIGHUP');
    for (let i = 0; i < 500; ++i)
      if ((await fetch(`${server.url}v1/stats`, { headers: { Authorization: `Bearer ${key}` } })).status === status)
        return;
    assert.fail('the server does not read its keys again');
  };
  return { server, url: server.url, change, close: () => server.stop() };
}

async function give(page, key) {
  await page.getByRole('dialog').waitFor();
  await page.getByRole('dialog').getByLabel('Key').fill(key);
  await page.getByRole('button', { name: 'Use this key' }).click();
}

await run(
  {
    async 'the page comes without a key, and asks for one when it is needed'({ page, open }) {
      page.expectsFailures = true;
      await open();
      await page.getByRole('heading', { level: 1 }).waitFor();
      assert.equal(await page.getByRole('dialog').count(), 0);
      await page.setInputFiles('#files', teaPhoto());
      await page.getByRole('button', { name: 'Ask', exact: true }).click();
      await page.getByRole('dialog', { name: 'A key, please' }).waitFor();
      await axe(page, 'the dialog of the key');
      await give(page, 'wrong-key-0123456789');
      await page.getByRole('dialog', { name: 'The key is no longer good' }).waitFor();
      await give(page, READ);
      await page.getByRole('heading', { level: 1, name: 'Green tea' }).waitFor();
      await page.getByRole('button', { name: 'Key: shelf' }).waitFor();
      await page.locator('.card.hit img[src]').first().waitFor(); // pictures come with the key too
      // It is in this tab and nowhere else.
      assert.equal(
        await page.evaluate(() => JSON.stringify([{ ...localStorage }, document.cookie, location.href])),
        JSON.stringify([{}, '', page.url()]),
      );
      assert.equal(await page.evaluate(() => sessionStorage.getItem('inlier-key')), READ);
      assert.doesNotMatch(page.url(), /read-key/);
    },

    async 'who declines is told why nothing happens'({ page, open }) {
      page.expectsFailures = true;
      await open('#/items');
      await page.getByRole('dialog').waitFor();
      await page.keyboard.press('Escape');
      await page.getByRole('alert').filter({ hasText: 'A key is needed' }).waitFor();
      await page.getByRole('button', { name: 'Try again' }).click();
      await give(page, READ);
      await page.locator('.tile').first().waitFor();
    },

    async 'a role sees what it may do'({ page, open }) {
      page.expectsFailures = true;
      const change = (name) => page.getByRole('button', { name });
      await open('#/items');
      await give(page, READ);
      await page.locator('.tile').first().waitFor();
      assert.equal(await change('Add an item').count(), 0);
      assert.equal(await page.getByLabel('Select tea').count(), 0);
      await page.getByRole('button', { name: 'Key: shelf' }).click();
      await page.getByText('may ask and look').waitFor();
      await page.getByRole('button', { name: 'Use another' }).click();
      await give(page, WRITE);
      await change('Add an item').waitFor();
      await page.getByLabel('Select tea').waitFor();
      await page.getByRole('link', { name: 'Status' }).click();
      await page.locator('.figures').waitFor();
      assert.equal(await page.getByRole('heading', { name: 'Snapshots' }).count(), 0);
      await page.getByRole('button', { name: 'Key: shop' }).click();
      await page.getByRole('button', { name: 'Use another' }).click();
      await give(page, BOSS);
      await page.getByRole('heading', { name: 'Snapshots' }).waitFor();
      await page.getByRole('button', { name: 'Key: boss' }).click();
      await page.getByRole('button', { name: 'Forget it' }).click();
      await page.getByRole('button', { name: 'Enter a key' }).waitFor();
      assert.equal(await page.evaluate(() => sessionStorage.getItem('inlier-key')), null);
    },

    async 'a key that expires, in the middle of the work'({ page, open, change }) {
      page.expectsFailures = true;
      await open();
      await page.evaluate((key) => sessionStorage.setItem('inlier-key', key), READ);
      await page.reload();
      await page.getByRole('button', { name: 'Key: shelf' }).waitFor();
      await page.setInputFiles('#files', [teaPhoto(), teaPhoto()]);
      await change(`read shelf ${FRESH}\n`, READ, 401);
      await page.getByRole('button', { name: 'Ask 2 photos' }).click();
      await page.getByRole('dialog', { name: 'The key is no longer good' }).waitFor();
      assert.equal(await page.getByRole('dialog').count(), 1); // one for all requests that wait
      await give(page, FRESH);
      await page.getByRole('heading', { level: 1, name: 'Green tea' }).waitFor();
      await until(page, () => sessionStorage.getItem('inlier-key') === 'fresh-key-0123456789');
      await change(KEYS, READ, 200);
    },
  },
  { make },
);
