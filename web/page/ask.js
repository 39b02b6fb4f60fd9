// Ask: photos come in (intake.js), are cropped if one likes, and sent.

import { button, field, h, refill, say } from './dom.js';
import { cropper } from './crop.js';
import { conditions } from './filter.js';
import { intake } from './intake.js';
import { photos } from './photos.js';
import { bytes, count } from './words.js';

export function askView(section) {
  const drop = intake(section, receive);
  const list = h('ul', { class: 'asked' });
  const filter = filterBox();
  const go = button('Ask', ask, { class: 'main' });
  const clear = button('Remove all', () => [...photos.all].forEach((photo) => photos.remove(photo)));
  const actions = h('div', { class: 'row actions' }, go, clear);
  section.append(
    h('h1', {}, 'What does a photo show?'),
    h(
      'p',
      { class: 'lead' },
      'Inlier looks for the items of its catalogue in your photo, says where they are and how sure it is – or that none of them is there.',
    ),
    drop,
    list,
    filter,
    actions,
  );

  function receive(files) {
    if (!files.length) return;
    photos.add(files);
    say(`${count(files.length, 'photo')} added.`);
    go.focus({ preventScroll: true });
  }
  async function ask() {
    if (go.getAttribute('aria-disabled') === 'true') return; // they are being asked already
    say('Asking.');
    const asked = await photos.ask();
    const first = [...asked, ...photos.all].find((photo) => photo.state === 'done');
    const failed = asked.filter((photo) => photo.state === 'failed');
    if (first && !section.hidden && !failed.length) location.hash = `#/answer/${first.number}`;
    else if (failed.length) say(`${count(failed.length, 'photo')} could not be asked.`);
  }

  const rows = new Map();
  function draw() {
    for (const [photo, row] of rows) {
      if (photos.all.includes(photo)) continue;
      row.element.remove();
      rows.delete(photo);
    }
    for (const photo of photos.all) {
      if (!rows.has(photo)) {
        rows.set(photo, photoRow(photo));
        list.append(rows.get(photo).element);
      }
      rows.get(photo).draw();
    }
    const busy = photos.all.some((photo) => photo.state === 'asking' || photo.state === 'waiting');
    list.hidden = actions.hidden = filter.hidden = photos.all.length === 0;
    drop.classList.toggle('small', photos.all.length > 0);
    const left = photos.unanswered().length;
    go.textContent = busy ? 'Asking …' : left > 1 ? `Ask ${left} photos` : left ? 'Ask' : 'See the answers';
    go.setAttribute('aria-disabled', String(busy));
    clear.hidden = busy;
  }
  photos.addEventListener('change', draw);
  draw();
  return {};
}

function photoRow(photo) {
  const image = h('img', { src: photo.url, alt: '' });
  const facts = h('small', {});
  const state = h('div', { class: 'state' });
  const crop = button('Crop', async () => {
    await cropper(photo);
    photos.changed();
  });
  const element = h(
    'li',
    {},
    h('span', { class: 'thumb' }, image),
    h('div', { class: 'grow' }, h('strong', {}, photo.name), facts, state),
    h(
      'div',
      { class: 'row' },
      crop,
      button('Remove', () => photos.remove(photo), { 'aria-label': `Remove ${photo.name}` }),
    ),
  );
  crop.setAttribute('aria-label', `Crop ${photo.name}`);
  photo.measured.then(() => {
    element.classList.toggle('unreadable', !photo.readable);
    draw();
  });
  function draw() {
    const size = photo.width ? `${photo.width} × ${photo.height} px, ` : '';
    facts.textContent =
      size +
      bytes(photo.file.size) +
      (photo.crop ? `, cropped to ${photo.crop.width} × ${photo.crop.height} px` : '') +
      (photo.readable === false && photo.state !== 'failed'
        ? '. This browser cannot show it; the server may read it.'
        : '');
    crop.disabled = !photo.readable || photo.state === 'asking';
    refill(state, stateOf(photo));
  }
  return { element, draw };
}

function stateOf(photo) {
  if (photo.state === 'waiting') return ['Waits for its turn.'];
  if (photo.state === 'asking')
    return [
      h('progress', { 'aria-label': `Asking ${photo.name}` }),
      ' ',
      photo.note || 'Looking …',
      ' ',
      button('Stop', () => photo.abort.abort()),
    ];
  if (photo.state === 'failed')
    return [
      h(
        'span',
        { class: 'failure inline', role: 'alert' },
        h('strong', {}, photo.problem.title),
        ' ',
        photo.problem.detail,
      ),
    ];
  if (photo.state === 'done') {
    const found = photo.answer.accepted_count;
    return [
      h(
        'a',
        { href: `#/answer/${photo.number}`, class: found ? 'good' : '' },
        found ? `Found ${count(found, 'item')}` : 'Not in the catalogue',
      ),
    ];
  }
  return [];
}

/** Which items may be found, and how to look. */
function filterBox() {
  const filter = conditions(() => {
    photos.filter = filter.read();
    photos.changed();
  }, 'ask');
  const top = h('input', {
    type: 'number',
    min: 1,
    max: 1000,
    value: photos.top,
    on: {
      change: () => {
        photos.top = Math.min(1000, Math.max(1, Math.round(Number(top.value)) || 10));
        top.value = photos.top;
        photos.changed();
      },
    },
  });
  const exact = h('input', {
    type: 'checkbox',
    on: {
      change: () => {
        photos.exact = exact.checked;
        photos.changed();
      },
    },
  });
  return h(
    'details',
    { class: 'fold' },
    h('summary', {}, 'Filter and options'),
    filter.element,
    h(
      'div',
      { class: 'row wide' },
      field('Hits at most', top),
      h('label', { class: 'check' }, exact, ' Compare with every item (slow, for small catalogues)'),
    ),
  );
}
