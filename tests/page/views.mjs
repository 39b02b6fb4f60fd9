// Every view with real photos: what is found, what is not and why, how both pictures match, the
// catalogue, and how the server is. Each is held to axe in both colour schemes, and the figures of
// docs/EVALUATION.md ("The page") are measured here.

import assert from 'node:assert/strict';
import { existsSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { Server, axe, index, realData, run, until } from './harness.mjs';
import { askFor } from './shop.mjs';

const data = realData('smvs-dvd'),
  grocery = realData('grocery'),
  places = realData('smvs-landmark');
if (!data || !grocery || !places) {
  console.log('skipped: the data sets are not there');
  process.exit(77);
}
const MOST = 40; // of each set
const rows = [data, grocery].flatMap((set) =>
  readFileSync(`${set}/catalogue.csv`, 'utf8')
    .trim()
    .split('\n')
    .slice(1, MOST + 1)
    .map((line) => {
      const [id, image, category] = line.split(',');
      return `${path.basename(set)}/${id},${set}/${image},${category}`;
    }),
);
const ITEMS = rows.length;
const droid = path.join(data, 'queries/droid_001.jpg'),
  place = path.join(places, 'queries/query_001.jpg');

async function make(folder) {
  await index(folder.write('catalogue.csv', `id,image,category\n${rows.join('\n')}\n`), `${folder.path}/db`);
  const server = await Server.start(`${folder.path}/db`);
  return { server, url: server.url, close: () => server.stop() };
}

async function bothSchemes(page, where) {
  for (const colorScheme of ['light', 'dark']) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    await axe(page, `${where}, ${colorScheme}`);
  }
}

