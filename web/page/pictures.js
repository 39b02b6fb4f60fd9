// The small pictures of items. They need the key, which an address cannot carry, so they are fetched
// and shown as blobs: when they come into view, six at a time, and each only once.

import { itemPath, send } from './api.js';
import { h } from './dom.js';

const kept = new Map(); // path → promise of a blob's address
const MOST_KEPT = 600;
let running = 0;
const waiting = [];

function next() {
  while (running < 6 && waiting.length) {
    ++running;
    waiting
      .shift()()
      .finally(() => {
        --running;
        next();
      });
  }
}

function load(path) {
  if (!kept.has(path)) {
    if (kept.size >= MOST_KEPT) {
      const [oldest, address] = kept.entries().next().value;
      kept.delete(oldest);
      address.then(URL.revokeObjectURL, () => {});
    }
    const address = new Promise((resolve, reject) => {
      waiting.push(async () => {
        try {
          resolve(URL.createObjectURL(await (await send(path, { quiet: true })).blob()));
        } catch (problem) {
          kept.delete(path);
          reject(problem);
        }
      });
    });
    kept.set(path, address);
    next();
  }
  return kept.get(path);
}

/** The address of a picture's blob. `version` changes when the picture does. */
export const pictureAddress = (id, number, version = '') =>
  load(itemPath(id, `/pictures/${number}/preview`) + (version && `#${version}`));

const seen = new IntersectionObserver(
  (entries) => {
    for (const entry of entries) {
      if (!entry.isIntersecting) continue;
      seen.unobserve(entry.target);
      entry.target.show?.();
    }
  },
  { rootMargin: '200px' },
);

/** A picture of an item. What it shows is said beside it, so that it has no text of its own. */
export function picture(id, number, version) {
  const image = h('img', { alt: '', decoding: 'async' });
  const frame = h('span', { class: 'thumb' }, image);
  frame.show = async () => {
    try {
      image.src = await pictureAddress(id, number, version);
    } catch {
      frame.classList.add('missing');
    }
  };
  seen.observe(frame);
  return frame;
}
