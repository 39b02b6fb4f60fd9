// Makes the pictures of docs/page: each view with samples of the OpenCV project, which may be shown.
//
//   node tests/page/screenshots.mjs INLIER NODE_MODULES SAMPLES OUT
//
// SAMPLES is the folder of pictures that scripts/demo unpacks from Debian's package opencv-doc. A photo
// of several items is made of them by the browser itself, in perspective.

import { readFileSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import { Server, run } from './harness.mjs';
import { asFile } from './pictures.mjs';
import { askFor } from './shop.mjs';

const [samples, out] = process.argv.slice(4);
mkdirSync(out, { recursive: true });
const sample = (name) => path.join(samples, name);
const photo = (name) => asFile(name, readFileSync(sample(name)), name.endsWith('png') ? 'image/png' : 'image/jpeg');
const ITEMS = [
  ['tea-box', 'box.png', 'A box of tea', 'product', '3.20'],
  ['starry-night', 'starry_night.jpg', 'The Starry Night', 'painting', '18'],
  ['butterfly', 'butterfly.jpg', 'A butterfly', 'print', '9'],
  ['cards', 'cards.png', 'Playing cards', 'product', '6'],
  ['board', 'board.jpg', 'A circuit board', 'product', '41'],
  ['graffiti', 'graf1.png', 'A painted wall', 'place', ''],
  ['leuven', 'leuvenA.jpg', 'Cars in Leuven', 'place', ''],
  ['aloe', 'aloeL.jpg', 'An aloe in a pot', 'plant', '12'],
  ['home', 'home.jpg', 'A village street', 'place', ''],
  ['baboon', 'baboon.jpg', 'A baboon', 'print', '9'],
  ['fruits', 'fruits.jpg', 'Fruits', 'print', '9'],
  ['stuff', 'stuff.jpg', 'Things on a table', 'print', '7'],
  ['sudoku', 'sudoku.png', 'A sudoku', 'print', '2'],
  ['fish', 'HappyFish.jpg', 'A fish', 'print', '5'],
];

async function make(folder) {
  const server = await Server.start(`${folder.path}/db`);
  for (const [id, file, title, kind, price] of ITEMS)
    await server.put(id, [readFileSync(sample(file))], { title, kind, ...(price && { price }) });
  return { server, url: server.url, close: () => server.stop() };
}

/** Three items on a table, seen from the side. */
async function tablePhoto(browser) {
  const page = await browser.newPage({ viewport: { width: 1200, height: 850 } });
  const source = (name) =>
    `data:image/${name.endsWith('png') ? 'png' : 'jpeg'};base64,${readFileSync(sample(name)).toString('base64')}`;
  const lay = (name, left, top, width, turn) =>
    `<img src="${source(name)}" style="position:absolute;left:${left}px;top:${top}px;width:${width}px;transform:perspective(1100px) ${turn};box-shadow:0 22px 40px #0009;filter:brightness(.93) saturate(.92)">`;
  await page.setContent(
    `<body style="margin:0;height:850px;overflow:hidden;background:radial-gradient(circle at 30% 20%,#b08d62,#6f5137 70%,#513824)">${lay(
      'starry_night.jpg',
      70,
      70,
      560,
      'rotateY(26deg) rotateZ(-5deg)',
    )}${lay('butterfly.jpg', 660, 330, 470, 'rotateX(24deg) rotateY(-16deg) rotateZ(9deg)')}${lay(
      'box.png',
      120,
      560,
      330,
      'rotateX(18deg) rotateZ(14deg)',
    )}</body>`,
  );
  const buffer = await page.screenshot({ type: 'jpeg', quality: 88 });
  await page.close();
  return { name: 'table.jpg', mimeType: 'image/jpeg', buffer };
}

const cases = {};
for (const [name, options] of [
  ['', { viewport: { width: 1120, height: 760 } }],
  ['dark-', { viewport: { width: 1120, height: 760 }, colorScheme: 'dark' }],
  ['phone-', { viewport: { width: 390, height: 844 } }],
]) {
  cases[`views ${name || 'as they are'}`] = async ({ page, browser, open }) => {
    await page.emulateMedia({ colorScheme: options.colorScheme ?? 'light', reducedMotion: 'reduce' });
    await page.setViewportSize(options.viewport);
    const shot = (view) => page.screenshot({ path: `${out}/${name}${view}.jpg`, type: 'jpeg', quality: 72 });
    const table = await tablePhoto(browser);
    await open();
    await page.setInputFiles('#files', [table, photo('building.jpg'), photo('box_in_scene.png')]);
    await page.locator('.asked li').nth(2).getByText('px').waitFor();
    await page.evaluate(() => document.activeElement.blur());
    await shot('ask');
    await askFor(page, []);
    await page.locator('.card.hit img[src]').nth(1).waitFor();
    await shot('answer');
    await open('#/answer/2');
    await page.getByRole('heading', { level: 1, name: 'Not in the catalogue' }).waitFor();
    await page.locator('.card.hit img[src]').first().waitFor();
    await shot('absent');
    await open('#/match/1/1');
    await page.locator('.over-stage canvas').waitFor();
    await shot('match');
    await page.locator('.two').scrollIntoViewIfNeeded();
    await page.evaluate(() => scrollTo(0, document.querySelector('.two').offsetTop - 90));
    await shot('overlay');
    await open('#/items');
    await page.locator('.tile img[src]').nth(3).waitFor();
    await page.mouse.move(0, 0);
    await shot('catalogue');
    await open('#/item/board');
    await page.getByRole('button', { name: 'Draw features' }).click();
    await page.locator('.features path').first().waitFor({ state: 'attached' });
    await shot('item');
    await open('#/status');
    await page.locator('.figures').waitFor();
    await shot('status');
  };
}
await run(cases, { make });