await run(
  {
    async 'the page is there at once and small'({ page, url }) {
      let best = Infinity;
      for (let i = 0; i < 3; ++i) {
        await page.goto('about:blank');
        await page.goto(url);
        await page.getByRole('heading', { name: 'What does a photo show?' }).waitFor();
        best = Math.min(
          best,
          await page.evaluate(() => performance.getEntriesByName('first-contentful-paint')[0].startTime),
        );
      }
      console.log(`figure: first view ${best.toFixed(0)} ms`);
      assert.ok(best <= 300, `${best} ms`);
      const sizes = await page.evaluate(() =>
        performance.getEntriesByType('resource').map((entry) => entry.decodedBodySize),
      );
      const document_ = await page.evaluate(() => performance.getEntriesByType('navigation')[0].decodedBodySize);
      const all = sizes.reduce((a, b) => a + b, document_);
      console.log(`figure: the page has ${all} bytes`);
      assert.ok(all <= 150_000);
    },

    async 'ask, and the answer names the item and its place'({ page, open }) {
      await open();
      await bothSchemes(page, 'ask');
      await page.setInputFiles('#files', droid);
      await page.getByText('800 × 598 px').waitFor();
      await page.getByText('Filter and options').click();
      await page.getByRole('button', { name: 'Add a condition' }).click();
      await bothSchemes(page, 'ask with a photo');
      await page.getByRole('button', { name: 'Remove this condition' }).click();
      await page.getByRole('button', { name: 'Ask', exact: true }).click();
      await page.getByRole('heading', { level: 1, name: 'smvs-dvd/001' }).waitFor();
      assert.match(
        await page.locator('.verdict').innerText(),
        /Found in this photo\. Almost certain: (>\s)?\d\d\.\d\s%/,
      );
      assert.ok((await page.locator('.outline').count()) >= 1);
      await page.locator('.card.hit img[src]').first().waitFor();
      // Linked both ways.
      const card = page.locator('.card.hit').first(),
        outline = page.locator('.outline.accepted');
      await card.hover();
      assert.match(await outline.getAttribute('class'), /marked/);
      await page.mouse.move(0, 0);
      assert.doesNotMatch(await outline.getAttribute('class'), /marked/);
      await outline.hover();
      assert.match(await card.getAttribute('class'), /marked/);
      await outline.click();
      assert.equal(await page.evaluate(() => document.activeElement.closest('.card').dataset.rank), '1');
      await page.getByText(/^Answered in/).click();
      await page
        .getByRole('cell', { name: 'Verify the best' })
        .or(page.getByRole('rowheader', { name: 'Verify the best' }))
        .waitFor();
      await bothSchemes(page, 'answer');
    },

    async 'not in the catalogue is an answer, with the nearest and why'({ page, open }) {
      await open();
      await askFor(page, place);
      await page.getByRole('heading', { level: 1, name: 'Not in the catalogue' }).waitFor();
      await page.getByRole('heading', { name: 'The nearest, and why they are not it' }).waitFor();
      const why = await page.locator('.why').allInnerTexts();
      assert.ok(why.length > 0 && why.every((text) => text.length > 20), why.join('; '));
      await bothSchemes(page, 'not in the catalogue');
      // Why not, drawn.
      await page
        .getByRole('link', { name: /^See why/ })
        .first()
        .click();
      await page.locator('.sides').waitFor();
      await page
        .getByText(/Not recognised in|Not accepted/)
        .first()
        .waitFor();
      await bothSchemes(page, 'match without a place');
    },

    async 'the match shows points, both pictures over each other, and blocks'({ page, open }) {
      await open();
      await askFor(page, droid);
      await page
        .getByRole('link', { name: /^See why/ })
        .first()
        .click();
      await page.locator('.over-stage canvas').waitFor();
      const agreeing = await page.locator('.sides .agrees').count(),
        others = await page.locator('.sides .disagrees').count();
      assert.ok(agreeing > 50 && others > 5, `${agreeing} and ${others}`);
      // They differ by more than colour.
      assert.equal(await page.locator('.sides .agrees circle').count(), 2 * agreeing);
      assert.equal(await page.locator('.sides .disagrees path').count(), 2 * others);
      assert.notEqual(
        await page
          .locator('.sides .disagrees line')
          .first()
          .evaluate((line) => getComputedStyle(line).strokeDasharray),
        'none',
      );
      // The straightened photo looks like the item: its middle is not empty, and it changes from place to place.
      const seen = await page.locator('.over-stage canvas').evaluate((canvas) => {
        const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
        const item = document.querySelector('.over-stage img'),
          small = document.createElement('canvas');
        small.width = canvas.width;
        small.height = canvas.height;
        const context = small.getContext('2d');
        context.drawImage(item, 0, 0, small.width, small.height);
        const other = context.getImageData(0, 0, small.width, small.height).data;
        let n = 0,
          a = 0,
          b = 0,
          aa = 0,
          bb = 0,
          ab = 0;
        for (let i = 0; i < data.length; i += 4) {
          if (!data[i + 3]) continue;
          const x = data[i] + data[i + 1] + data[i + 2],
            y = other[i] + other[i + 1] + other[i + 2];
          n += 1;
          a += x;
          b += y;
          aa += x * x;
          bb += y * y;
          ab += x * y;
        }
        return (ab / n - (a / n) * (b / n)) / Math.sqrt((aa / n - (a / n) ** 2) * (bb / n - (b / n) ** 2));
      });
      assert.ok(seen > 0.3, `the photo and the item correlate by ${seen}`);
      const clip = () => page.locator('.over-stage canvas').evaluate((canvas) => canvas.style.clipPath);
      await page.getByLabel('Edge between the two').fill('20');
      assert.match(await clip(), /80%/);
      await page.getByRole('button', { name: 'Swap once' }).click();
      const first = await clip();
      await page.getByRole('button', { name: 'Swap once' }).click();
      assert.notEqual(await clip(), first);
      await page.getByLabel('Changes a second').fill('3');
      await page.getByRole('button', { name: 'Blink' }).click();
      const states = new Set();
      const until = Date.now() + 5000;
      while (states.size < 2 && Date.now() < until) states.add(await clip());
      assert.equal(states.size, 2, 'it blinks');
      await page.getByRole('button', { name: 'Blink' }).click();
      assert.ok((await page.locator('.alike').count()) > (await page.locator('.unlike').count()));
      assert.ok((await page.locator('.unlike path').count()) > 0);
      await page.getByText('The points as a table').click();
      assert.equal(await page.locator('.sides-box tbody tr').count(), 100);
      await bothSchemes(page, 'match');
    },

    async 'any two pictures'({ page, open }) {
      await open('#/match');
      await bothSchemes(page, 'match chooser');
      await page.getByRole('button', { name: 'Compare', exact: true }).click(); // nothing chosen
      await page.getByLabel('Photo', { exact: true }).setInputFiles(droid);
      await page.getByRole('button', { name: 'Compare', exact: true }).click();
      await page.getByText('Choose a second picture, or name an item.').waitFor();
      await page.getByLabel('Picture that is sought in it').setInputFiles(path.join(data, 'catalogue/001.jpg'));
      await page.getByRole('button', { name: 'Compare', exact: true }).click();
      await page.locator('.over-stage canvas').waitFor();
      assert.ok((await page.locator('.sides .agrees').count()) > 50);
    },

    async 'the catalogue, an item and its features'({ page, open }) {
      await open('#/items');
      await page.locator('.tile').first().waitFor();
      assert.equal(await page.locator('.tile').count(), 48);
      await page.getByText(`${ITEMS} items with`).waitFor();
      await bothSchemes(page, 'catalogue');
      await page.getByRole('button', { name: 'Next page' }).click();
      await until(page, (n) => document.querySelectorAll('.tile').length === n, ITEMS - 48);
      await page.getByRole('button', { name: 'Previous page' }).click();
      await until(page, () => document.querySelectorAll('.tile').length === 48);
      await page.getByLabel('Id contains').fill('dvd/01');
      await page.getByRole('button', { name: 'Search' }).click();
      await until(page, () => document.querySelectorAll('.tile').length === 10);
      await page.getByText('Filter by metadata').click();
      await page.getByRole('button', { name: 'Add a condition' }).click();
      await page.getByLabel('Column').fill('category');
      await page.getByLabel('is', { exact: true }).fill('Milk');
      await page.getByRole('button', { name: 'Search' }).click();
      await page.getByRole('heading', { name: 'No item fits' }).waitFor();
      await page.getByRole('button', { name: 'Show all' }).click();
      await page.getByRole('link', { name: 'smvs-dvd/001' }).or(page.locator('.tile a').first()).first().click();
      await page.getByRole('button', { name: 'Draw features' }).click();
      await page.locator('.features path').first().waitFor({ state: 'attached' });
      const said = Number(
        (await page.locator('.pictures small').innerText()).match(/([\d,]+) features/)[1].replace(',', ''),
      );
      assert.equal(await page.locator('.features path').count(), said);
      await page
        .getByText('None: photos can tell it from all other items.')
        .or(page.getByText('No photo can tell it from these'))
        .waitFor();
      await bothSchemes(page, 'item');
    },

    async 'the status'({ page, open }) {
      await open('#/status');
      await page.getByText('Ready').first().waitFor();
      await page.locator('.figures').getByText(String(ITEMS), { exact: true }).waitFor();
      await page.getByRole('button', { name: 'Make a snapshot' }).click();
      await page.getByText('Snapshot: Done').waitFor();
      const download = page.waitForEvent('download');
      await page.getByRole('link', { name: /^Download/ }).click();
      const file = await (await download).path();
      assert.ok(existsSync(file) && statSync(file).size > 100_000);
      await bothSchemes(page, 'status');
    },
  },
  { make },
);
