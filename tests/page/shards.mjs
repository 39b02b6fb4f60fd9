// The status of a gateway: what its shards lack, in words, first; the whole ones summed up, and shown when
// somebody wants to see them; few and many, on a wide and on a narrow screen.

import assert from 'node:assert/strict';
import { renameSync } from 'node:fs';
import { Server, axe, command, index, run, until } from './harness.mjs';
import { drawing, png } from './pictures.mjs';

const ITEMS = 12,
  SHARDS = 2;

/** A gateway of two shards, and what writes its table. */
async function make(folder) {
  const rows = Array.from({ length: ITEMS }, (_, i) => {
    folder.write(`${i}.png`, png(drawing(i + 1)));
    return `item-${i},${i}.png`;
  });
  const table = (name, kept) => folder.write(`${name}.csv`, `id,image\n${kept.join('\n')}\n`);
  await index(table('all', rows), `${folder.path}/all`);
  await command('vocabulary', '--db', `${folder.path}/all`, '--out', `${folder.path}/vocabulary`);
  const servers = [];
  for (let i = 0; i < SHARDS; ++i) {
    const part = table(
      `part-${i}`,
      rows.filter((_, k) => k % SHARDS === i),
    );
    await index(part, `${folder.path}/shard-${i}`, ['--vocabulary', `${folder.path}/vocabulary`]);
    servers.push(await Server.start(`${folder.path}/shard-${i}`));
  }
  const whole = () => ({
    version: 1,
    collection_version: 7,
    writer: `http://127.0.0.1:${servers[0].port}`, // any server takes changes
    shards: servers.map((server, shard) => ({
      shard,
      items: ITEMS / SHARDS,
      replicas: [{ url: `http://127.0.0.1:${server.port}`, epoch: 0, applied: 7 }],
    })),
  });
  const write = (placement) => {
    folder.write('placement.new', JSON.stringify(placement));
    renameSync(`${folder.path}/placement.new`, `${folder.path}/placement`);
  };
  write(whole());
  const gateway = await Server.start(null, ['--cluster', `${folder.path}/placement`]);
  const close = async () => {
    for (const server of [gateway, ...servers]) await server.stop();
  };
  return { gateway, servers, whole, write, url: gateway.url, close };
}

const replicas = (...applied) => applied.map((one, i) => ({ server: `10.0.${i}.7:8101`, epoch: 1, applied: one }));

/** What /v1/cluster says of many shards, of which some are in trouble. */
function many(version = 1042) {
  const shards = Array.from({ length: 256 }, (_, shard) => ({ shard, items: 390_625, replicas: replicas(1042, 1042) }));
  shards[9].replicas = replicas(1042);
  shards[77].replicas = [];
  shards[200].replicas = replicas(1042, 12);
  shards[200].replicas[1].server = '<b>not markup</b>:8101';
  return { ready: false, not_ready: 'shards_missing', collection_version: version, items: 100_000_000, shards };
}

const say = (page, told) => page.route(/v1\/cluster$/, (route) => route.fulfill({ json: told() }));
const firsts = (page) => page.locator('.shards > table tbody th').allInnerTexts();

async function fits(page, where) {
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  assert.ok(wide <= 0, `${where} is ${wide} px too wide`);
}

