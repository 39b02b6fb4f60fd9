// Changes of the catalogue: one item, many with some that fail, tables, metadata, pictures, and an item
// that somebody else has changed meanwhile.

import assert from 'node:assert/strict';
import { axe, run, until } from './harness.mjs';
import { asFile, drawing, png } from './pictures.mjs';
import { shop } from './shop.mjs';

const picture = (name, seed) => asFile(name, png(drawing(seed, 200, 160)));
const itemOf = async (url, id) => (await fetch(`${url}v1/items/${encodeURIComponent(id)}`)).json();
const save = (page, name) => page.getByRole('dialog').getByRole('button', { name, exact: true }).click();

await run(
  {
    async 'add an item'({ page, open, url }) {
      await open('#/items');
      await page.getByRole('button', { name: 'Add an item' }).click();
      await axe(page, 'add an item');
      await page.getByLabel('Id', { exact: false }).last().fill('new/mug <b>');
      await page.getByLabel('Pictures').setInputFiles([picture('a.png', 31), picture('b.png', 32)]);
      await page.getByRole('button', { name: 'Add a column' }).click();
      await page.getByRole('textbox', { name: 'Column' }).last().fill('title');
      await page.getByRole('dialog').getByLabel('Value').fill('<img src=x onerror=alert(1)>');
      await save(page, 'Add');
      await page.getByRole('dialog').waitFor({ state: 'detached' });
      // Text stays text.
      await page.getByText('<img src=x onerror=alert(1)>').waitFor();
      assert.equal(await page.locator('img[src="x"]').count(), 0);
      const item = await itemOf(url, 'new/mug <b>');
      assert.equal(item.pictures.length, 2);
      await page.getByText('<img src=x onerror=alert(1)>').click();
      await page.getByRole('heading', { level: 1, name: '<img src=x' }).waitFor();
      assert.equal(await page.locator('.pictures > li').count(), 2);
    },

    async 'many at once, of which one fails and is named'({ page, open, url }) {
      page.expectsFailures = true;
      await open('#/items');
      await page.getByRole('button', { name: 'Add many pictures' }).click();
      const files = Array.from({ length: 8 }, (_, i) => picture(`many-${i}.png`, 40 + i));
      files[3] = asFile('many-3.png', Buffer.from('no picture'));
      await page.getByRole('dialog').getByLabel('Pictures').setInputFiles(files);
      await save(page, 'Add them');
      await page.getByText('1 of 8 failed.').first().waitFor();
      await axe(page, 'many with a failure');
      assert.match(await page.locator('.failures').innerText(), /^many-3\.png: /);
      await save(page, 'Close');
      await page.getByRole('link', { name: 'many-7' }).waitFor();
      const { items } = await (await fetch(`${url}v1/items?id=many-`)).json();
      assert.equal(items.length, 7);
      // And away with them, several at a time.
      await page.getByLabel('Select many-0').check();
      await page.getByLabel('Select many-1').check();
      await page.getByRole('button', { name: 'Remove 2 items' }).click();
      await save(page, 'Cancel');
      await page.getByRole('button', { name: 'Remove 2 items' }).click();
      await save(page, 'Remove');
      await page.getByRole('link', { name: 'many-0' }).waitFor({ state: 'detached' });
      assert.equal((await (await fetch(`${url}v1/items?id=many-`)).json()).items.length, 5);
    },

    async 'metadata and pictures of an item'({ page, open, url }) {
      await open('#/item/ware%2Fcup');
      await page.getByRole('button', { name: 'Edit metadata' }).click();
      await page.getByRole('dialog').getByLabel('Value').first().fill('china');
      await page.getByRole('button', { name: 'Remove this column' }).last().click();
      await save(page, 'Save');
      await page.getByRole('definition').filter({ hasText: 'china' }).waitFor();
      assert.deepEqual((await itemOf(url, 'ware/cup')).metadata, { kind: 'china' });
      await page.getByRole('button', { name: 'Add pictures' }).click();
      await page.getByLabel('Pictures', { exact: true }).setInputFiles(picture('side.png', 61));
      await save(page, 'Add');
      await until(page, () => document.querySelectorAll('.pictures > li').length === 3);
      await page.getByRole('button', { name: 'Remove picture 2' }).click();
      await save(page, 'Remove');
      await until(page, () => document.querySelectorAll('.pictures > li').length === 2);
      await page.getByRole('button', { name: 'Replace pictures' }).click();
      await page.getByLabel('New pictures').setInputFiles(picture('whole.png', 62));
      await save(page, 'Replace');
      await until(page, () => document.querySelectorAll('.pictures > li').length === 1);
      assert.deepEqual((await itemOf(url, 'ware/cup')).metadata, { kind: 'china' });
      await page.getByRole('button', { name: 'Remove item' }).click();
      await save(page, 'Remove');
      await page.waitForURL(/#\/items/);
      assert.equal((await fetch(`${url}v1/items/ware%2Fcup`)).status, 404);
    },

    async 'an item that somebody else has changed'({ page, open, server }) {
      page.expectsFailures = true;
      await open('#/item/ware%2Fpot');
      await page.getByRole('button', { name: 'Edit metadata' }).click();
      await server.put('ware/pot', [png(drawing(3))], { kind: 'other' });
      await page.getByRole('dialog').getByLabel('Value').first().fill('mine');
      await save(page, 'Save');
      await page.getByRole('alert').filter({ hasText: 'Somebody else was faster' }).waitFor();
      await save(page, 'Cancel');
    },

    async 'a table with its pictures, as a job'({ page, open, url }) {
      await open('#/items');
      await page.getByRole('button', { name: 'Import a table' }).click();
      const table = 'id,image,kind\nt1,one.png,jar\nt2,two.png,jar\nt3,missing.png,jar\n';
      await page.getByLabel('Table or archive').setInputFiles(asFile('shop.csv', Buffer.from(table), 'text/csv'));
      await page.getByLabel('Pictures of a table').setInputFiles([picture('one.png', 71), picture('two.png', 72)]);
      await save(page, 'Import');
      await page.waitForURL(/#\/status/);
      await page.getByText('Import: Done').waitFor();
      await page.getByText('1 failed').waitFor();
      assert.equal((await (await fetch(`${url}v1/items?where=kind%3Djar`)).json()).items.length, 2);
    },

    async 'twins are named'({ page, open, server }) {
      await server.put('tea-again', [png(drawing(1))], { title: 'The same tea' });
      await open('#/item/tea-again');
      await page.locator('.twins-place').getByRole('link', { name: 'tea', exact: true }).click();
      await page.getByRole('heading', { level: 1, name: 'Green tea' }).waitFor();
    },
  },
  { make: shop() },
);
