// Behind nginx, below /shop/, as docs/SERVER.md sets it up: with ids that have a slash, and with changes.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';
import { run } from './harness.mjs';
import { asFile, drawing, png } from './pictures.mjs';
import { askFor, shelfPhoto, shop } from './shop.mjs';

const nginx = ['/usr/sbin/nginx', '/usr/bin/nginx'].find(existsSync);
if (!nginx) {
  console.log('skipped: nginx is not installed');
  process.exit(77);
}

const freePort = () =>
  new Promise((resolve) => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });

/** The part of docs/SERVER.md that is about a path below the root. */
function documented(port) {
  const text = readFileSync(fileURLToPath(new URL('../../docs/SERVER.md', import.meta.url)), 'utf8');
  const block = text.match(/```\n(map \$request_uri[\s\S]*?)```/)[1];
  const [map, ...rest] = block.split('\n\n');
  return { map, location: rest.join('\n').replace('http://inlier', `http://127.0.0.1:${port}`) };
}

async function make(folder) {
  const inner = await shop(() => ['--trusted-proxies', '127.0.0.1'])(folder);
  const port = await freePort();
  const { map, location } = documented(inner.server.port);
  const file = folder.write(
    'nginx.conf',
    `daemon off; master_process off; pid ${folder.path}/nginx.pid; error_log stderr crit;
events {}
http {
  access_log off; client_body_temp_path ${folder.path}/body; proxy_temp_path ${folder.path}/proxy; fastcgi_temp_path ${folder.path}/f; uwsgi_temp_path ${folder.path}/u; scgi_temp_path ${folder.path}/s;
  ${map}
  server { listen 127.0.0.1:${port}; client_max_body_size 0; ${location} }
}
`,
  );
  const proxy = spawn(nginx, ['-c', file, '-e', 'stderr'], { stdio: ['ignore', 'ignore', 'inherit'] });
  const url = `http://127.0.0.1:${port}/shop/`;
  const until = Date.now() + 10_000;
  while (!(await fetch(`${url}livez`).catch(() => ({ ok: false }))).ok)
    assert.ok(Date.now() < until, 'nginx does not answer');
  return {
    ...inner,
    url,
    close: async () => {
      const ended = new Promise((resolve) => proxy.once('exit', resolve));
      proxy.kill('SIGTERM');
      await ended;
      await inner.close();
    },
  };
}

await run(
  {
    async 'the whole way below a path'({ page, open }) {
      await open();
      await askFor(page, shelfPhoto());
      await page.getByRole('heading', { level: 1, name: '2 items found' }).waitFor();
      await page.locator('.card.hit img[src]').first().waitFor();
      await page.getByRole('link', { name: 'See why: ware/cup' }).click();
      await page.locator('.over-stage canvas').waitFor();
      await page.getByRole('link', { name: 'Catalogue' }).click();
      await page.getByRole('link', { name: 'ware/cup' }).click();
      await page.getByRole('button', { name: 'Draw features' }).first().click();
      await page.locator('.features path').first().waitFor({ state: 'attached' });
      assert.equal(new URL(page.url()).pathname, '/shop/');
    },

    async 'changes and jobs'({ page, open, server }) {
      await open('#/items');
      await page.getByRole('button', { name: 'Add an item' }).click();
      await page.getByLabel('Id', { exact: false }).last().fill('new/mug');
      await page.getByLabel('Pictures').setInputFiles(asFile('a.png', png(drawing(31))));
      await page.getByRole('dialog').getByRole('button', { name: 'Add', exact: true }).click();
      await page.getByRole('link', { name: 'new/mug' }).waitFor();
      assert.equal((await fetch(`${server.url}v1/items/new%2Fmug`)).status, 200);
      await page.getByRole('link', { name: 'Status' }).click();
      await page.getByRole('button', { name: 'Make a snapshot' }).click();
      await page.getByText('Snapshot: Done').waitFor();
      const download = page.waitForEvent('download');
      await page.getByRole('link', { name: /^Download/ }).click();
      assert.equal(await (await download).failure(), null);
    },
  },
  { make },
);