await run(
  {
    async 'shards that are whole, and one that is lost and comes back'({ page, open, whole, write, servers }) {
      page.expectsFailures = true; // without a shard there are no figures
      await open('#/status');
      await page.getByRole('heading', { name: 'Shards' }).waitFor();
      await page.getByText('2 shards with 12 items, up to change 7. No server is behind.').waitFor();
      assert.equal(await page.locator('.shards .missing').count(), 0);
      assert.match(
        await page.locator('.figures').innerText(),
        /Items\s+12\s+12 pictures[^]*Shards\s+2\s+2 of them served/,
      );
      for (const heading of ['Jobs', 'Snapshots'])
        assert.equal(await page.getByRole('heading', { name: heading }).count(), 0, 'a gateway has none yet, or ever');
      await page.getByText('2 shards without trouble, 12 items').click();
      await page.getByText(`127.0.0.1:${servers[1].port}`).waitFor();

      const lost = whole();
      lost.shards[1].replicas = [];
      write(lost);
      await page.getByText('Nobody serves it.').waitFor();
      assert.deepEqual(await firsts(page), ['1']);
      await page.getByText('Not ready: shards missing').waitFor();
      await fits(page, 'a lost shard');
      for (const colorScheme of ['light', 'dark']) {
        await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
        await axe(page, `a lost shard, ${colorScheme}`);
      }
      write(whole());
      await page.getByText('2 shards without trouble, 12 items').first().waitFor();
      assert.equal(await page.locator('.shards .missing').count(), 0);
    },

    async 'the catalogue of all shards'({ page, open }) {
      await open('#/items');
      await page
        .locator('.tile')
        .nth(ITEMS - 1)
        .waitFor();
      assert.equal(await page.locator('.tile').count(), ITEMS);
    },

    async 'an import goes through the writer'({ page, open, url }) {
      await open('#/items');
      await page.getByRole('button', { name: 'Import a table' }).click();
      const table = { name: 'shop.csv', mimeType: 'text/csv', buffer: Buffer.from('id,image\nnew,new.png\n') };
      const picture = { name: 'new.png', mimeType: 'image/png', buffer: png(drawing(99)) };
      await page.getByLabel('Table or archive').setInputFiles(table);
      await page.getByLabel('Pictures of a table').setInputFiles([picture]);
      await page.getByRole('dialog').getByRole('button', { name: 'Import' }).click();
      await page.waitForURL(/#\/status/);
      await page.getByText('Import: Done').waitFor();
      assert.equal((await fetch(`${url}v1/items/new`)).status, 200);
      await fetch(`${url}v1/items/new`, { method: 'DELETE' });
    },

    async 'many shards: those with trouble first, the others when they are wanted'({ page, open }) {
      await say(page, many);
      await open('#/status');
      await page.getByText('256 shards with 100,000,000 items, up to change 1,042.').waitFor();
      await page.getByText('The slowest server is 1,030 changes behind.').waitFor();
      // At the first look it is not known which server only needs a moment.
      assert.deepEqual(await firsts(page), ['77', '9']);
      await page.getByText('It has 1 server, others have 2.').waitFor();
      const fold = page.locator('.shards summary');
      assert.equal(await fold.innerText(), '254 shards without trouble, 99,218,750 items');
      assert.equal(await page.locator('.shards tbody tr').count(), 2, 'no row is made that is not seen');
      await fold.click();
      await until(page, () => document.querySelectorAll('.shards tbody tr').length === 256);
      await page.getByText('<b>not markup</b>:8101').waitFor();
      await axe(page, 'many shards');
      await page.setViewportSize({ width: 360, height: 800 });
      await fits(page, 'many shards, narrow');
      // The view is drawn again and again, and stays as the person has left it; the late one has moved up.
      await until(page, () => document.querySelectorAll('.shards details[open] tbody tr').length === 253);
      assert.equal(await page.evaluate(() => document.activeElement.dataset.name), 'whole');
    },

    async 'who does not catch up is told from who needs a moment'({ page, open }) {
      let version = 1042;
      await say(page, () => {
        const told = many(version);
        for (const shard of told.shards)
          for (const one of shard.replicas) if (one.applied > 1000) one.applied = version - 1;
        ++version;
        return told;
      });
      await open('#/status');
      await page.getByText('1 server does not catch up with changes.').waitFor();
      assert.deepEqual(await firsts(page), ['77', '9', '200']);
      assert.match(await page.locator('.shards > table').innerText(), /change 12, 1,03\d behind/);
    },

    async 'when all are in trouble, the first of them are shown'({ page, open }) {
      await say(page, () => {
        const told = many();
        for (const shard of told.shards) shard.replicas = [];
        return { ...told, not_ready: 'fenced' };
      });
      await open('#/status');
      await page.getByText('Nobody renews the table of shards any more').waitFor();
      assert.equal((await firsts(page)).length, 12);
      await page.getByText('244 more that lack something').first().click();
      await until(page, () => document.querySelectorAll('.shards tbody tr').length === 256);
    },

    async 'a shard that does not answer keeps nobody waiting'({ page, open }) {
      await page.route(/v1\/stats$/, () => {});
      await open('#/status');
      await page.getByRole('heading', { name: 'Shards' }).waitFor({ timeout: 4000 });
      assert.match(await page.locator('.figures').innerText(), /Items\s+12\s+Shards/);
    },

    async 'nothing is shown where there is no cluster'({ page, open }) {
      page.expectsFailures = true;
      await page.route(/v1\/cluster$/, (route) => route.fulfill({ status: 404, json: { detail: 'no gateway' } }));
      await open('#/status');
      await page.locator('.figures').waitFor();
      assert.equal(await page.getByRole('heading', { name: 'Shards' }).count(), 0);
      assert.equal(await page.getByRole('alert').count(), 0);
    },
  },
  { make },
);
