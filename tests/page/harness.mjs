// What the tests of the page share: a server of their own, a browser, and what must never happen: an
// error on the console, or a request that leaves the origin.
//
//   node tests/page/NAME.mjs INLIER NODE_MODULES
//
// Exit 77 means that something is not installed; the last line says what.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const [inlier, modules] = process.argv.slice(2);

function skip(why) {
  console.log(`skipped: ${why}`);
  process.exit(77);
}

const browserPath = ['/usr/bin/chromium', '/usr/bin/chromium-browser'].find(existsSync);
if (!browserPath) skip('chromium is not installed');
if (!existsSync(path.join(modules, 'playwright-core')))
  skip('playwright-core is not there; scripts/page-env installs it');
const require = createRequire(path.join(path.resolve(modules), 'x.js'));
const { chromium } = require('playwright-core');
const axeSource = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');

/** The folder of a real data set, or null. */
export function realData(name) {
  const roots = [process.env.INLIER_DATA, fileURLToPath(new URL('../../../shared/data', import.meta.url))];
  return (
    roots
      .filter(Boolean)
      .map((root) => path.join(root, name))
      .find(existsSync) ?? null
  );
}

/** A folder that goes with the test. */
export class Folder {
  path = mkdtempSync(path.join(tmpdir(), 'inlier-page-'));
  write(name, content) {
    writeFileSync(path.join(this.path, name), content);
    return path.join(this.path, name);
  }
  remove() {
    rmSync(this.path, { recursive: true, force: true });
  }
}

export class Server {
  /** Starts `inlier serve` on a free port of this machine and waits until it is ready. A gateway has no database. */
  static async start(database, flags = []) {
    const server = new Server();
    const where = database ? ['--db', database] : [];
    server.process = spawn(inlier, ['serve', ...where, '--listen', '127.0.0.1:0', '--log', 'none', ...flags], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [line] = await new Promise((resolve) =>
      createInterface(server.process.stdout).once('line', (text) => resolve([text])),
    );
    server.port = Number(line.split(':').at(-1));
    server.url = `http://127.0.0.1:${server.port}/`;
    const until = Date.now() + 20_000;
    while (!(await fetch(`${server.url}readyz`).catch(() => ({ ok: false }))).ok) {
      assert.ok(Date.now() < until, 'the server does not become ready');
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    return server;
  }
  async put(id, pictures, metadata = {}, headers = {}) {
    const body = new FormData();
    for (const [i, picture] of pictures.entries()) body.append('picture', new Blob([picture]), `${i}.png`);
    body.append('metadata', JSON.stringify(metadata));
    const answer = await fetch(`${this.url}v1/items/${encodeURIComponent(id)}`, { method: 'PUT', body, headers });
    assert.ok(answer.ok, await answer.text());
  }
  signal(name) {
    this.process.kill(name);
  }
  async stop() {
    const ended = new Promise((resolve) => this.process.once('exit', resolve));
    this.process.kill('SIGTERM');
    assert.equal(await ended, 0, 'the server ends well');
  }
}

/** Runs another command of the program to its end. */
export async function command(...words) {
  const running = spawn(inlier, words, { stdio: 'ignore' });
  assert.equal(await new Promise((resolve) => running.once('exit', resolve)), 0, words.join(' '));
}

/** Runs an index of a table. */
export const index = (table, database, flags = []) => command('index', table, '--db', database, '--quiet', ...flags);

export async function axe(page, where) {
  await page.evaluate(axeSource);
  const { violations } = await page.evaluate(() => globalThis.axe.run(document, { resultTypes: ['violations'] }));
  const said = violations.map(
    (one) => `${where}: ${one.id}: ${one.help}: ${one.nodes.map((node) => node.html.slice(0, 160)).join(' | ')}`,
  );
  assert.deepEqual(said, []);
}

/** Waits until the page says yes. Playwright's own way needs eval, which the page's policy forbids. */
export async function until(page, condition, value) {
  const end = Date.now() + 15_000;
  while (!(await page.evaluate(condition, value))) {
    assert.ok(Date.now() < end, `still not: ${condition}`);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}

/** Runs the cases one after another, each with a new page of `make`'s server, and ends the process. */
export async function run(cases, { make, options = {} }) {
  const browser = await chromium.launch({
    executablePath: browserPath,
    args: [
      '--no-sandbox',
      '--disable-dev-shm-usage',
      '--use-fake-device-for-media-stream',
      '--use-fake-ui-for-media-stream',
    ],
  });
  const folder = new Folder();
  let failed = 0;
  const world = await make(folder);
  for (const [name, body] of Object.entries(cases)) {
    const began = performance.now();
    const context = await browser.newContext({
      viewport: { width: 1280, height: 860 },
      acceptDownloads: true,
      ...options,
    });
    const page = await context.newPage();
    page.setDefaultTimeout(15_000);
    page.on('filechooser', () => {}); // so that no case is too quick for it
    const wrong = [];
    // A response that a case asks to be bad is named by the browser on the console.
    page.on('console', (message) => {
      if (message.type() === 'error' && !(page.expectsFailures && message.text().startsWith('Failed to load resource')))
        wrong.push(message.text());
    });
    page.on('pageerror', (error) => wrong.push(String(error.stack)));
    page.on('request', (request) => {
      const url = new URL(request.url());
      if (url.protocol !== 'blob:' && url.origin !== new URL(world.url).origin) wrong.push(`left the origin: ${url}`);
    });
    try {
      await body({ page, context, browser, folder, ...world, open: (hash = '') => page.goto(world.url + hash) });
      assert.deepEqual(wrong, []);
      console.log(`passed: ${name} (${Math.round(performance.now() - began)} ms)`);
    } catch (error) {
      ++failed;
      console.log(`FAILED: ${name}\n${error.stack}\n${wrong.join('\n')}`);
    }
    await context.close();
  }
  await browser.close();
  await world.close();
  folder.remove();
  process.exit(failed ? 1 : 0);
}
