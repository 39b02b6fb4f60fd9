// Match: why a photo and a picture do or do not belong together. The photo is one that was asked, or
// any; the picture is an item's, or any.

import { itemPath, json, query } from './api.js';
import { bar, failure, field, h, refill, say } from './dom.js';
import { KINDS } from './intake.js';
import { laidOver } from './overlay.js';
import { cropOf, photoOf, photos } from './photos.js';
import { pictureAddress } from './pictures.js';
import { sideBySide } from './sides.js';
import { count, likelihood, nameOf, percent, share } from './words.js';

export function matchView(section) {
  const head = h('div', { class: 'verdict' });
  const body = h('div', { class: 'match-body' });
  const chooser = chooserOf((photo, item) => compare(photo, item));
  section.append(head, body, chooser.element);
  let request = null,
    overlay = null;

  function clear() {
    request?.abort();
    overlay?.stop();
    overlay = null;
  }
  async function compare(photo, item, hit) {
    clear();
    request = new AbortController();
    const { signal } = request;
    heading('Comparing …', `${photo.name} and ${item.name}`);
    body.replaceChildren(
      h(
        'p',
        { class: 'loading' },
        h('progress', { 'aria-label': 'Comparing' }),
        ' Matching every feature of both pictures …',
      ),
    );
    try {
      await photo.measured;
      const result = await ask(photo, item, hit, signal);
      item.url ??= await pictureAddress(item.id, item.number);
      if (signal.aborted) return;
      overlay = await show(photo, item, hit, result);
    } catch (problem) {
      if (problem.name === 'AbortError') return;
      heading('Not compared', `${photo.name} and ${item.name}`);
      body.replaceChildren(failure(problem, () => compare(photo, item, hit)));
    }
  }
  function heading(title, text, word = '') {
    head.className = `verdict ${word}`;
    head.replaceChildren(h('h1', {}, title), h('p', {}, text));
  }
  async function show(photo, item, hit, result) {
    // A method that compares pictures as a whole has no points, and its outline is a region of the photo.
    const evidence = hit?.evidence ?? result.evidence,
      isWhole = Boolean(evidence?.similarity);
    const found = Boolean(result.homography) && !isWhole;
    const probability = hit?.probability ?? result.probability;
    const accepted = hit?.accepted ?? result.accepted;
    const reason = hit ? hit.reason_text : result.reason_text;
    heading(
      item.name,
      found || result.polygon
        ? `${likelihood(probability)} (${percent(probability)}) in ${photo.name}.${reason ? ` Not accepted: ${reason}.` : ''}`
        : `Not recognised in ${photo.name}: no place is found where the matched points agree.`,
      accepted ? 'found' : '',
    );
    const laid = found && photo.readable ? await laidOver(photo, item, result) : null;
    refill(
      body,
      h(
        'section',
        { class: 'sheet' },
        h('h2', {}, isWhole ? 'Side by side' : 'Matched points'),
        isWhole &&
          h('p', {}, 'The method of this database compares pictures as a whole, so that there are no points to match.'),
        sideBySide(photo, item, result, !isWhole),
      ),
      laid
        ? laid.elements
        : !isWhole &&
            h(
              'p',
              { class: 'empty' },
              found
                ? 'This browser cannot show the photo, so that the two cannot be laid over each other.'
                : 'Without a place for the item, the two pictures cannot be laid over each other.',
            ),
      evidenceOf(evidence),
    );
    say(`${head.querySelector('h1').textContent}. ${head.querySelector('p').textContent}`);
    return laid;
  }

  function open(path, parameters) {
    const photo = photos.find(Number(path[0]));
    const hit = photo?.answer?.hits.find((other) => other.rank === Number(path[1]));
    chooser.element.hidden = Boolean(hit);
    if (hit)
      return compare(photo, { id: hit.id, number: hit.picture_number, name: nameOf(hit), picture: hit.picture }, hit);
    clear();
    const item = parameters.get('item');
    heading(
      'Compare two pictures',
      'See which points of a photo and of a picture match, and where the two look alike. Nothing is stored.',
    );
    body.replaceChildren();
    if (!item && photos.all.some((other) => other.state === 'done'))
      body.append(
        h(
          'p',
          {},
          'To see why an item was found or not, follow “See why” in an ',
          h('a', { href: '#/answer' }, 'answer'),
          '.',
        ),
      );
    chooser.write(item, Number(parameters.get('picture') ?? 0));
  }
  return { show: open, hide: clear };
}

