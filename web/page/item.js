// One item: its pictures with their features, its metadata, its twins, and changes of it.

import { itemPath, json, query } from './api.js';
import { addPictures, editMetadata, removeItems, removePicture, replacePictures } from './change.js';
import { button, failure, h, refill, say, svg } from './dom.js';
import { may } from './key.js';
import { picture, pictureAddress } from './pictures.js';
import { count, nameOf } from './words.js';

export function itemView(section) {
  let id = '',
    request = null,
    shown = null;
  const body = h('div', { class: 'item-body' });
  section.append(body);

  async function refresh() {
    request?.abort();
    request = new AbortController();
    const { signal } = request;
    shown = null;
    body.replaceChildren(h('p', { class: 'loading' }, h('progress', { 'aria-label': 'Loading' }), ' Loading …'));
    try {
      const item = await json(itemPath(id), { signal });
      shown = item;
      refill(body, draw(item));
      const place = body.querySelector('.twins-place');
      twinsOf(id, signal).then(
        (twins) => refill(place, twins),
        (problem) => problem.name !== 'AbortError' && refill(place, h('p', {}, problem.detail)),
      );
    } catch (problem) {
      if (problem.name !== 'AbortError')
        body.replaceChildren(
          h('h1', {}, id),
          failure(problem, refresh),
          h('p', {}, h('a', { class: 'button', href: '#/items' }, 'Back to the catalogue')),
        );
    }
  }
  const after = (change) => async () => (await change()) && refresh();

  function draw(item) {
    const name = nameOf(item);
    document.title = `${name} – Inlier`;
    const metadata = Object.entries(item.metadata);
    return [
      h(
        'div',
        { class: 'heading' },
        h('p', {}, h('a', { href: '#/items' }, 'Catalogue')),
        h('h1', {}, name),
        h(
          'p',
          { class: 'lead' },
          name === item.id ? '' : `${item.id}, `,
          `${count(item.pictures.length, 'picture')}, ${count(item.features, 'feature')}`,
          item.features === 0 && ': no photo can find it',
        ),
      ),
      may.write &&
        h(
          'div',
          { class: 'row' },
          button(
            'Edit metadata',
            after(() => editMetadata(item)),
          ),
          button(
            'Add pictures',
            after(() => addPictures(item)),
          ),
          button(
            'Replace pictures',
            after(() => replacePictures(item)),
          ),
          button(
            'Remove item',
            async () => {
              if (await removeItems([item.id], item.version)) location.hash = '#/items';
            },
            { class: 'danger' },
          ),
        ),
      h(
        'div',
        { class: 'item-grid' },
        h(
          'ul',
          { class: 'pictures' },
          item.pictures.map((one, number) => pictureOf(item, one, number)),
        ),
        h(
          'div',
          { class: 'item-facts' },
          h(
            'section',
            { class: 'sheet' },
            h('h2', {}, 'Metadata'),
            metadata.length
              ? h(
                  'dl',
                  {},
                  metadata.map(([column, value]) => [h('dt', {}, column), h('dd', {}, value)]),
                )
              : h('p', {}, 'It has none.'),
          ),
          h(
            'section',
            { class: 'sheet' },
            h('h2', {}, 'Twins'),
            h('div', { class: 'twins-place' }, h('p', {}, 'Looking …')),
          ),
        ),
      ),
    ];
  }

  function pictureOf(item, one, number) {
    const points = svg('svg', {
      viewBox: `0 0 ${one.width} ${one.height}`,
      class: 'features',
      role: 'img',
      'aria-label': `${one.features} features of the picture`,
      hidden: true,
    });
    const image = h('img', { alt: `Picture ${number + 1} of ${item.id}` });
    const stage = h('div', { class: 'feature-stage' }, image, points);
    stage.style.aspectRatio = `${one.width} / ${one.height}`;
    stage.style.maxWidth = `calc(480px * ${Math.min(1, one.width / one.height)})`;
    pictureAddress(item.id, number, item.version).then(
      (address) => {
        image.src = address;
      },
      () => stage.classList.add('missing'),
    );
    const show = button(
      'Draw features',
      async () => {
        const on = points.hasAttribute('hidden');
        try {
          if (on && !points.childNodes.length)
            points.append(...featuresOf(await json(itemPath(item.id, `/pictures/${number}/features`)), one));
          points.toggleAttribute('hidden', !on);
          show.setAttribute('aria-pressed', String(on));
          say(on ? `${count(one.features, 'feature')} drawn.` : 'The features are hidden.');
        } catch (problem) {
          show.replaceWith(failure(problem));
        }
      },
      { 'aria-pressed': 'false' },
    );
    return h(
      'li',
      { class: 'sheet' },
      stage,
      h(
        'p',
        {},
        h('strong', {}, one.picture === one.content_hash ? `Picture ${number + 1}` : one.picture.split('/').at(-1)),
        h('br', {}),
        h('small', {}, `${one.width} × ${one.height} px, ${count(one.features, 'feature')}`),
      ),
      h(
        'div',
        { class: 'row' },
        one.features > 0 && show,
        h(
          'a',
          { class: 'button', href: `#/match?${new URLSearchParams({ item: item.id, picture: number })}` },
          'Compare with a photo',
        ),
        may.write &&
          item.pictures.length > 1 &&
          button(
            'Remove',
            after(() => removePicture(item, number)),
            { class: 'danger', 'aria-label': `Remove picture ${number + 1}` },
          ),
      ),
    );
  }

  document.addEventListener('role', () => {
    if (!section.hidden && shown) refresh();
  });
  return {
    show(path) {
      id = path[0] ?? '';
      refresh();
    },
    hide: () => request?.abort(),
  };
}

/** Circles with the size of what a feature describes, and a line to where it points. */
function featuresOf({ features }) {
  return features.map(([x, y, size, angle]) => {
    const r = size / 2,
      cx = x + 0.5,
      cy = y + 0.5;
    return svg('path', {
      d: `M${cx - r} ${cy}a${r} ${r} 0 1 0 ${2 * r} 0a${r} ${r} 0 1 0 ${-2 * r} 0M${cx} ${cy}L${(cx + r * Math.cos(angle)).toFixed(1)} ${(cy + r * Math.sin(angle)).toFixed(1)}`,
    });
  });
}

async function twinsOf(id, signal) {
  const { groups } = await json(`v1/twins${query([['id', id]])}`, { signal, quiet: true });
  const ids = [...new Set(groups.flatMap((group) => group.ids))].filter((other) => other !== id);
  if (!ids.length) return [h('p', {}, 'None: photos can tell it from all other items.')];
  return [
    h('p', {}, 'No photo can tell it from these, since their pictures are the same or look the same.'),
    h(
      'ul',
      { class: 'grid small' },
      ids
        .slice(0, 60)
        .map((other) =>
          h(
            'li',
            { class: 'tile' },
            h('a', { href: `#/item/${encodeURIComponent(other)}` }, picture(other, 0), h('strong', {}, other)),
          ),
        ),
    ),
    ids.length > 60 && h('p', {}, `And ${ids.length - 60} more.`),
  ];
}
