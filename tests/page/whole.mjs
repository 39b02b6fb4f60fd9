// A database of a method that compares pictures as a whole: it has no points, and the page says so.

import assert from 'node:assert/strict';
import { Server, axe, index, run } from './harness.mjs';
import { drawing, png } from './pictures.mjs';
import { TEA, askFor, teaPhoto } from './shop.mjs';

async function make(folder) {
  [TEA, drawing(2), drawing(3)].forEach((picture, i) => folder.write(`${i}.png`, png(picture)));
  const table = folder.write('catalogue.csv', 'id,image\ntea,0.png\ncup,1.png\npot,2.png\n');
  await index(table, `${folder.path}/db`, ['--features', 'look']);
  const server = await Server.start(`${folder.path}/db`);
  return { server, url: server.url, close: () => server.stop() };
}

await run(
  {
    async 'answer and match'({ page, open }) {
      await open();
      await askFor(page, teaPhoto());
      await page.getByRole('heading', { level: 1 }).waitFor();
      await page
        .getByRole('link', { name: /^See why/ })
        .first()
        .click();
      await page.getByText('compares pictures as a whole').waitFor();
      await page.getByText('Similarity of the two pictures as a whole').waitFor();
      assert.equal(await page.locator('.over-stage, .agrees').count(), 0);
      await axe(page, 'match as a whole');
    },
  },
  { make },
);