/** Compares on the server. A small item is compared again with the part of the photo where it was found. */
async function ask(photo, item, hit, signal) {
  if (!item.id) {
    const form = new FormData();
    form.append('photo', photo.file, photo.name);
    form.append('item', item.file, item.name);
    return json('v1/match', { method: 'POST', body: form, signal });
  }
  const send = (crop) =>
    json(itemPath(item.id, `/pictures/${item.number}/match${query([['crop', crop]])}`), {
      method: 'POST',
      body: photo.file,
      headers: { 'Content-Type': 'application/octet-stream' },
      signal,
    });
  const result = await send(cropOf(photo));
  if (result.homography || !hit?.homography || !hit.matches.length || !photo.width) return result;
  const part = await send(around(hit.polygon, photo));
  return part.homography ? part : { ...result, homography: hit.homography, matches: hit.matches, polygon: hit.polygon };
}

function around(polygon, photo) {
  const xs = polygon.map(([x]) => x),
    ys = polygon.map(([, y]) => y);
  const dx = 0.2 * (Math.max(...xs) - Math.min(...xs)),
    dy = 0.2 * (Math.max(...ys) - Math.min(...ys));
  const left = Math.max(0, Math.floor(Math.min(...xs) - dx)),
    top = Math.max(0, Math.floor(Math.min(...ys) - dy));
  return [
    left,
    top,
    Math.min(photo.width, Math.ceil(Math.max(...xs) + dx)) - left,
    Math.min(photo.height, Math.ceil(Math.max(...ys) + dy)) - top,
  ].join(',');
}

// What the decision rests on, with what each number means.
const EVIDENCE = [
  ['inliers', 'Points that agree on one place', (v) => count(v, 'point')],
  ['matches', 'Matched points in all', (v) => count(v, 'point')],
  ['item_coverage', 'Part of the item that the agreeing points span', share, 1],
  ['photo_share', 'Part of the photo’s features inside the outline that agree', share, 1],
  ['agreement', 'Part of the item’s texture that looks alike', share, 1],
  ['descriptor_agreement', 'Part of the item’s details that look alike', share, 1],
  ['sharpness', 'Part of the item’s fine detail that the photo has', share, 1],
  ['visible', 'Part of the item that lies within the photo', share, 1],
  ['colour_differs', 'Part of what looks alike that has other colours', share, 1],
  ['similarity', 'Similarity of the two pictures as a whole', (v) => v.toFixed(3), 1],
];

function evidenceOf(evidence) {
  if (!evidence) return null;
  const rows = EVIDENCE.filter(([name]) => evidence[name] !== 0);
  return h(
    'section',
    { class: 'sheet' },
    h('h2', {}, 'The evidence'),
    h(
      'table',
      {},
      h(
        'tbody',
        {},
        rows.map(([name, label, words, isShare]) =>
          h(
            'tr',
            {},
            h('th', { scope: 'row' }, label),
            h('td', {}, words(evidence[name])),
            h('td', { class: 'bar' }, isShare ? bar(evidence[name]) : ''),
          ),
        ),
      ),
    ),
  );
}

/** Chooses any two pictures, or a photo for an item. */
function chooserOf(go) {
  const photo = h('input', { type: 'file', accept: KINDS, required: true });
  const picture = h('input', { type: 'file', accept: KINDS });
  const id = h('input', { autocomplete: 'off', placeholder: 'or the id of an item' });
  let number = 0;
  const wrong = h('p', { class: 'failure inline', role: 'alert', hidden: true });
  const element = h(
    'form',
    {
      class: 'sheet chooser',
      on: {
        submit: (event) => {
          event.preventDefault();
          const [shot] = photo.files,
            [file] = picture.files;
          wrong.hidden = shot && (file || id.value.trim());
          wrong.textContent = shot ? 'Choose a second picture, or name an item.' : 'Choose a photo.';
          if (!wrong.hidden) return (shot ? picture : photo).focus();
          const item = id.value.trim() ? { id: id.value.trim(), number, name: id.value.trim() } : photoOf(file);
          return go(photoOf(shot), item);
        },
      },
    },
    h(
      'div',
      { class: 'row wide' },
      field('Photo', photo),
      field('Picture that is sought in it', picture),
      field('Item of the catalogue', id),
    ),
    wrong,
    h('div', { class: 'row' }, h('button', { class: 'main' }, 'Compare')),
  );
  return {
    element,
    write(text, n) {
      if (text) id.value = text;
      number = n;
    },
  };
}
